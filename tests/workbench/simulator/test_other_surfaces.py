"""Tasks, forms, templates, notifications, chats, advanced actions, the Tech surface and the other API versions."""

from typing import Any

import pytest

from tests.workbench.simulator.conftest import Desk
from workbench.simulator import Simulator


async def test_a_task_list_comes_from_templates_and_items(desk: Desk) -> None:
    path = f"tickets/{(await desk.ticket())['id']}/tasks"
    made = await desk.post(path, {"templateIds": ["template-onboarding"], "items": [{"name": "One more"}]})
    assert made.body["name"] == "Onboarding"
    assert [item["name"] for item in made.body["items"]][-2:] == ["Welcome call", "One more"]
    assert (await desk.get(path)).body == {"results": [made.body], "totalResults": 1}
    assert (await desk.get(path.removesuffix("/tasks"))).body["taskProgress"] == {"done": 0, "total": 5}


async def test_task_limits(desk: Desk) -> None:
    ticket = await desk.ticket()
    path = f"tickets/{ticket['id']}/tasks"
    audits = ["template-audit", "template-audit-2"]
    assert (await desk.post(path, {"templateIds": audits})).status == 400
    assert (await desk.post(path, {"items": [{"name": "x"}] * 26})).status == 400
    for body in ({}, {"templateIds": ["nope"]}, {"items": [{"description": "no name"}]}, {"items": "x"}):
        assert (await desk.post(path, body)).status == 400
    for _ in range(5):
        assert (await desk.post(path, {"items": [{"name": "x"}] * 25})).status == 200
    assert (await desk.post(path, {"items": [{"name": "x"}]})).status == 409
    closed = await desk.ticket(statusId=106)
    assert (await desk.post(f"tickets/{closed['id']}/tasks", {"items": [{"name": "x"}]})).status == 409


async def test_templates_are_found_by_company_and_request_type(desk: Desk) -> None:
    async def found(**asked: Any) -> list[str]:
        return [item["id"] for item in (await desk.post("ticket-task-templates/find", asked)).body["results"]]

    assert "template-northwind" in await found(companyId=201)
    assert "template-northwind" not in await found(companyId=202)
    assert "template-onboarding" not in await found(requestTypeId=701)
    assert await found(search="security", isInternal=False) == ["template-audit-2"]


async def test_an_email_is_filled_with_its_tokens(desk: Desk) -> None:
    body = {"service": "VPN", "ticketId": 10001, "since": "2030-01-02T03:04:05Z"}
    reply = (await desk.post("email-templates/email-outage/render", body)).body
    assert reply["subject"] == "Outage of VPN (ticket 10001)"
    assert "VPN is down since 2030-01-02T03:04:05.0000000Z" in reply["body"]
    missing = await desk.post("email-templates/email-outage/render", {"service": "VPN"})
    assert set(missing.body["errors"]) == {"ticketId", "since"}
    assert (await desk.post("email-templates/nope/render", {})).status == 404


async def test_notifications_reach_contacts_with_portal_access(desk: Desk) -> None:
    body = {"title": "Hello", "message": "There", "ticketId": 10001}
    assert (await desk.post("contacts/1003/notifications", body)).body["id"]
    assert (await desk.post("members/12/notifications", body)).status == 200
    assert len(desk.simulator.tenant("tokity").notifications) == 2
    await desk.call("PUT", "/api/v2/admin/contacts/1003/permissions", {"hasPortalAccess": False})
    assert (await desk.post("contacts/1003/notifications", body)).status == 403
    assert (await desk.post("members/12/notifications", body | {"ticketId": 1})).status == 400
    assert (await desk.post("members/12/notifications", {"title": "x"})).status == 400


