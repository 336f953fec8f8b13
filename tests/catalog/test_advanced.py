"""The site's own advanced actions and events, and the lists that triggers choose from."""

from typing import Any

from tests.desk import Desk
from workbench.simulator.hooks import PendingEvent


def test_an_advanced_action_is_called_by_name_with_its_own_fields(desk: Desk) -> None:
    ticket = next(iter(desk.tenant.tickets.values()))
    before = len(desk.tenant.tickets)

    done = desk.call(
        "CallAdvancedAction", category="Tickets", action="Copy a ticket", input={"ticketId": ticket.id, "name": "Again"}
    )

    assert done.status == 200
    assert (done.json["category"], done.json["action"]) == ("tickets", "copyTicket")
    assert done.json["output"]["ticket"]["name"] == "Again"
    assert len(desk.tenant.tickets) == before + 1


def test_an_advanced_action_is_called_on_the_shared_host_for_the_site(desk: Desk) -> None:
    desk.call("CallAdvancedAction", category="service", action="setOfficeHours", input={"isOpen": False})

    assert desk.tenant.office_is_open is False


def test_actions_of_another_category_are_not_found(desk: Desk) -> None:
    refused = desk.call("CallAdvancedAction", category="service", action="copyTicket", input={"ticketId": 1})

    assert (refused.status, refused.code) == (400, "AdvancedActionNotFound")
    assert "Open or close the office" in refused.json["message"]


def test_input_that_no_json_can_carry_is_refused(desk: Desk) -> None:
    answer = desk.send(
        "POST",
        "/api/advanced-actions/call?category=tickets&action=copyTicket",
        content=b'{"input": {"ticketId": NaN}}',
        headers=desk.headers(),
    )

    assert (answer.status, answer.code) == (400, "InvalidInput")


def test_categories_actions_and_options_are_listed(desk: Desk) -> None:
    categories = desk.call("ListAdvancedActionCategories").json["results"]
    actions = desk.call("ListAdvancedActions", category="Service desk").json["results"]
    options = desk.call("ListAdvancedActionOptions", category="service", action="findFreeMember", filter1="proj").json

    assert {one["id"] for one in categories} == {"tickets", "service"}
    assert {one["id"] for one in actions} == {"setOfficeHours", "findFreeMember", "removeUserFromGroup"}
    assert [one["name"] for one in options["results"]] == ["Projects"]


def test_the_schemas_of_an_action_are_whole_objects_with_working_drop_downs(desk: Desk) -> None:
    chosen: dict[str, Any] = {"category": "service", "action": "findFreeMember"}
    takes = desk.call("GetAdvancedActionRequestSchema", **chosen).json["schema"]
    answers = desk.call("GetAdvancedActionResponseSchema", **chosen).json["schema"]

    assert takes["required"] == ["boardId"]
    assert takes["properties"]["boardId"]["x-ms-dynamic-values"]["operationId"] == "ListBoards"
    assert answers["properties"]["openTickets"]["type"] == "integer"


def test_an_advanced_event_is_answered_once(desk: Desk) -> None:
    tenant = desk.tenant
    ticket = next(one for one in tenant.tickets.values() if tenant.statuses[one.status_id].name == "Approval Required")
    tenant.pending_events["event-1"] = PendingEvent("event-1", "approvalRequested", ticket.id)
    answer: dict[str, Any] = {"eventId": "event-1", "category": "Approvals", "eventType": "A ticket waits for approval"}

    done = desk.call("AdvancedEventResponseHandle", response={"decision": "approve"}, **answer)
    again = desk.call("AdvancedEventResponseHandle", response={"decision": "decline"}, **answer)

    assert (done.status, done.json["eventType"]) == (200, "approvalRequested")
    assert tenant.statuses[ticket.status_id].name == "In Progress"
    assert again.status == 409


def test_event_types_options_and_schemas_are_listed(desk: Desk) -> None:
    assert {one["id"] for one in desk.call("AdvancedEventCategoriesList").json["results"]} == {"approvals", "service"}
    types = desk.call("AdvancedEventTypesList", category="approvals").json["results"]
    assert [kind["id"] for kind in types] == ["approvalRequested"]
    chosen: dict[str, Any] = {"category": "approvals", "eventType": "approvalRequested"}
    assert desk.call("ListAdvancedEventOptions", **chosen).json["total"] == len(desk.tenant.boards)
    schema = desk.call("GetAdvancedEventResponseSchema", **chosen).json["schema"]
    assert schema["properties"]["decision"]["enum"] == ["approve", "decline"]
    empty = desk.call("GetAdvancedEventResponseSchema", category="service", eventType="officeHoursChanged").json
    assert empty["schema"] == {"type": "object", "properties": {}}


def test_what_triggers_listen_to_is_listed(desk: Desk) -> None:
    assert "ticket.new" in [one["id"] for one in desk.call("ListTicketWebhookEvents").json["results"]]
    assert "chat.created" in [one["id"] for one in desk.call("ListChatWebhookEvents").json["results"]]
    types = desk.call("ListWorkflowTypes").json["results"]
    assert {kind["id"] for kind in types} == {"ticket", "chat", "form"}
    everything = desk.call("ListWorkflows").json["results"]
    chats = desk.call("ListWorkflows", type="Chat workflow").json["results"]
    assert len(everything) == len(desk.tenant.workflows)
    assert [chat["id"] for chat in chats] == ["workflow-104"]
