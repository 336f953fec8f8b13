"""Advanced actions and advanced events: a tenant's own operations on the shared host functions.deskdirector.com.

Here they live on the simulator's own port. As on the shared host, header `dd-host` must name the site. What they are
called and take is not published; these are made up.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.simulator.auth import Access
from workbench.simulator.call import Call
from workbench.simulator.clock import wire
from workbench.simulator.events import APPROVAL_REQUESTED
from workbench.simulator.hooks import AdvancedSubscription
from workbench.simulator.people import mentions
from workbench.simulator.records import Named
from workbench.simulator.router import Routes
from workbench.simulator.service import listed
from workbench.simulator.shapes import Fields, flag, moment, read, record, reference, schema_of, text, whole
from workbench.simulator.ticket_actions import decide
from workbench.simulator.ticket_shapes import ticket_object
from workbench.simulator.tickets import copy_ticket
from workbench.simulator.wire import CONNECTOR, Answer, RefusedError, bad_request, conflict, not_found
from workbench.simulator.workflows import new_hook, subscribed

routes = Routes(CONNECTOR)
OFFICE_HOURS_CHANGED = "officeHoursChanged"
ACTION_CATEGORIES = {"tickets": "Tickets", "service": "Service desk"}
EVENT_CATEGORIES = {"approvals": "Approvals", "service": "Service desk"}


@dataclass(frozen=True, slots=True)
class _Action:
    name: str
    category: str
    request: Fields
    response: Fields
    run: Callable[[Call, dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _EventType:
    name: str
    category: str
    subscribe: Fields
    trigger: Fields
    respond: Fields


def _copy_ticket(call: Call, values: dict[str, Any]) -> dict[str, Any]:
    ticket = call.tenant.tickets.get(values["ticketId"])
    if ticket is None:
        raise bad_request(ticketId=f"Ticket {values['ticketId']} does not exist.")
    copy = copy_ticket(call, ticket, values.get("name") or f"Copy of {ticket.name}")
    return {"ticket": {"id": copy.id, "name": copy.name}}


def _set_office_hours(call: Call, values: dict[str, Any]) -> dict[str, Any]:
    tenant = call.tenant
    tenant.office_is_open = values["isOpen"]
    content = {
        "eventId": tenant.next_name("event"),
        "eventType": OFFICE_HOURS_CHANGED,
        "isOpen": tenant.office_is_open,
        "changedOn": wire(tenant.clock.now()),
    }
    call.simulator.events.advanced(tenant, OFFICE_HOURS_CHANGED, content, {})
    return {"isOpen": tenant.office_is_open}


def _find_free_member(call: Call, values: dict[str, Any]) -> dict[str, Any]:
    board_id = values["boardId"]
    if board_id not in call.tenant.boards:
        raise bad_request(boardId=f"Board {board_id} does not exist.")
    load = dict.fromkeys((key for key, member in call.tenant.members.items() if member.is_active), 0)
    for ticket in call.tenant.tickets.values():
        for key in ticket.assigned_member_ids:
            if ticket.closed_on is None and ticket.board_id == board_id and key in load:
                load[key] += 1
    free = min(load, key=lambda key: load[key])
    return {"member": {"id": free, "name": call.tenant.members[free].name}, "openTickets": load[free]}


def _add_inline_form(call: Call, values: dict[str, Any]) -> dict[str, Any]:
    ticket, form = call.tenant.tickets.get(values["ticketId"]), call.tenant.forms.get(values["formId"])
    if ticket is None or form is None:
        raise bad_request(ticketId="The ticket or the form does not exist.")
    ticket.inline_form_ids.append(form.id)
    return {"ticket": {"id": ticket.id, "name": ticket.name}}


def _leave_user_group(call: Call, values: dict[str, Any]) -> dict[str, Any]:
    group = call.tenant.user_groups.get(values["userGroupId"])
    if group is None:
        raise bad_request(userGroupId="The user group does not exist.")
    group.users.pop(values["contactId"], None)
    return {"userGroup": {"id": group.id, "name": group.name}}


ACTIONS: Mapping[str, _Action] = {
    # Known by name; their ids and fields are guesses.
    "addInlineForm": _Action(
        "Add an inline form to a ticket",
        "tickets",
        {"ticketId": whole("Ticket", required=True), "formId": whole("Form", picker="ListForms", required=True)},
        {"ticket": reference("Ticket")},
        _add_inline_form,
    ),
    "removeUserFromGroup": _Action(
        "Remove a contact from a user group",
        "service",
        {"contactId": whole("Contact", required=True), "userGroupId": text("User group", required=True)},
        {"userGroup": reference("User group")},
        _leave_user_group,
    ),
    "copyTicket": _Action(
        "Copy a ticket",
        "tickets",
        {"ticketId": whole("Ticket", required=True), "name": text("Title of the copy")},
        {"ticket": reference("Copy")},
        _copy_ticket,
    ),
    "setOfficeHours": _Action(
        "Open or close the office",
        "service",
        {"isOpen": flag("Is open", required=True)},
        {"isOpen": flag("Is open")},
        _set_office_hours,
    ),
    "findFreeMember": _Action(
        "Find the member with the fewest open tickets",
        "service",
        {"boardId": whole("Board", picker="ListBoards", required=True)},
        {"member": reference("Member"), "openTickets": whole("Open tickets")},
        _find_free_member,
    ),
}
_EVENT: Fields = {"eventId": text("Event id"), "eventType": text("Event type")}
EVENT_TYPES: Mapping[str, _EventType] = {
    APPROVAL_REQUESTED: _EventType(
        "A ticket waits for approval",
        "approvals",
        {"boardId": whole("Board", picker="ListBoards")},
        {**_EVENT, "requestedOn": moment("Requested on"), "ticket": reference("Ticket")},
        {"decision": text("Decision", enum=("approve", "decline"), required=True), "comment": text("Comment")},
    ),
    OFFICE_HOURS_CHANGED: _EventType(
        "The office opens or closes",
        "service",
        {},
        {**_EVENT, "isOpen": flag("Is open"), "changedOn": moment("Changed on")},
        {},
    ),
}


def _for_the_site(handler: Callable[[Call], Any]) -> Callable[[Call], Any]:
    """The shared host cannot know the tenant without `dd-host`, a bare host name here."""

    def checked(call: Call) -> Any:
        host = call.headers.get("dd-host", "")
        if not host or "/" in host:
            raise RefusedError(400, {"message": "The header dd-host must name the site, such as support.example.com."})
        return handler(call)

    return checked


def _serve(
    method: str, path: str, *, reads: bool | None = None
) -> Callable[[Callable[[Call], Any]], Callable[[Call], Any]]:
    def declare(handler: Callable[[Call], Any]) -> Callable[[Call], Any]:
        routes.on(method, path, allow=Access.STAFF, reads=method == "GET" if reads is None else reads)(
            _for_the_site(handler)
        )
        return handler

    return declare


def _named(names: Mapping[str, str]) -> dict[str, Any]:
    return {"results": [{"id": key, "name": name} for key, name in names.items()], "totalResults": len(names)}


def _of_category(call: Call, entries: Iterable[tuple[str, _Action | _EventType]]) -> dict[str, Any]:
    category = call.query.get("category")
    return _named({key: entry.name for key, entry in entries if not category or entry.category == category})


def _options(call: Call) -> dict[str, Any]:
    """Values for a picker inside the action's own schema: here the boards, narrowed by the filters."""
    filters = [call.query.get(f"filter{number}") for number in (1, 2, 3)]
    boards = [
        Named(key, board.name)
        for key, board in call.tenant.boards.items()
        if all(mentions(f, board.name) for f in filters)
    ]
    answer = listed(boards)
    answer["results"] = [item | {"id": str(item["id"])} for item in answer["results"]]
    return answer