async def test_people_are_invited_to_open_chats_only(desk: Desk) -> None:
    chats = {chat.status: key for key, chat in desk.simulator.tenant("tokity").chats.items()}
    path = f"chat-sessions/{chats['created']}"
    assert (await desk.post(f"{path}/system-messages", {"message": "Hello"})).body["id"].endswith("sim_tokity~m~1")
    invited = (await desk.post(f"{path}/invite", {"memberIds": [12], "contactIds": [1004]})).body["invited"]
    assert [user["userId"] for user in invited] == ["sim_tokity~m~12", "sim_tokity~c~1004"]
    assert len((await desk.get(path)).body["users"]) == 3
    for body in ({}, {"memberIds": [1]}, {"contactIds": [1]}, {"memberIds": ["x"]}):
        assert (await desk.post(f"{path}/invite", body)).status == 400
    assert (await desk.post(f"chat-sessions/{chats['completed']}/invite", {"memberIds": [12]})).status == 409
    assert (await desk.get("chat-sessions/nope")).status == 404


async def test_a_form_has_ten_kinds_of_fields_and_results_with_large_ids(desk: Desk) -> None:
    member = await desk.token("member", 12)
    form = (await desk.get("/api/v2/ddform/forms/801", auth=member)).body["form"]
    assert len({field["type"] for field in form["fields"] if field["type"] != "statement"}) == 10
    choices = (await desk.get("forms/801/fields/systems/choices")).body
    assert {"id": "m365", "name": "Microsoft 365"} in choices["results"]
    flat = (await desk.get("v2/forms/801/results/5000000002")).body
    assert (flat["needs_laptop"], flat["systems"], flat["about"]) == (
        "Yes",
        "Microsoft 365;VPN",
        "Vegetarian.\nSits by the window.",
    )
    legacy = (await desk.get("/api/v2/ddform/forms/801/results/5000000002", auth=member)).body["result"]
    [laptop] = [f for f in legacy["form"]["sections"][0]["fields"] if f["identifier"] == "needs_laptop"]
    assert laptop["choices"] == [{"name": "Yes", "identifier": "yes", "selected": True}]
    assert (await desk.get("v2/forms/801/results/5")).status == 404
    assert (await desk.get("v2/forms/9/results/5")).status == 404


async def test_form_results_are_found_by_time(desk: Desk) -> None:
    member = await desk.token("member", 12)
    path = "/api/v2/ddform/forms/801/results/find"
    everything = (await desk.post(path, {"take": 1000}, auth=member)).body["results"]
    assert len(everything) == 40
    span = {"startTime": everything[3]["submittedAt"], "endTime": everything[6]["submittedAt"]}
    found = (await desk.post(path, {"timeRange": span}, auth=member)).body["results"]
    assert [item["entityId"] for item in found] == [item["entityId"] for item in everything[3:6]]
    assert [
        item["entityId"] for item in (await desk.post(path, {"skip": 38, "take": 9}, auth=member)).body["results"]
    ] == [item["entityId"] for item in everything[38:]]


async def test_legacy_forms_need_a_member_and_are_replaced_whole(desk: Desk) -> None:
    path, member = "/api/v2/ddform/forms/802", await desk.token("member", 12)
    assert (await desk.get(path)).status == 403
    assert (await desk.get(path, auth=await desk.token("contact", 1003))).status == 403
    form = (await desk.get(path, auth=member)).body["form"]
    changed = {"form": form | {"name": "Feedback 2", "fields": form["fields"][:1]}}
    assert (await desk.call("PUT", path, changed, auth=member)).status == 200
    after = (await desk.get(path, auth=member)).body["form"]
    assert (after["name"], after["fields"]) == ("Feedback 2", form["fields"][:1])
    assert (await desk.call("PUT", path, {"form": {"fields": []}}, auth=member)).status == 400


