"""Forms, their results in a time range, and one result with its answers."""

from typing import Any

import pytest

from connector.resolving.form_results import answers_in
from tests.desk import Desk
from workbench.simulator.clock import DAY, wire


def moment(ticks: int) -> str:
    """ISO 8601 to the second."""
    return wire(ticks)[:19] + "Z"


def test_a_form_is_got_by_name_with_its_questions(desk: Desk) -> None:
    form = desk.call("GetForm", formId="new STARTER", onBehalfOf="member:14").json

    assert (form["id"], form["name"], form["isReadOnly"]) == (801, "New starter", False)
    questions = {one["identifier"]: one for one in form["results"]}
    assert questions["full_name"]["isRequired"]
    assert questions["systems"]["choiceNames"][0] == "Microsoft 365"
    assert questions["systems"]["choiceIds"] == ["m365", "vpn", "erp", "other"]


def test_forms_and_choices_are_listed(desk: Desk) -> None:
    assert {one["id"]: one["name"] for one in desk.call("ListForms").json["results"]} == {
        "801": "New starter",
        "802": "Feedback",
    }
    choices = desk.call("ListFormFieldChoices", form="New starter", field="needs_laptop").json
    assert {one["id"]: one["name"] for one in choices["results"]} == {"yes": "Yes", "no": "No"}
    assert desk.call("ListFormFieldChoices", form="New starter", field="nothing").status == 404


def test_results_of_a_time_range_are_found_page_by_page(desk: Desk) -> None:
    now = desk.simulator.clock.now()
    after, before = now - 20 * DAY, now - 10 * DAY
    expected = [one.id for one in desk.tenant.forms[801].results.values() if after <= one.submitted_on < before]

    find: dict[str, Any] = {
        "formId": "New starter",
        "submittedAfter": moment(after),
        "submittedBefore": moment(before),
        "onBehalfOf": "member:14",
    }
    first = desk.call("FindFormResults", take=6, **find).json
    second = desk.call("FindFormResults", formId="New starter", continuation=first["continuation"]).json

    assert [one["id"] for one in [*first["results"], *second["results"]]] == expected
    made = desk.tenant.forms[801].results[expected[0]]
    assert first["results"][0]["contactId"] == made.contact_id
    assert "notice" not in first


def test_a_result_has_its_answers_under_their_identifiers(desk: Desk) -> None:
    stored = next(one for one in desk.tenant.forms[801].results.values() if one.ticket_id and one.answers["about"])

    result = desk.call("GetFormResult", formId="801", resultId=stored.id).json

    assert (result["id"], result["formId"], result["form"]) == (stored.id, 801, "New starter")
    assert (result["ticketId"], result["contactId"]) == (stored.ticket_id, stored.contact_id)
    assert result["answers"]["full_name"] == stored.answers["full_name"]
    assert result["answers"]["systems"] == "Microsoft 365;VPN"


def test_questions_without_an_answer_are_left_out(desk: Desk) -> None:
    stored = next(one for one in desk.tenant.forms[801].results.values() if not one.answers["about"])

    assert "about" not in desk.call("GetFormResult", formId="801", resultId=stored.id).json["answers"]


def test_the_schema_of_a_form_names_its_answers(desk: Desk) -> None:
    schema = desk.call("GetFormResultSchema", form="801").json["schema"]

    assert schema["type"] == "object"
    assert {"full_name", "first_day", "systems"} <= set(schema["properties"])
    assert schema["properties"]["full_name"]["type"] == "string"
    assert schema["properties"]["form"]["properties"]["id"]["type"] == "integer"


def test_a_site_without_the_newer_schema_routes_answers_the_older_ones(desk: Desk) -> None:
    desk.simulator.add_fault(kind="status", path="/schema2/", status=404, times=1)

    schema = desk.call("GetFormResultSchema", form="801").json["schema"]

    assert "full_name" in schema["properties"]


def test_a_form_or_result_that_is_not_there(desk: Desk) -> None:
    assert desk.call("GetForm", formId="No such form", onBehalfOf="member:14").code == "FormNotFound"
    assert desk.call("GetFormResult", formId="801", resultId=17).code == "ResultNotFound"
    assert desk.call("GetForm", formId="801").code == "UserNeeded"


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"submittedAfter": "2026-01-01T00:00:00Z"},
        {"submittedBefore": "2026-01-01T00:00:00Z"},
        {"submittedAfter": "2026-01-01T00:00:00Z", "submittedBefore": "2026-02-01T00:00:00Z"},
    ],
)
def test_a_time_range_always_has_both_ends(desk: Desk, given: dict[str, Any]) -> None:
    """The only published caller sends both; what one end alone means is unknown."""
    answer = desk.call("FindFormResults", formId="New starter", onBehalfOf="member:14", **given)

    assert answer.status == 200
    sent = next(call.body for call in reversed(desk.simulator.calls) if call.path.endswith("/results/find"))
    span = sent["timeRange"]
    assert span["startTime"] < span["endTime"]
    assert span["startTime"] == given.get("submittedAfter", span["startTime"])
    assert span["endTime"] == given.get("submittedBefore", span["endTime"])


def test_the_form_of_a_ticket_is_found_by_its_number(desk: Desk) -> None:
    stored = next(one for one in desk.tenant.forms[801].results.values() if one.ticket_id)

    found = desk.call("GetTicketFormResult", ticketId=stored.ticket_id, onBehalfOf="member:14")

    assert found.status == 200, found.json
    assert (found.json["id"], found.json["formId"], found.json["ticketId"]) == (stored.id, 801, stored.ticket_id)
    assert found.json["answers"]["full_name"] == stored.answers["full_name"]
    named = desk.call("GetTicketFormResult", ticketId=stored.ticket_id, form="New starter", onBehalfOf="member:14")
    assert named.json["id"] == stored.id


def test_a_ticket_without_a_form_says_so(desk: Desk) -> None:
    made = {one.ticket_id for one in desk.tenant.forms[801].results.values()}
    ticket = next(one for one in desk.tenant.tickets if one not in made)

    refused = desk.call("GetTicketFormResult", ticketId=ticket, onBehalfOf="member:14")

    assert (refused.status, refused.code) == (404, "FormResultNotFound")
    assert f"belongs to ticket {ticket}" in refused.json["message"]
    assert desk.call("GetTicketFormResult", ticketId=4, onBehalfOf="member:14").code == "TicketNotFound"


def test_answers_are_what_was_answered_and_nothing_else(desk: Desk) -> None:
    form = desk.tenant.forms[801]
    stored = next(one for one in form.results.values() if one.ticket_id)

    result = desk.call("GetFormResult", formId="801", resultId=stored.id).json

    assert result["answers"].keys() <= {field.identifier for field in form.fields}


def test_a_question_may_be_called_like_a_part_of_the_result() -> None:
    content = {
        "form": {"id": 801, "name": "Starter"},
        "contact": "Jane",
        "id": 7,
        "submittedAt": "2026-01-01",
        "a": "b",
    }

    assert answers_in(content) == {"contact": "Jane", "a": "b"}