def _action(call: Call) -> _Action:
    action = ACTIONS.get(call.params["function"])
    if action is None:
        raise not_found("Function", call.params["function"])
    _check_category(call, action.category)
    return action


def _event_type(call: Call) -> _EventType:
    event_type = EVENT_TYPES.get(call.params["eventType"])
    if event_type is None:
        raise not_found("Event type", call.params["eventType"])
    _check_category(call, event_type.category)
    return event_type


def _check_category(call: Call, category: str) -> None:
    if call.query.get("category") not in {None, "", category}:
        raise bad_request(category=f"The category '{call.query['category']}' does not have it.")


@_serve("GET", "/functions/listAdvancedActionCategories")
def list_action_categories(_: Call) -> dict[str, Any]:
    """Categories of advanced actions."""
    return _named(ACTION_CATEGORIES)


@_serve("GET", "/functions/listAdvancedActions")
def list_actions(call: Call) -> dict[str, Any]:
    """Advanced actions, of a category when asked."""
    return _of_category(call, ACTIONS.items())


@_serve("GET", "/functions/{function}/options")
def list_action_options(call: Call) -> dict[str, Any]:
    """Picker values for an action."""
    _action(call)
    return _options(call)


@_serve("POST", "/functions/{function}", reads=False)
def call_action(call: Call) -> dict[str, Any]:
    """Run an advanced action."""
    call.required_query("category")
    action = _action(call)
    return action.run(call, read(action.request, call.body))