async def test_dynamic_sources_take_the_token_in_the_query(desk: Desk) -> None:
    path = "/api/v2/ddforms/dynamic/contacts"
    token = (await desk.token("contact", 1003)).removeprefix("DdAccessToken ")
    reply = (await desk.get(path, auth="", term="alex", ticketId="5", access_token=token)).body
    assert reply["request"] == {"term": "alex", "ticketId": "5"}
    assert {"name": "Alex Morgan", "identifier": "1001"} in reply["value"]
    member = (await desk.token("member", 12)).removeprefix("DdAccessToken ")
    assert len((await desk.get(path, auth="", access_token=member)).body["value"]) == 30
    refused = await desk.get(path, access_token="x")
    assert (refused.status, set(refused.body)) == (401, {"error", "errorDescription"})
    assert (await desk.get("/api/v2/ddforms/dynamic/priorities", access_token=token)).body["value"][0]["name"] == "Low"


async def test_literal_segments_win_over_function_names(desk: Desk) -> None:
    assert (await desk.get("functions/listAdvancedActions", category="tickets")).body["results"] == [
        {"id": "addInlineForm", "name": "Add an inline form to a ticket"},
        {"id": "copyTicket", "name": "Copy a ticket"},
    ]
    assert (await desk.get("functions/listAdvancedActionCategories")).body["totalResults"] == 2
    assert (await desk.get("events/types", category="approvals")).body["totalResults"] == 1
    assert (await desk.get("events/categories")).body["totalResults"] == 2


async def test_advanced_actions_do_something(desk: Desk) -> None:
    copied = await desk.post("functions/copyTicket", {"ticketId": 10001}, category="tickets")
    assert copied.body["ticket"]["name"].startswith("Copy of ")
    assert (await desk.get(f"tickets/{copied.body['ticket']['id']}")).status == 200
    assert (await desk.post("functions/setOfficeHours", {"isOpen": False}, category="service")).body == {
        "isOpen": False
    }
    assert (await desk.post("functions/copyTicket", {"ticketId": 1}, category="tickets")).status == 400
    assert (await desk.post("functions/copyTicket", {"ticketId": 10001}, category="service")).status == 400
    assert (await desk.post("functions/copyTicket", {"ticketId": 10001})).status == 400
    assert (await desk.post("functions/nope", {}, category="tickets")).status == 404
    options = (await desk.get("functions/findFreeMember/options", filter1="sec")).body["results"]
    assert options == [{"id": "33", "name": "Security"}]


@pytest.mark.parametrize("host", ["", "https://support.example.com"])
async def test_advanced_routes_need_the_bare_site_in_dd_host(simulator: Simulator, desk: Desk, host: str) -> None:
    url = f"http://{simulator.site}/api/v2/automate/connector/events/types"
    headers = {"Authorization": f"Basic {simulator.tokity_key}"} | ({"dd-host": host} if host else {})
    async with desk.session.get(url, headers=headers) as response:
        assert response.status == 400
        assert "dd-host" in (await response.json())["message"]


async def test_time_entries_belong_to_a_member(desk: Desk) -> None:
    # At noon: an entry that ends now began on the same day.
    await desk.post("/_control/clock", {"set": "2030-01-01T12:00:00Z"})
    path, auth = f"/api/v2/tickets/{(await desk.ticket())['id']}/time-entries", await desk.token("member", 12)
    assert (await desk.post(path, {"actualHours": 1})).status == 403
    made = (
        await desk.post(
            path, {"note": "x", "startTime": "2030-01-01T10:00:00Z", "endTime": "2030-01-01T11:30:00Z"}, auth=auth
        )
    ).body
    assert (made["actualHours"], made["parentTicket"]["name"]) == (1.5, "A ticket")
    made = (await desk.post(path, {"startTime": "2030-01-01T10:00:00Z", "actualHours": 2}, auth=auth)).body
    assert made["endTime"] == "2030-01-01T12:00:00.0000000Z"
    for body in ({}, {"actualHours": 0}, {"actualHours": 25}, {"actualHours": "1"}, {"startTime": "2030-01-01"},
                 {"startTime": "2030-01-02", "endTime": "2030-01-01"}):  # fmt: skip
        assert (await desk.post(path, body, auth=auth)).status == 400
    await desk.post(path, {"actualHours": 0.25}, auth=auth)
    mine = (await desk.get("/api/v2/copilot/time-entries", auth=auth)).body
    assert 0.25 in [entry["actualHours"] for entry in mine["results"]]
    other = (await desk.get("/api/v2/copilot/time-entries", auth=await desk.token("member", 13))).body
    assert 0.25 not in [
        entry["actualHours"] for entry in other["results"] if entry["parentTicket"]["name"] == "A ticket"
    ]


