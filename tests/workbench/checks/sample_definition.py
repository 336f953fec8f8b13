"""A small definition that no rule objects to: actions, a lookup that needs another, both kinds of trigger, paging."""

from typing import Any

Node = dict[str, Any]

DESCRIPTION = "Sample Desk keeps tickets of a service desk. Find them, add to them and react when they change."
TICKET: Node = {"$ref": "#/definitions/Ticket"}
INTERNAL = {"x-ms-visibility": "internal"}


def definition() -> Node:
    """The swagger definition, new each time."""
    return {
        "swagger": "2.0",
        "info": {
            "title": "Sample Desk",
            "description": DESCRIPTION,
            "version": "1.0",
            "contact": {"name": "Support", "url": "https://support.example.com", "email": "support@example.com"},
            "x-ms-api-annotation": {"status": "Production"},
        },
        "host": "sample-desk.azurewebsites.net",
        "basePath": "/",
        "schemes": ["https"],
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "tags": [{"name": "Tickets"}],
        "paths": {**actions(), **lookups(), **triggers()},
        "definitions": {"Ticket": ticket(), "Choices": choices()},
        "parameters": {"ticketId": in_path("ticketId", "Ticket ID", type="integer", format="int32", minimum=1)},
        "securityDefinitions": {"apiKey": {"type": "apiKey", "name": "x-api-key", "in": "header"}},
        "security": [{"apiKey": []}],
        "x-ms-capabilities": {"testConnection": {"operationId": "TestConnection"}},
        "x-ms-connector-metadata": [
            {"propertyName": "Website", "propertyValue": "https://www.example.com"},
            {"propertyName": "Privacy policy", "propertyValue": "https://www.example.com/privacy"},
            {"propertyName": "Categories", "propertyValue": "IT Operations;Productivity"},
        ],
    }


def actions() -> Node:
    """One that reads, one that writes, one that comes in pages."""
    ticket_id = {"$ref": "#/parameters/ticketId"}
    return {
        "/tickets/{ticketId}": {
            "get": {
                **operation("GetTicket", "Get a ticket", "Get one ticket with everything about it."),
                **visible("GetTicket", "get_ticket", asks=False),
                "tags": ["Tickets"],
                "parameters": [ticket_id],
                "responses": answers("200", TICKET),
            },
            "patch": {
                **operation("UpdateTicket", "Update a ticket", "Change a ticket. What is left out stays as it is."),
                **visible("UpdateTicket", "update_ticket", asks=True),
                "parameters": [ticket_id, mode(), body(changes())],
                "responses": answers("200", TICKET),
            },
        },
        "/find/tickets": {
            "get": {
                **operation("FindTickets", "Find tickets", "Find tickets by words and filters, page by page."),
                **visible("FindTickets", "find_tickets", asks=False),
                "tags": ["Tickets"],
                "parameters": [
                    in_query("tags", "Tags", type="array", items={"type": "string"}, collectionFormat="multi")
                ],
                "responses": answers("200", page()),
                "x-ms-pageable": {"nextLinkName": "nextLink"},
            }
        },
    }


def lookups() -> Node:
    """What the designer calls: two drop-downs, a schema, the connection test."""
    status_inputs = [in_query("board", "Board", required=True), in_query("order", "Order")]
    schema = prop("object", "Schema", properties={"properties": prop("object", "Properties")})
    return {
        "/lookups/boards": lookup("ListBoards", "List boards", [], choices()),
        "/lookups/statuses": lookup("ListStatuses", "List statuses", status_inputs, {"$ref": "#/definitions/Choices"}),
        "/schemas/{kind}/fields": lookup(
            "GetFields",
            "Get the fields of a kind",
            [in_path("kind", "Kind", type="string")],
            {"type": "object", "properties": {"schema": schema}},
        ),
        "/connection": lookup("TestConnection", "Test the connection", [], TICKET),
    }


def triggers() -> Node:
    """A webhook with its end, and one that polls."""
    callback = text("Callback URL", "Where the event is sent.", **INTERNAL, **{"x-ms-notification-url": True})
    subscription = {"type": "object", "required": ["callbackUrl"], "properties": {"callbackUrl": callback}}
    return {
        "/subscriptions": {
            "post": {
                **operation("WhenTicketChanges", "When a ticket is changed", "This operation triggers when it is."),
                **trigger("WhenTicketChanges", "single"),
                "parameters": [body(subscription)],
                "responses": answers("201"),
            },
            "x-ms-notification-content": {
                "description": "The event.",
                "schema": {
                    "type": "object",
                    "properties": {"ticketId": text("Ticket ID", "The number of the ticket.")},
                    **overlay("event"),
                },
            },
        },
        "/subscriptions/{subscriptionId}": {
            "delete": {
                **operation("Unsubscribe", "Unsubscribe from changes", "End a subscription."),
                **INTERNAL,
                "parameters": [in_path("subscriptionId", "Subscription ID", type="string")],
                "responses": answers("204"),
            }
        },
        "/polling/tickets": {
            "get": {
                **operation("WhenTicketIsNew", "When a ticket is new", "This operation triggers when one is."),
                **trigger("WhenTicketIsNew", "batch"),
                "responses": answers("200", page()),
                "x-ms-trigger-metadata": {"kind": "query", "mode": "polling"},
            }
        },
    }


