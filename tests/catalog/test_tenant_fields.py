"""The tenant's own fields and names: sent under what the site calls them, offered where we have none, never lost."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.catalog import operations
from connector.catalog.tenant_fields import ANSWERS, BODIES
from connector.operations.signature import signature_of
from tests.desk import Answer, Desk, generous
from workbench.simulator.records import Edition

OWN_FIELDS = [("tokity", "assetTag"), ("psa", "configurationItem")]
EMPTY = {"type": "object", "properties": {}}


def headers(desk: Desk, edition: str) -> dict[str, str]:
    return desk.headers(desk.simulator.tokity_key if edition == "tokity" else desk.simulator.psa_key)


def rename(desk: Desk, **names: str) -> None:
    """Give fields of the Tokity site other names."""
    body = {"edition": "tokity", "names": names}
    assert desk.client.post(f"http://{desk.simulator.site}/_control/names", json=body).status_code == 200


def new_ticket(desk: Desk, **given: Any) -> Answer:
    return desk.call("CreateTicket", **{"title": "Screen is black", "contact": str(contact_id(desk)), **given})


def contact_id(desk: Desk) -> int:
    return next(iter(desk.tenant.contacts))


def fields_of_site(desk: Desk, operation: str, edition: str = "tokity", **given: str) -> dict[str, Any]:
    answer = desk.call("GetAdditionalFieldsSchema", operation=operation, headers=headers(desk, edition), **given)
    assert answer.status == 200
    return dict(answer.json["schema"])


def schema_calls(desk: Desk) -> int:
    return sum("/schema" in call.path for call in desk.simulator.calls)


@pytest.mark.parametrize(("edition", "field"), OWN_FIELDS)
def test_own_fields_are_set_on_a_new_ticket(desk: Desk, edition: Edition, field: str) -> None:
    made = new_ticket(desk, additionalFields={field: "LT-1", "outageMinutes": 45}, headers=headers(desk, edition))

    assert made.status == 200
    ticket = desk.simulator.tenant(edition).tickets[made.json["id"]]
    assert (ticket.name, ticket.custom) == ("Screen is black", {field: "LT-1", "outageMinutes": 45})


def test_own_fields_are_changed_and_cleared(desk: Desk) -> None:
    ticket = desk.tenant.tickets[new_ticket(desk, additionalFields={"assetTag": "LT-1"}).json["id"]]

    desk.call("UpdateTicket", ticketId=ticket.id, title="Better", additionalFields={"assetTag": "LT-2"})
    assert (ticket.name, ticket.custom["assetTag"]) == ("Better", "LT-2")

    desk.call("UpdateTicket", ticketId=ticket.id, additionalFields={"assetTag": None})
    assert (ticket.name, ticket.custom["assetTag"]) == ("Better", "LT-2")

    desk.call("UpdateTicket", ticketId=ticket.id, clear=["assetTag"])
    assert (ticket.name, ticket.custom["assetTag"]) == ("Better", None)


def test_tickets_are_found_by_own_fields_on_every_page(desk: Desk) -> None:
    made = [new_ticket(desk, title=f"Black {n}", additionalFields={"assetTag": "LT-9"}).json["id"] for n in range(3)]

    first = desk.call("FindTickets", take=2, additionalFields={"assetTag": "LT-9"}).json
    second = desk.call("FindTickets", continuation=first["continuation"]).json

    assert sorted(one["id"] for page in (first, second) for one in page["results"]) == made
    assert (first["total"], second["hasMore"]) == (3, False)


@pytest.mark.parametrize(
    ("operation", "given", "matches"),
    [
        ("FindCompanies", {"identifier": "{identifier}"}, 1),
        ("FindMembers", {"isActive": False}, None),
        ("FindContacts", {"email": "nobody@nowhere.example"}, 0),
        ("FindTicketTaskTemplates", {"isInternal": True}, None),
    ],
)
def test_other_finds_take_what_the_site_has_besides(
    desk: Desk, operation: str, given: dict[str, Any], matches: int | None
) -> None:
    company = next(iter(desk.tenant.companies.values()))
    given = {name: company.identifier if value == "{identifier}" else value for name, value in given.items()}
    everything = desk.call(operation).json["total"]

    found = desk.call(operation, additionalFields=given)

    assert found.status == 200
    assert found.json["total"] < everything
    assert matches in (None, found.json["total"])


@generous
def test_a_contact_takes_and_refuses_own_fields(desk: Desk) -> None:
    changed = desk.call("UpdateContact", contactId=contact_id(desk), additionalFields={"isVip": True})
    assert changed.json["isVip"] is desk.tenant.contacts[contact_id(desk)].is_vip is True

    before = len(desk.tenant.contacts)
    refused = desk.call("CreateContact", company="203", name="A B", additionalFields={"shoeSize": 44})
    assert (refused.status, refused.code) == (400, "FieldNotSupported")
    assert "'additionalFields.shoeSize'" in refused.json["message"]
    assert len(desk.tenant.contacts) == before


def test_an_own_field_that_the_site_lacks_is_refused_with_those_it_has(desk: Desk) -> None:
    before = len(desk.tenant.tickets)

    refused = new_ticket(desk, additionalFields={"assetTg": "LT-1"})

    assert (refused.status, refused.code) == (400, "FieldNotSupported")
    assert refused.json["message"].startswith("This site does not take 'additionalFields.assetTg' here; it has ")
    assert {"assetTag", "outageMinutes"} <= set(refused.json["error"]["details"])
    assert len(desk.tenant.tickets) == before


def test_a_wrong_value_for_an_own_field_is_explained_by_the_site(desk: Desk) -> None:
    refused = new_ticket(desk, additionalFields={"outageMinutes": "many"})

    assert (refused.status, refused.code) == (400, "RequestRefused")
    assert "could not be converted to integer" in refused.json["message"]


@pytest.mark.parametrize("name", ["name", "Name", "contactId", "contact_id"])
def test_what_has_a_field_of_ours_is_not_given_twice(desk: Desk, name: str) -> None:
    refused = new_ticket(desk, additionalFields={name: 7})

    assert (refused.status, refused.code) == (400, "FieldGivenTwice")
    assert (
        f"'additionalFields.{name}' repeats '{'title' if name.lower() == 'name' else 'contact'}'"
        in (refused.json["message"])
    )


def test_own_fields_are_no_part_of_a_members_view(desk: Desk) -> None:
    refused = desk.call("FindTickets", assigned="me", onBehalfOf="14", additionalFields={"assetTag": "x"})

    assert (refused.status, refused.code) == (400, "FilterNotSupported")


def test_a_renamed_site_is_written_to_under_its_own_names(desk: Desk) -> None:
    board = next(one for one in desk.tenant.boards.values() if one.name == "Support")
    member = next(iter(desk.tenant.members.values()))
    rename(desk, boardId="queueId", companyId="accountId", assignedMemberIds="assignedAgentIds", dueDate="dueAt",
           assetTag="serial")  # fmt: skip

    made = new_ticket(
        desk,
        board="Support",
        assignedTo=[member.email],
        dueAt="2026-12-24",
        additionalFields={"serial": "LT-1"},
    )

    ticket = desk.tenant.tickets[made.json["id"]]
    assert (ticket.board_id, ticket.assigned_member_ids) == (board.id, [member.id])
    assert (ticket.due_date is not None, ticket.custom["assetTag"]) == (True, "LT-1")

    other = next(one for one in desk.tenant.boards.values() if one.id != board.id)
    desk.call("UpdateTicket", ticketId=ticket.id, board=other.name)
    assert ticket.board_id == other.id


def test_a_renamed_title_arrives(desk: Desk) -> None:
    rename(desk, name="summary")

    made = new_ticket(desk, title="Under another name")

    assert desk.tenant.tickets[made.json["id"]].name == made.json["title"] == "Under another name"


def test_a_renamed_site_is_searched_under_its_own_names(desk: Desk) -> None:
    contact = desk.tenant.contacts[contact_id(desk)]
    expected = sorted(one.id for one in desk.tenant.tickets.values() if one.contact_id == contact.id)
    rename(desk, search="keyword", contactId="requesterId", take="limit", skip="offset", tag="label")

    found: list[int] = []
    page: dict[str, Any] = {"contact": contact.email, "take": 3}
    while page:
        answer = desk.call("FindTickets", **page).json
        found += [one["id"] for one in answer["results"]]
        page = {"continuation": answer["continuation"]} if answer["hasMore"] else {}

    assert sorted(found) == expected


@generous
@pytest.mark.parametrize(
    ("theirs", "given"),
    [
        ({"search": "phrase"}, {"search": "printer"}),
    ],
)
def test_a_filter_that_the_site_lacks_is_never_passed_over(
    desk: Desk, theirs: dict[str, str], given: dict[str, Any]
) -> None:
    rename(desk, **theirs)

    refused = desk.call("FindTickets", **given)

    assert (refused.status, refused.code) == (400, "FilterNotSupported")
    assert f"'{next(iter(given))}'" in refused.json["message"]
    assert set(theirs.values()) <= set(refused.json["error"]["details"])
    assert not {"take", "skip"} & set(refused.json["error"]["details"])
    assert not any(call.path.endswith("tickets/find") for call in desk.simulator.calls)


def test_a_field_that_the_site_lacks_is_never_passed_over(desk: Desk) -> None:
    rename(desk, dueDate="deadline")
    before = len(desk.tenant.tickets)

    refused = new_ticket(desk, dueAt="2026-12-24")

    assert (refused.status, refused.code) == (400, "FieldNotSupported")
    assert "'dueAt'" in refused.json["message"]
    assert "deadline" in refused.json["error"]["details"]
    assert len(desk.tenant.tickets) == before


def test_a_site_without_schemas_is_used_under_the_default_names(desk: Desk) -> None:
    desk.simulator.add_fault(kind="status", path="/schema", status=404, times=None)

    made = new_ticket(desk, board="Support", additionalFields={"assetTag": "LT-1"})

    assert made.json["board"] == "Support"
    assert desk.tenant.tickets[made.json["id"]].custom["assetTag"] == "LT-1"
    assert desk.call("FindTickets", board="Support").json["total"] > 0


def test_reading_asks_for_no_schema(desk: Desk) -> None:
    ticket = next(iter(desk.tenant.tickets))

    desk.call("GetTicket", ticketId=ticket)
    desk.call("ListBoards")
    desk.call("ListTicketNotes", ticketId=ticket)

    assert schema_calls(desk) == 0


@pytest.mark.parametrize(("edition", "field"), OWN_FIELDS)
@pytest.mark.parametrize("operation", ["CreateTicket", "UpdateTicket", "FindTickets"])
def test_the_schema_has_what_we_do_not_offer(desk: Desk, operation: str, edition: str, field: str) -> None:
    schema = fields_of_site(desk, operation, edition)

    assert schema["type"] == "object"
    assert set(schema["properties"]) == {field, "outageMinutes"}
    assert schema["properties"]["outageMinutes"] == {
        "type": "integer", "format": "int32", "x-ms-summary": "Outage in minutes"
    }  # fmt: skip


def test_the_schema_of_a_renamed_site_offers_no_field_of_ours_again(desk: Desk) -> None:
    rename(desk, name="summary", boardId="queueId", take="limit", skip="offset", assetTag="serial")

    assert set(fields_of_site(desk, "CreateTicket")["properties"]) == {"serial", "outageMinutes"}
    assert set(fields_of_site(desk, "FindTickets")["properties"]) == {"serial", "outageMinutes"}


def test_the_schema_of_a_change_demands_nothing_of_a_new_contact(desk: Desk) -> None:
    """Changes have no schema of their own: that of a new contact is asked, which requires a company."""
    assert fields_of_site(desk, "UpdateContact") == EMPTY


def test_the_schema_follows_the_request_type(desk: Desk) -> None:
    chosen = next(one for one in desk.tenant.request_types.values() if one.name != "Something Else")
    assert fields_of_site(desk, "CreateTicket", requestType=chosen.name) == fields_of_site(desk, "CreateTicket")

    asked = [call.query["requestTypeId"] for call in desk.simulator.calls if "create-request" in call.path]
    assert asked[0] == str(chosen.id)
    assert desk.tenant.request_types[int(asked[1])].name == "Something Else"

    refused = desk.call("GetAdditionalFieldsSchema", operation="CreateTicket", requestType="No such type")
    assert (refused.status, refused.code) == (400, "RequestTypeNotFound")


@pytest.mark.parametrize("operation", BODIES)
def test_the_schema_is_whole_when_there_is_none_to_be_read(desk: Desk, operation: str) -> None:
    desk.simulator.add_fault(kind="status", path="/schema", status=403, times=None)

    assert fields_of_site(desk, operation) == EMPTY


def test_no_operation_but_those_with_own_fields_has_a_schema_of_them(desk: Desk) -> None:
    refused = desk.call("GetAdditionalFieldsSchema", operation="GetTicket")

    assert (refused.status, refused.code) == (400, "OperationUnknown")
    assert refused.json["error"]["details"] == [*BODIES, *ANSWERS]


def test_every_input_with_own_fields_names_the_operation_that_has_their_schema() -> None:
    """An operation may share the schema of another whose body it sends; none may be missing."""
    named = set()
    for operation in operations().values():
        for location, field in signature_of(operation).fields(operation):
            if location == "body" and field.name == "additionalFields":
                assert field.dynamic is not None
                literal = dict(field.dynamic.needs)["operation"].removeprefix("=")
                assert literal in BODIES
                assert literal == operation.id or operation.id in ("FindOrCreateContact", "UpdateTickets")
                named.add(literal)
    assert named == set(BODIES)


@given(
    st.dictionaries(st.text(max_size=12), st.none() | st.booleans() | st.integers() | st.text(max_size=8), max_size=3)
)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_whatever_is_given_as_own_fields_is_taken_or_refused(desk: Desk, fields: dict[str, Any]) -> None:
    answer = desk.call("FindTickets", take=1, additionalFields=fields)

    assert answer.status in (200, 400)
    assert answer.json["results"] if answer.status == 200 and not fields else answer.json


@generous
@pytest.mark.parametrize(
    ("theirs", "given"),
    [
        ({"isClosed": "finished"}, {"isClosed": True}),
        ({"boardId": "desk"}, {"board": "Support"}),
        ({"memberId": "worker"}, {"assignedTo": "14"}),
        ({"createdAfter": "born"}, {"createdAfter": "-30d"}),
    ],
)
def test_a_filter_that_the_site_lacks_is_judged_here(desk: Desk, theirs: dict[str, str], given: dict[str, Any]) -> None:
    expected = desk.call("FindTickets", take=200, **given).json
    rename(desk, **theirs)

    judged = desk.call("FindTickets", take=200, **given).json

    assert [one["id"] for one in judged["results"]] == [one["id"] for one in expected["results"]]
    assert (judged["isComplete"], judged["hasMore"]) == (True, expected["hasMore"])