@pytest.mark.parametrize("period", ["today", "this_week", "last_week", "this_month", "last_month"])
async def test_every_period_is_understood(desk: Desk, period: str) -> None:
    auth = f"Basic {desk.simulator.personal_token(12)}"
    assert (await desk.get("/api/v2/copilot/time-entries", auth=auth, period=period)).status == 200
    assert (await desk.get("/api/v2/copilot/time-entries", auth=auth, period="ever")).status == 400


async def test_the_tech_surface_is_a_members_own_view(desk: Desk) -> None:
    auth, path = f"Basic {desk.simulator.personal_token(12)}", "/api/v2/copilot/tickets"
    assert (await desk.get(path)).status == 403
    ticket = await desk.ticket(contactId=1003, assignedMemberIds=[12], tags=["only"])
    contact = await desk.token("contact", 1003)
    await desk.post(f"/api/v2/tickets/{ticket['id']}/notes", {"note": "hello"}, auth=contact)
    everything = (await desk.get(path, auth=auth)).body
    assert (everything["total"], everything["resultsCount"]) == (61, 50)
    for asked in (
        {"assigned": "me", "tag": "only"}, {"tag": "only", "lastContactMessage": "true"},
        {"startTime": ticket["createdOn"]}, {"status": "open", "tag": "only"},
    ):  # fmt: skip
        assert [item["id"] for item in (await desk.get(path, auth=auth, **asked)).body["results"]] == [ticket["id"]]
    for asked in (
        {"assigned": "unassigned", "tag": "only"}, {"status": "closed", "tag": "only"},
        {"taskProgress": "incomplete", "tag": "only"}, {"endTime": "2000-01-01"},
    ):  # fmt: skip
        assert (await desk.get(path, auth=auth, **asked)).body["total"] == 0
    for asked in ({"assigned": "you"}, {"startTime": "x"}, {"lastContactMessage": "maybe"}):
        assert (await desk.get(path, auth=auth, **asked)).status == 400
    assert (await desk.get(f"{path}/{ticket['id']}", auth=auth)).body["notes"][0]["note"] == "hello"


async def test_only_an_approver_of_the_company_decides(desk: Desk) -> None:
    ticket = await desk.ticket(statusId=104)
    path = f"/api/v2/tickets/{ticket['id']}"
    approver, other, stranger = [await desk.token("contact", key) for key in (1003, 1005, 1013)]
    assert (await desk.post(f"{path}/approve")).status == 403
    assert (await desk.post(f"{path}/approve", auth=other)).status == 403
    assert (await desk.post(f"{path}/approve", auth=stranger)).status == 404
    approved = await desk.post(f"{path}/approve", {"comment": "Go on"}, auth=approver)
    assert approved.body["status"]["name"] == "In Progress"
    assert (await desk.get(f"{path}/notes")).body["results"][0]["createdBy"]["id"] == 1003
    assert (await desk.post(f"{path}/decline", auth=approver)).status == 409
    await desk.patch(f"tickets/{ticket['id']}", {"statusId": 104})
    assert (await desk.post(f"{path}/decline", auth=approver)).body["isClosed"]