def ticket() -> Node:
    """What most operations answer."""
    return {
        "type": "object",
        "properties": {"id": prop("integer", "ID", format="int32"), "title": text("Title", "What it is about.")},
    }


def choices() -> Node:
    """What a drop-down shows."""
    choice = {
        "type": "object",
        "properties": {"id": text("ID", "What to send."), "name": text("Name", "What to show.")},
    }
    return {
        "type": "object",
        "required": ["results"],
        "properties": {"results": prop("array", "Results", items=choice)},
    }


def page() -> Node:
    """One page of tickets; the designer sees one list in it."""
    return {
        "type": "object",
        "properties": {
            "results": prop("array", "Results", items=TICKET.copy()),
            "nextLink": text("Next Link", "The next page.", **INTERNAL),
        },
    }


def changes() -> Node:
    """What can be changed of a ticket: a status depends on the board, and the tenant has fields of its own."""
    status = dynamic(
        "ListStatuses",
        {"board": {"parameter": "board"}, "order": "name"},
        {"board": {"parameterReference": "body/board"}, "order": {"value": "name"}},
    )
    return {
        "type": "object",
        "required": ["board"],
        "properties": {
            "board": text("Board", "The board it belongs to.", **dynamic("ListBoards", {}, {})),
            "status": text("Status", "The status of that board.", **status),
            "estimate": prop("number", "Estimate", format="double", minimum=0, maximum=100),
            "additionalFields": prop("object", "Additional Fields", **overlay("ticket")),
        },
    }


def mode() -> Node:
    """An input that makers do not see."""
    shown = [{"value": "quiet", "displayName": "Nobody is told"}, {"value": "loud", "displayName": "Everybody is told"}]
    return in_query(
        "mode",
        "Mode",
        required=True,
        enum=["quiet", "loud"],
        default="quiet",
        **INTERNAL,
        **{"x-ms-enum-values": shown},
    )


def operation(operation_id: str, summary: str, description: str) -> Node:
    """What every operation has."""
    return {"operationId": operation_id, "summary": summary, "description": description}


def visible(family: str, model_name: str, *, asks: bool) -> Node:
    """What every visible action has besides."""
    return {
        "x-ms-api-annotation": {"family": family, "revision": 1, "status": "Production"},
        "x-ms-name-for-model": model_name,
        "x-ms-description-for-model": "Works on tickets. Ids come from the ticket that the trigger gave.",
        "x-ms-require-user-confirmation": asks,
    }


def trigger(family: str, kind: str) -> Node:
    """What every trigger has besides."""
    return {
        "x-ms-trigger": kind,
        "x-ms-trigger-hint": "To see it work now, create a ticket.",
        "x-ms-api-annotation": {"family": family, "revision": 1},
    }


def lookup(operation_id: str, summary: str, parameters: list[Node], schema: Node) -> Node:
    """A path with an internal GET."""
    get = {**operation(operation_id, summary, f"{summary} for the designer."), **INTERNAL, "parameters": parameters}
    return {"get": {**get, "responses": answers("200", schema.copy())}}


def answers(code: str, schema: Node | None = None) -> Node:
    """The responses of an operation: one success, one error, the rest."""
    return {
        code: {"description": "It worked.", **({"schema": schema.copy()} if schema else {})},
        "400": {"description": "The request was not understood."},
        "default": {"description": "Something went wrong."},
    }


def dynamic(operation_id: str, legacy: Node, full: Node) -> Node:
    """A drop-down, in both its forms."""
    return {
        "x-ms-dynamic-values": {
            "operationId": operation_id,
            "parameters": legacy,
            "value-collection": "results",
            "value-path": "id",
            "value-title": "name",
        },
        "x-ms-dynamic-list": {
            "operationId": operation_id,
            "parameters": full,
            "itemsPath": "results",
            "itemValuePath": "id",
            "itemTitlePath": "name",
        },
    }


def overlay(kind: str) -> Node:
    """A tenant's own fields, in both forms."""
    legacy = {"operationId": "GetFields", "parameters": {"kind": kind}, "value-path": "schema/properties"}
    full = {"operationId": "GetFields", "parameters": {"kind": {"value": kind}}, "itemValuePath": "schema"}
    return {"x-ms-dynamic-schema": legacy, "x-ms-dynamic-properties": full}


def body(schema: Node) -> Node:
    """The JSON body."""
    return {"name": "body", "in": "body", "required": True, "schema": schema}


def in_query(name: str, label: str, **more: Any) -> Node:
    """A query parameter, a string if nothing else is said."""
    return {"name": name, "in": "query", "type": "string", **labelled(label), **more}


def in_path(name: str, label: str, **more: Any) -> Node:
    """A path parameter."""
    return {"name": name, "in": "path", "required": True, "x-ms-url-encoding": "single", **labelled(label), **more}


def prop(kind: str, label: str, **more: Any) -> Node:
    """A property of a type."""
    return {"type": kind, **labelled(label), **more}


def text(label: str, description: str, **more: Any) -> Node:
    """A string property with a description of its own."""
    return {"type": "string", "x-ms-summary": label, "description": description, **more}


def labelled(label: str) -> Node:
    """What makers read on a parameter or property."""
    return {"x-ms-summary": label, "description": f"The {label.lower()} to use."}
