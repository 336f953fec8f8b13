"""Tickets and notes: what is accepted, what is refused, and what a refusal leaves untouched."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workbench.simulator.conftest import Desk
from workbench.simulator.clock import ticks, wire


async def test_a_ticket_is_flat_with_references(desk: Desk) -> None:
    made = await desk.ticket(contactId=1003, tags=["a", "b", "a"], assignedMemberIds=[12, 13], dueDate="2030-01-02")
    assert made["board"] == {"id": 31, "name": "Support"}
    assert made["status"] == {"id": 101, "name": "New"}
    assert made["requestType"]["id"] == 701
    assert [member["id"] for member in made["assignedMembers"]] == [12, 13]
    assert made["tags"] == ["a", "b"]
    assert made["dueDate"] == "2030-01-02T00:00:00.0000000Z"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z", made["createdOn"])
    assert (await desk.get(f"tickets/{made['id']}")).body == made


async def test_the_company_follows_from_the_contact(desk: Desk) -> None:
    made = (await desk.post("tickets?requestTypeId=701", {"name": "x", "contactId": 1015})).body
    assert made["company"]["id"] == 202


async def test_status_decides_closed_and_a_board_brings_its_default_status(desk: Desk) -> None:
    made = await desk.ticket()
    path = f"tickets/{made['id']}"
    closed = (await desk.patch(path, {"statusId": 106})).body
    assert closed["isClosed"]
    assert closed["closedOn"] == closed["modifiedOn"]
    moved = (await desk.patch(path, {"boardId": 33})).body
    assert (moved["board"]["id"], moved["status"]["name"], moved["isClosed"], moved["closedOn"]) == (
        33,
        "New",
        False,
        None,
    )


async def test_patch_keeps_what_is_absent_and_clears_what_is_null(desk: Desk) -> None:
    made = await desk.ticket(contactId=1003, description="keep me", dueDate="2030-01-02T03:04:05Z", outageMinutes=5)
    path = f"tickets/{made['id']}"
    changed = (await desk.patch(path, {"contactId": None, "dueDate": None, "outageMinutes": None})).body
    assert (changed["contact"], changed["dueDate"], changed["outageMinutes"]) == (None, None, None)
    assert (changed["description"], changed["name"]) == ("keep me", "A ticket")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"boardId": 999}, "boardId"),
        ({"boardId": "31"}, "boardId"),
        ({"boardId": None}, "boardId"),
        ({"boardId": True}, "boardId"),
        ({"boardId": 2**40}, "boardId"),
        ({"statusId": 120}, "statusId"),
        ({"contactId": 1}, "contactId"),
        ({"contactId": 1050}, "contactId"),
        ({"userGroupId": "team-205-1"}, "userGroupId"),
        ({"assignedMemberIds": [12, 1]}, "assignedMemberIds"),
        ({"assignedMemberIds": [12, "x"]}, "assignedMemberIds[1]"),
        ({"assignedMemberIds": 12}, "assignedMemberIds"),
        ({"name": " "}, "name"),
        ({"name": None}, "name"),
        ({"tags": [""]}, "tags[0]"),
        ({"dueDate": "tomorrow"}, "dueDate"),
        ({"description": 5}, "description"),
    ],
)
async def test_a_bad_change_names_the_field_and_changes_nothing(desk: Desk, change: Any, field: str) -> None:
    made = await desk.ticket()
    reply = await desk.patch(f"tickets/{made['id']}", {"description": "changed"} | change)
    assert reply.status == 400
    assert list(reply.body["errors"]) == [field]
    assert (await desk.get(f"tickets/{made['id']}")).body == made


@pytest.mark.parametrize(
    "path", ["tickets/1", "tickets/-1", "tickets/abc", "tickets/99999999999", "tickets/1%2F2", "tickets/"]
)
async def test_a_ticket_that_is_not_there(desk: Desk, path: str) -> None:
    assert (await desk.get(path)).status == 404


async def test_unknown_keys_are_tolerated_and_keys_match_in_any_case(desk: Desk) -> None:
    reply = await desk.post("tickets?requestTypeId=701", {"Name": "x", "COMPANYID": 201, "nonsense": {"a": 1}})
    assert (reply.status, reply.body["name"]) == (200, "x")


@pytest.mark.parametrize("body", [{"companyId": 201}, {"name": "x"}, [], "text", None])
async def test_a_ticket_needs_a_title_and_somebody(desk: Desk, body: Any) -> None:
    assert (await desk.call("POST", "tickets?requestTypeId=701", body)).status == 400


async def test_a_ticket_needs_a_request_type_in_the_query(desk: Desk) -> None:
    for query in ("", "?requestTypeId=9", "?requestTypeId=x"):
        assert (await desk.post(f"tickets{query}", {"name": "x", "companyId": 201})).status == 400


async def test_a_body_that_is_not_json_is_refused(desk: Desk) -> None:
    url = f"http://{desk.simulator.site}/api/v2/automate/connector/tickets/find"
    auth = {"Authorization": f"Basic {desk.simulator.tokity_key}"}
    async with desk.session.post(url, data=b'{"take": ', headers=auth) as response:
        assert response.status == 400


async def test_psa_downgrades_rich_text_and_limits_the_title(desk: Desk) -> None:
    auth = f"DdApi {desk.simulator.psa_key}"
    rich = {"name": "x", "companyId": 201, "description": "<p>2 &lt; 3 <b>bold</b></p>"}
    made = (await desk.post("tickets?requestTypeId=701", rich, auth=auth)).body
    assert made["description"] == "2 < 3 bold"
    assert made["board"]["name"] == "Support"
    assert "configurationItem" in made
    assert (await desk.patch(f"tickets/{made['id']}", {"name": "x" * 101}, auth=auth)).status == 400
    assert (await desk.ticket(description=rich["description"]))["description"] == rich["description"]


async def find(desk: Desk, **asked: Any) -> dict[str, Any]:
    reply = await desk.post("tickets/find", asked)
    assert reply.status == 200, reply.body
    found: dict[str, Any] = reply.body
    return found


async def test_find_pages_newest_first_and_counts_all(desk: Desk) -> None:
    first, second = await find(desk, take=7), await find(desk, take=7, skip=7)
    ids = [item["id"] for item in first["results"] + second["results"]]
    assert ids == sorted(set(ids), reverse=True)
    assert len(ids) == 14
    assert first["totalResults"] == 60


async def test_every_filter_narrows(desk: Desk) -> None:
    made = await desk.ticket(
        contactId=1003, boardId=33, priorityId=8, sourceId=63, userGroupId="team-201-3", assignedMemberIds=[14],
        tags=["Only-Here"], name="Zebra crossing", assetTag="LT-1",
    )  # fmt: skip
    for asked in (
        {"search": "crossing ZEBRA"}, {"search": str(made["id"])}, {"tag": "only-here"}, {"assetTag": "LT-1"},
        {"createdAfter": made["createdOn"]}, {"updatedAfter": made["modifiedOn"]},
        {"boardId": 33, "priorityId": 8, "sourceId": 63, "memberId": 14, "contactId": 1003, "companyId": 201,
         "requestTypeId": 701, "statusId": 111, "userGroupId": "team-201-3", "isClosed": False, "tag": "Only-Here"},
    ):  # fmt: skip
        assert [item["id"] for item in (await find(desk, **asked))["results"]] == [made["id"]], asked
    for asked in ({"createdBefore": made["createdOn"]}, {"updatedBefore": made["modifiedOn"]}, {"isClosed": True}):
        assert made["id"] not in [item["id"] for item in (await find(desk, take=200, **asked))["results"]]


async def test_notes_belong_to_whoever_writes_them(desk: Desk) -> None:
    path = f"/api/v2/tickets/{(await desk.ticket(contactId=1003))['id']}/notes"
    contact, member = await desk.token("contact", 1003), await desk.token("member", 12)
    await desk.post(path, {"note": "from the key", "isInternal": True})
    await desk.post(path, {"note": "from Zoë ✔"}, auth=contact)
    await desk.post(path, {"note": "from the member"}, auth=member)
    notes = (await desk.get(path)).body
    assert [(note["note"], note["createdBy"]["userType"], note["createdBy"]["id"]) for note in notes["results"]] == [
        ("from the key", "member", 1), ("from Zoë ✔", "contact", 1003), ("from the member", "member", 12),
    ]  # fmt: skip
    assert (await desk.get(path, auth=contact)).body["totalResults"] == 2
    assert (await desk.get(path, take=1, skip=1)).body["results"][0]["note"] == "from Zoë ✔"


async def test_a_contact_cannot_write_inside_nor_elsewhere(desk: Desk) -> None:
    path = f"/api/v2/tickets/{(await desk.ticket(contactId=1003))['id']}/notes"
    own, other = await desk.token("contact", 1003), await desk.token("contact", 1052)
    assert (await desk.post(path, {"note": "x", "isInternal": True}, auth=own)).status == 403
    assert (await desk.post(path, {"note": "x"}, auth=other)).status == 404
    for body in ({}, {"note": ""}, {"note": 5}, {"note": "x", "isInternal": "yes"}):
        assert (await desk.post(path, body, auth=own)).status == 400
    assert (await desk.get(path)).body["totalResults"] == 0


async def test_a_note_marks_the_ticket_as_changed(desk: Desk) -> None:
    made = await desk.ticket()
    await desk.post(f"/api/v2/tickets/{made['id']}/notes", {"note": "x"})
    assert (await desk.get(f"tickets/{made['id']}")).body["modifiedOn"] > made["modifiedOn"]


async def test_a_stopped_clock_makes_ties(desk: Desk) -> None:
    await desk.post("/_control/clock", {"frozen": True})
    first, second = await desk.ticket(), await desk.ticket()
    assert first["createdOn"] == second["createdOn"]


@given(st.integers(min_value=0, max_value=253402300799 * 10_000_000))
@settings(max_examples=200)
def test_dates_survive_the_round_trip_to_the_tick(moment: int) -> None:
    assert ticks(wire(moment)) == moment


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2018-06-28T05:18:26.9468948Z", "2018-06-28T05:18:26.9468948Z"),
        ("2018-06-28", "2018-06-28T00:00:00.0000000Z"),
        ("2018-06-28T05:18", "2018-06-28T05:18:00.0000000Z"),
        ("2018-06-28T05:18:26+12:00", "2018-06-27T17:18:26.0000000Z"),
        ("2018-06-28 05:18:26.5 -0330", "2018-06-28T08:48:26.5000000Z"),
    ],
)
def test_dates_are_read_in_their_zone(text: str, same: str) -> None:
    assert wire(ticks(text)) == same