async def test_a_member_puts_a_contact_into_a_group(desk: Desk) -> None:
    path, auth = "/api/v3/tech/companies/201/teams/team-201-1/users", await desk.token("member", 12)
    assert (await desk.call("PUT", f"{path}/1009", {"role": "guest"})).status == 403
    assert (await desk.call("PUT", f"{path}/1009", {"role": "guest"}, auth=auth)).body["role"] == "guest"
    assert desk.simulator.tenant("tokity").user_groups["team-201-1"].users[1009] == "guest"
    assert (await desk.call("PUT", f"{path}/1009", {"role": "king"}, auth=auth)).status == 400
    assert (await desk.call("PUT", f"{path}/1015", {"role": "guest"}, auth=auth)).status == 404
    assert (
        await desk.call("PUT", path.replace("201-1", "202-1") + "/1009", {"role": "guest"}, auth=auth)
    ).status == 404


async def test_other_versions_and_the_admin_sample(desk: Desk) -> None:
    assert (await desk.get("/api/v1/tickets/10001")).body["EntityId"] == 10001
    assert (await desk.get("/api/v4/tickets/10001")).body["$info"] == {"access": "readWrite"}
    assert (await desk.get("/api/v4/files")).status == 200
    survey = await desk.get("/api/v3/tech/customers/surveys/5/results.csv")
    assert survey.headers["Content-Type"].startswith("text/csv")
    errors = await desk.get("/api2/admin/stats/sync/errors", auth=f"DdApi {desk.simulator.psa_key}")
    assert errors.body["totalResults"] == 2
    assert (await desk.get("/api2/admin/stats/sync/errors")).body["totalResults"] == 0
    assert (await desk.get("/api2/admin/stats/sync/errors", auth=await desk.token("member", 15))).status == 403
    assert (await desk.get("/api2/admin/stats/sync/errors", auth=await desk.token("member", 11))).status == 200


async def test_fields_can_have_other_names(desk: Desk) -> None:
    names = {"name": "summary", "boardId": "queueId", "board": "queue"}
    await desk.post("/_control/names", {"names": names})
    made = await desk.post("tickets?requestTypeId=701", {"summary": "x", "companyId": 201, "queueId": 33})
    assert (made.body["summary"], made.body["queue"]["id"]) == ("x", 33)
    schema = (await desk.get("schema2/ticket/$create-request", requestTypeId=701)).body["schema"]
    assert "queueId" in schema["properties"]
    assert schema["required"] == ["summary"]
    assert (await desk.post("tickets?requestTypeId=701", {"name": "x", "companyId": 201})).status == 400
    assert "name" in (await desk.get("tickets/10001", auth=f"DdApi {desk.simulator.psa_key}")).body
    await desk.post("/_control/names", {"names": {}})
    assert (await desk.get("tickets/10001")).body["name"]


async def test_both_schema_styles_say_the_same(desk: Desk) -> None:
    bare = (await desk.get("schema/dynamic-types/TicketDetails")).body
    wrapped = (await desk.get("schema2/types/TicketDetails/$schema")).body
    assert wrapped == {"schema": bare}
    assert {"assetTag", "outageMinutes"} <= set(bare["properties"])
    psa = (await desk.get("schema/dynamic-types/TicketDetails", auth=f"DdApi {desk.simulator.psa_key}")).body
    assert {"configurationItem", "outageMinutes"} <= set(psa["properties"])
    assert (await desk.get("schema2/types/Nope/$schema")).status == 404


async def test_reset_forgets_everything(desk: Desk) -> None:
    token = await desk.token("member", 12)
    await desk.ticket()
    desk.simulator.add_fault(kind="status", times=None)
    await desk.post("/_control/reset")
    state = (await desk.get("/_control/state")).body
    assert (state["faults"], state["calls"], state["editions"]["tokity"]["tickets"]) == (0, 0, 60)
    assert (await desk.get("connections/test", auth=token)).status == 401
    assert (await desk.get("connections/test")).status == 200
