"""A small connector that no rule objects to: an action, a lookup, both kinds of trigger, everything dynamic, paging."""

import json
from pathlib import Path
from typing import Any

from PIL import Image

BRAND = "#1f6feb"
DESCRIPTION = "Sample Desk keeps tickets of a service desk. Find them, add to them and react when they change."
INTRO_SECTIONS = (
    "Prerequisites",
    "How to get credentials",
    "Get started with your connector",
    "Known issues and limitations",
    "Common errors and remedies",
    "FAQ",
)


def text(label: str, description: str, **more: Any) -> dict[str, Any]:
    """A string property."""
    return {"type": "string", "x-ms-summary": label, "description": description, **more}


def described(code: str, description: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    """The responses of an operation: one success, one error, the rest."""
    success = {"description": description, **({"schema": schema} if schema else {})}
    return {
        code: success,
        "400": {"description": "The request was not understood."},
        "default": {"description": "Something went wrong."},
    }


def dynamic(operation_id: str, legacy: dict[str, Any], full: dict[str, Any]) -> dict[str, Any]:
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


def overlay(kind: str) -> dict[str, Any]:
    """A tenant's own fields, in both forms."""
    return {
        "x-ms-dynamic-schema": {
            "operationId": "GetFields",
            "parameters": {"kind": kind},
            "value-path": "schema/properties",
        },
        "x-ms-dynamic-properties": {
            "operationId": "GetFields",
            "parameters": {"kind": {"value": kind}},
            "itemValuePath": "schema",
        },
    }


def action(name: str, model_name: str, *, asks: bool) -> dict[str, Any]:
    """What every visible action carries."""
    return {
        "x-ms-api-annotation": {"family": name, "revision": 1, "status": "Production"},
        "x-ms-name-for-model": model_name,
        "x-ms-description-for-model": "Works on tickets. Ids come from the ticket that the trigger gave.",
        "x-ms-require-user-confirmation": asks,
    }


def definition() -> dict[str, Any]:
    """The swagger definition, new each time."""
    ticket = {"$ref": "#/definitions/Ticket"}
    choices = {
        "type": "object",
        "required": ["results"],
        "properties": {
            "results": {
                "type": "array",
                "x-ms-summary": "Results",
                "description": "The choices, sorted by name.",
                "items": {
                    "type": "object",
                    "properties": {
                        "id": text("ID", "What to send."),
                        "name": text("Name", "What to show."),
                    },
                },
            }
        },
    }
    return {
        "swagger": "2.0",
        "info": {
            "title": "Sample Desk",
            "description": DESCRIPTION,
            "version": "1.0",
            "contact": {
                "name": "Sample Support",
                "url": "https://support.example.com",
                "email": "support@example.com",
            },
            "x-ms-api-annotation": {"status": "Production"},
        },
        "host": "sample-desk.azurewebsites.net",
        "basePath": "/",
        "schemes": ["https"],
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "tags": [{"name": "Tickets"}],
        "paths": {
            "/tickets/{ticketId}": {
                "get": {
                    "operationId": "GetTicket",
                    "tags": ["Tickets"],
                    "summary": "Get a ticket",
                    "description": "Get one ticket with everything about it.",
                    "parameters": [{"$ref": "#/parameters/ticketId"}],
                    "responses": described("200", "The ticket.", ticket),
                    **action("GetTicket", "get_ticket", asks=False),
                },
                "patch": {
                    "operationId": "UpdateTicket",
                    "tags": ["Tickets"],
                    "summary": "Update a ticket",
                    "description": "Change a ticket. What is left out stays as it is.",
                    "parameters": [
                        {"$ref": "#/parameters/ticketId"},
                        {
                            "name": "mode",
                            "in": "query",
                            "required": True,
                            "type": "string",
                            "enum": ["quiet", "loud"],
                            "default": "quiet",
                            "x-ms-summary": "Mode",
                            "description": "Whether people are told.",
                            "x-ms-visibility": "internal",
                            "x-ms-enum-values": [
                                {"value": "quiet", "displayName": "Nobody is told"},
                                {"value": "loud", "displayName": "Everybody is told"},
                            ],
                        },
                        {
                            "name": "body",
                            "in": "body",
                            "required": True,
                            "schema": {
                                "type": "object",
                                "required": ["board"],
                                "properties": {
                                    "board": text("Board", "The board it belongs to.", **dynamic("ListBoards", {}, {})),
                                    "status": text(
                                        "Status",
                                        "The status of that board.",
                                        **dynamic(
                                            "ListStatuses",
                                            {"board": {"parameter": "board"}, "order": "name"},
                                            {
                                                "board": {"parameterReference": "body/board"},
                                                "order": {"value": "name"},
                                            },
                                        ),
                                    ),
                                    "estimate": {
                                        "type": "number",
                                        "format": "double",
                                        "minimum": 0,
                                        "maximum": 100,
                                        "x-ms-summary": "Estimate",
                                        "description": "In hours.",
                                    },
                                    "additionalFields": {
                                        "type": "object",
                                        "x-ms-summary": "Additional Fields",
                                        "description": "The tenant's own fields.",
                                        **overlay("ticket"),
                                    },
                                },
                            },
                        },
                    ],
                    "responses": described("200", "The ticket as it is now.", ticket),
                    **action("UpdateTicket", "update_ticket", asks=True),
                },
            },
            "/find/tickets": {
                "get": {
                    "operationId": "FindTickets",
                    "tags": ["Tickets"],
                    "summary": "Find tickets",
                    "description": "Find tickets by words and filters, page by page.",
                    "parameters": [
                        {
                            "name": "tags",
                            "in": "query",
                            "type": "array",
                            "items": {"type": "string"},
                            "collectionFormat": "multi",
                            "x-ms-summary": "Tags",
                            "description": "Tickets with all of these.",
                        }
                    ],
                    "responses": described(
                        "200",
                        "One page of tickets.",
                        {
                            "type": "object",
                            "properties": {
                                "results": {
                                    "type": "array",
                                    "x-ms-summary": "Results",
                                    "description": "The tickets of this page.",
                                    "items": ticket,
                                },
                                "nextLink": text("Next Link", "The next page.", **{"x-ms-visibility": "internal"}),
                            },
                        },
                    ),
                    "x-ms-pageable": {"nextLinkName": "nextLink"},
                    **action("FindTickets", "find_tickets", asks=False),
                }
            },
            "/lookups/boards": {
                "get": {
                    "operationId": "ListBoards",
                    "summary": "List boards",
                    "description": "List the boards that tickets can be on.",
                    "responses": described("200", "The boards.", choices),
                    "x-ms-visibility": "internal",
                }
            },
            "/lookups/statuses": {
                "get": {
                    "operationId": "ListStatuses",
                    "summary": "List statuses",
                    "description": "List the statuses of a board.",
                    "parameters": [
                        {
                            "name": "board",
                            "in": "query",
                            "required": True,
                            "type": "string",
                            "x-ms-summary": "Board",
                            "description": "The id of the board.",
                        },
                        {
                            "name": "order",
                            "in": "query",
                            "type": "string",
                            "x-ms-summary": "Order",
                            "description": "By what they are sorted.",
                        },
                    ],
                    "responses": described("200", "The statuses.", {"$ref": "#/definitions/Choices"}),
                    "x-ms-visibility": "internal",
                }
            },
            "/schemas/{kind}/fields": {
                "get": {
                    "operationId": "GetFields",
                    "summary": "Get the fields of a kind",
                    "description": "Get the schema of the fields that only this tenant has.",
                    "parameters": [
                        {
                            "name": "kind",
                            "in": "path",
                            "required": True,
                            "type": "string",
                            "x-ms-url-encoding": "single",
                            "x-ms-summary": "Kind",
                            "description": "What the fields belong to.",
                        }
                    ],
                    "responses": described(
                        "200",
                        "The schema.",
                        {
                            "type": "object",
                            "properties": {
                                "schema": {
                                    "type": "object",
                                    "x-ms-summary": "Schema",
                                    "description": "An object schema.",
                                    "properties": {
                                        "properties": {
                                            "type": "object",
                                            "x-ms-summary": "Properties",
                                            "description": "One schema a field.",
                                        }
                                    },
                                }
                            },
                        },
                    ),
                    "x-ms-visibility": "internal",
                }
            },
            "/subscriptions": {
                "post": {
                    "operationId": "WhenTicketChanges",
                    "summary": "When a ticket is created or changed",
                    "description": "This operation triggers when a ticket is created or changed.",
                    "parameters": [
                        {
                            "name": "body",
                            "in": "body",
                            "required": True,
                            "schema": {
                                "type": "object",
                                "required": ["callbackUrl"],
                                "properties": {
                                    "callbackUrl": text(
                                        "Callback URL",
                                        "Where the event is sent.",
                                        **{"x-ms-visibility": "internal", "x-ms-notification-url": True},
                                    )
                                },
                            },
                        }
                    ],
                    "responses": described("201", "Subscribed."),
                    "x-ms-trigger": "single",
                    "x-ms-trigger-hint": "To see it work now, create a ticket.",
                    "x-ms-api-annotation": {"family": "WhenTicketChanges", "revision": 1},
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
                    "operationId": "Unsubscribe",
                    "summary": "Unsubscribe from changes",
                    "description": "End a subscription.",
                    "parameters": [
                        {
                            "name": "subscriptionId",
                            "in": "path",
                            "required": True,
                            "type": "string",
                            "x-ms-url-encoding": "single",
                            "x-ms-summary": "Subscription ID",
                            "description": "The subscription to end.",
                        }
                    ],
                    "responses": described("204", "Unsubscribed."),
                    "x-ms-visibility": "internal",
                }
            },
            "/polling/tickets": {
                "get": {
                    "operationId": "WhenTicketsArePolled",
                    "summary": "When a ticket is new",
                    "description": "This operation triggers when a ticket is new, and asks every few minutes.",
                    "responses": described(
                        "200",
                        "New tickets.",
                        {
                            "type": "object",
                            "properties": {
                                "results": {
                                    "type": "array",
                                    "x-ms-summary": "Results",
                                    "description": "The new tickets.",
                                    "items": ticket,
                                },
                                "nextLink": text("Next Link", "Never set.", **{"x-ms-visibility": "internal"}),
                            },
                        },
                    ),
                    "x-ms-trigger": "batch",
                    "x-ms-trigger-hint": "To see it work now, create a ticket and wait.",
                    "x-ms-trigger-metadata": {"kind": "query", "mode": "polling"},
                    "x-ms-api-annotation": {"family": "WhenTicketsArePolled", "revision": 1},
                }
            },
            "/connection": {
                "get": {
                    "operationId": "TestConnection",
                    "summary": "Test the connection",
                    "description": "Find out whether the credentials are good.",
                    "responses": described("200", "They are.", {"$ref": "#/definitions/Ticket"}),
                    "x-ms-visibility": "internal",
                }
            },
        },
        "definitions": {
            "Ticket": {
                "type": "object",
                "properties": {
                    "id": {
                        "type": "integer",
                        "format": "int32",
                        "x-ms-summary": "ID",
                        "description": "The number of the ticket.",
                    },
                    "title": text("Title", "What it is about."),
                },
            },
            "Choices": choices,
        },
        "parameters": {
            "ticketId": {
                "name": "ticketId",
                "in": "path",
                "required": True,
                "type": "integer",
                "format": "int32",
                "minimum": 1,
                "x-ms-url-encoding": "single",
                "x-ms-summary": "Ticket ID",
                "description": "The number of the ticket.",
            }
        },
        "securityDefinitions": {"apiKey": {"type": "apiKey", "name": "x-api-key", "in": "header"}},
        "security": [{"apiKey": []}],
        "x-ms-capabilities": {"testConnection": {"operationId": "TestConnection"}},
        "x-ms-connector-metadata": [
            {"propertyName": "Website", "propertyValue": "https://www.example.com"},
            {"propertyName": "Privacy policy", "propertyValue": "https://www.example.com/privacy"},
            {"propertyName": "Categories", "propertyValue": "IT Operations;Productivity"},
        ],
    }


def key_parameter() -> dict[str, Any]:
    """A secret that makers are asked for."""
    return {
        "type": "securestring",
        "uiDefinition": {
            "displayName": "API Key",
            "description": "Created in the admin portal.",
            "tooltip": "Created in the admin portal.",
            "constraints": {"required": "true"},
        },
    }


def policies() -> list[dict[str, Any]]:
    """What the gateway does to a call."""
    return [
        {
            "templateId": "setheader",
            "title": "Send the key",
            "parameters": {
                "x-ms-apimTemplateParameter.name": "x-api-key",
                "x-ms-apimTemplateParameter.value": "@connectionParameters('apiKey')",
                "x-ms-apimTemplateParameter.existsAction": "override",
                "x-ms-apimTemplate-policySection": "Request",
            },
        },
        {
            "templateId": "setconnectionstatustounauthenticated",
            "title": "Mark the connection broken when the key is refused",
            "parameters": {"x-ms-apimTemplateParameter.statusCode": 401},
        },
    ]


def properties() -> dict[str, Any]:
    """apiProperties.json, new each time."""
    return {
        "properties": {
            "iconBrandColor": BRAND,
            "publisher": "Sample Limited",
            "stackOwner": "Sample Limited",
            "capabilities": ["actions"],
            "connectionParameters": {"apiKey": key_parameter()},
            "policyTemplateInstances": policies(),
        }
    }


def multi_auth() -> dict[str, Any]:
    """The second apiProperties: two ways to connect."""
    document = properties()
    del document["properties"]["connectionParameters"]
    document["properties"]["connectionParameterSets"] = {
        "uiDefinition": {"displayName": "Authentication", "description": "How to connect."},
        "values": [
            {
                "name": name,
                "uiDefinition": {"displayName": f"With a {name} key", "description": "Choose this for such a key."},
                "parameters": {"apiKey": key_parameter()},
            }
            for name in ("Tokity", "PSA")
        ],
    }
    return document


def readme() -> str:
    """readme.md."""
    visible = [
        operation["summary"]
        for item in definition()["paths"].values()
        for operation in item.values()
        if "summary" in operation and operation.get("x-ms-visibility") != "internal"
    ]
    return "\n\n".join(
        [
            "# Sample Desk",
            "## Publisher: Sample Limited",
            "## Prerequisites\n\nA key.",
            "## Supported Operations",
            *(f"### {summary}\n\nIt does that." for summary in visible),
            "## Obtaining Credentials\n\nIn the admin portal.",
            "## Known Issues and Limitations\n\nNone.",
            "## Deployment Instructions\n\nImport it.\n",
        ]
    )


def intro() -> str:
    """intro.md."""
    sections = "\n".join(f"## {section}\n\nSome words.\n" for section in INTRO_SECTIONS)
    return f"Work with tickets from your flows. Nothing to install.\n\n{sections}"


def icon(size: int = 230, logo: int = 120, background: str = BRAND, mode: str = "RGB") -> Image.Image:
    """icon.png: a white square in the middle of the brand colour."""
    picture = Image.new(mode, (size, size), background)
    picture.paste("#ffffff", ((size - logo) // 2,) * 2 + ((size + logo) // 2,) * 2)
    return picture


def write(folder: Path) -> Path:
    """The whole package."""
    folder.mkdir(parents=True, exist_ok=True)
    documents = {
        "apiDefinition.swagger.json": definition(),
        "apiProperties.json": properties(),
        "apiProperties.multi-auth.json": multi_auth(),
        "settings.json": {"environment": "11111111-2222-3333-4444-555555555555", "icon": "icon.png"},
    }
    for name, document in documents.items():
        (folder / name).write_text(json.dumps(document))
    (folder / "readme.md").write_text(readme())
    (folder / "intro.md").write_text(intro())
    icon().save(folder / "icon.png")
    return folder