@_serve("GET", "/events/categories")
def list_event_categories(_: Call) -> dict[str, Any]:
    """Categories of advanced events."""
    return _named(EVENT_CATEGORIES)


@_serve("GET", "/events/types")
def list_event_types(call: Call) -> dict[str, Any]:
    """Advanced event types, of a category when asked."""
    return _of_category(call, EVENT_TYPES.items())


@_serve("GET", "/events/{eventType}/options")
def list_event_options(call: Call) -> dict[str, Any]:
    """Picker values for an event type."""
    _event_type(call)
    return _options(call)


@_serve("POST", "/events/{eventType}/subscriptions")
def subscribe(call: Call) -> Answer:
    """Listen to an advanced event; ending it takes no token."""
    call.required_query("category")
    event_type = _event_type(call)
    fields: Fields = {
        "url": text("Callback URL", required=True),
        "parameters": record("Parameters", event_type.subscribe, required=True),
    }
    values = read(fields, call.body)
    hook = new_hook(call.tenant, "subscription", values["url"])
    hook.on_failure, hook.parameters = "ignore", values["parameters"]
    name = call.params["eventType"]
    call.tenant.advanced_subscriptions[hook.id] = AdvancedSubscription(hook, name)
    return subscribed(call, f"{CONNECTOR}/events/{name}/subscriptions/{hook.id}", hook.id, "")


@_serve("DELETE", "/events/{eventType}/subscriptions/{subscriptionId}")
def unsubscribe(call: Call) -> dict[str, Any]:
    """Stop listening."""
    subscription = call.tenant.advanced_subscriptions.get(call.params["subscriptionId"])
    if subscription is None or subscription.event_type != call.params["eventType"]:
        raise not_found("Subscription", call.params["subscriptionId"])
    del call.tenant.advanced_subscriptions[subscription.hook.id]
    return {}


@_serve("POST", "/events/{eventType}/{eventId}/response")
def respond(call: Call) -> dict[str, Any]:
    """Answer an advanced event, once."""
    call.required_query("category")
    event_type = _event_type(call)
    pending = call.tenant.pending_events.get(call.params["eventId"])
    if pending is None or pending.event_type != call.params["eventType"]:
        raise not_found("Event", call.params["eventId"])
    values = read(event_type.respond, call.body)
    if pending.answer is not None:
        raise conflict(f"Event {pending.id} is answered already.")
    ticket = call.tenant.tickets[pending.ticket_id]
    decide(call, ticket, approved=values["decision"] == "approve")
    pending.answer = values
    return {"ticket": ticket_object(call.tenant, ticket)}


def _publish(path: str, fields: Callable[[Call], Fields]) -> None:
    """Each schema at two routes: `…/$name` at the root, `…/schema2/$name` wrapped."""
    head, _, name = path.rpartition("/")
    _serve("GET", path)(lambda call: schema_of(fields(call)))
    _serve("GET", f"{head}/schema2/{name}")(lambda call: {"schema": schema_of(fields(call))})


_publish("/functions/{function}/$request", lambda call: _action(call).request)
_publish("/functions/{function}/$response", lambda call: _action(call).response)
_publish("/events/{eventType}/$trigger", lambda call: _event_type(call).trigger)
_publish("/events/{eventType}/$subscribe-request", lambda call: _event_type(call).subscribe)
_publish("/events/{eventType}/$respond-request", lambda call: _event_type(call).respond)
