"""Contacts, companies, members, user groups and lists, and the traps that the seeded data holds."""

from typing import Any

import pytest

from tests.workbench.simulator.conftest import Desk
from workbench.simulator import Simulator


async def find(desk: Desk, kind: str, **asked: Any) -> list[dict[str, Any]]:
    reply = await desk.post(f"{kind}/find", asked)
    assert reply.status == 200, reply.body
    results: list[dict[str, Any]] = reply.body["results"]
    return results


async def test_the_seed_is_the_same_every_time_and_of_the_promised_size() -> None:
    one, two = Simulator(), Simulator()
    tenant = one.tenant("tokity")
    sizes = [len(table) for table in (tenant.companies, tenant.contacts, tenant.members, tenant.boards, tenant.tickets)]
    assert sizes == [20, 200, 12, 5, 1500]
    told = [
        [(ticket.name, ticket.company_id, len(ticket.notes)) for ticket in simulator.tenant("tokity").tickets.values()]
        for simulator in (one, two)
    ]
    assert told[0] == told[1]
    assert one.tenant("psa").tickets[10001].name != tenant.tickets[10001].name or (
        one.tenant("psa").tickets[10001].description != tenant.tickets[10001].description
    )


async def test_every_board_has_open_and_closed_statuses(desk: Desk) -> None:
    tenant = desk.simulator.tenant("tokity")
    for board in (await desk.get("service/boards")).body["results"]:
        statuses = (await desk.get("service/statuses", boardId=board["id"])).body["results"]
        assert {tenant.statuses[status["id"]].is_closed for status in statuses} == {True, False}


async def test_statuses_need_a_board(desk: Desk) -> None:
    for query in ({}, {"boardId": "x"}, {"boardId": "1"}):
        assert (await desk.get("service/statuses", **query)).status == 400


async def test_the_catch_all_request_type_comes_on_demand(desk: Desk) -> None:
    plain = (await desk.get("service/request-types")).body
    full = (await desk.get("service/request-types", withSomethingElse="true")).body
    assert full["totalResults"] == plain["totalResults"] + 1
    assert "Something Else" in [item["name"] for item in full["results"]]


@pytest.mark.parametrize("kind", ["boards", "priorities", "sources", "request-types"])
async def test_lists_are_ids_and_names(desk: Desk, kind: str) -> None:
    body = (await desk.get(f"service/{kind}")).body
    assert body["totalResults"] == len(body["results"]) > 0
    assert all(set(item) == {"id", "name"} for item in body["results"])


async def test_some_names_are_ambiguous(desk: Desk) -> None:
    assert len(await find(desk, "contacts", search="Alex Morgan")) >= 3
    assert len(await find(desk, "companies", search="Northwind Dental")) == 2
    assert len(await find(desk, "members", search="chris taylor")) == 2


async def test_one_email_may_belong_to_two_contacts_and_one_of_them_is_primary(desk: Desk) -> None:
    contacts = await find(desk, "contacts", companyId=203)
    shared = [contact for contact in contacts if [c["email"] for c in contacts].count(contact["email"]) == 2]
    assert [contact["isPrimaryForEmail"] for contact in shared] == [True, False]
    found = await find(desk, "contacts", email=shared[0]["email"].upper())
    assert [contact["id"] for contact in found] == [contact["id"] for contact in shared]


async def test_some_contacts_have_no_email_and_some_tickets_no_contact(desk: Desk) -> None:
    assert any(contact.email is None for contact in desk.simulator.tenant("tokity").contacts.values())
    assert any(ticket.contact_id is None for ticket in desk.simulator.tenant("tokity").tickets.values())


async def test_get_one_of_each(desk: Desk) -> None:
    assert (await desk.get("companies/201")).body["identifier"] == "NORTHWIND"
    assert (await desk.get("members/11")).body["userId"] == "sim_tokity~m~11"
    assert (await desk.get("contacts/1001")).body["userId"] == "sim_tokity~c~1001"
    for path in ("companies/1", "members/1", "contacts/1", "contacts/x"):
        assert (await desk.get(path)).status == 404


async def test_a_contact_is_made_changed_and_seen_in_tickets(desk: Desk) -> None:
    made = (await desk.post("contacts", {"name": "Ada van Dijk", "companyId": 201, "email": "ada@x.example"})).body
    assert (made["firstName"], made["lastName"]) == ("Ada", "van Dijk")
    ticket = await desk.ticket(contactId=made["id"])
    changed = (await desk.patch(f"contacts/{made['id']}", {"lastName": "Żak", "phone": None})).body
    assert (changed["name"], changed["email"]) == ("Ada Żak", "ada@x.example")
    assert (await desk.get(f"tickets/{ticket['id']}")).body["contact"]["name"] == "Ada Żak"


@pytest.mark.parametrize(
    "body",
    [
        {"name": "Ada"},
        {"companyId": 201},
        {"name": "Ada", "companyId": 1},
        {"name": "Ada", "companyId": 201, "email": "nobody"},
        {"name": "Ada", "companyId": 201, "userGroupId": "team-202-1"},
        {"name": "Ada", "companyId": 201, "isVip": "yes"},
    ],
)
async def test_a_bad_contact_is_refused(desk: Desk, body: dict[str, Any]) -> None:
    assert (await desk.post("contacts", body)).status == 400
    assert len(desk.simulator.tenant("tokity").contacts) == 200


async def test_permissions_are_set_one_by_one(desk: Desk) -> None:
    path = "/api/v2/admin/contacts/1003/permissions"
    changed = (await desk.call("PUT", path, {"isApprover": True, "hasPortalAccess": False})).body
    assert (changed["isApprover"], changed["hasPortalAccess"], changed["isActive"]) == (True, False, True)
    assert (await desk.call("PUT", path, {"isVip": None})).status == 400


async def test_user_groups_are_found_by_company_and_by_contact(desk: Desk) -> None:
    groups = await find(desk, "user-groups", companyId=202)
    assert [group["name"] for group in groups] == ["Managers", "Finance", "Everyone"]
    assert groups[0]["users"][0]["role"] == "manager"
    teams = (await desk.get("companies/202/teams", take=1, skip=1)).body
    assert teams == {"results": [{"id": "team-202-2", "name": "Finance"}], "totalResults": 3}
    assert all(group["company"]["id"] == 201 for group in await find(desk, "user-groups", contactId=1001))
