"""A small Microsoft 365 Copilot package that no rule objects to."""

import json
from pathlib import Path
from typing import Any

from PIL import Image


def manifest() -> dict[str, Any]:
    """The app manifest."""
    return {
        "manifestVersion": "1.30",
        "version": "1.0.0",
        "id": "11111111-2222-3333-4444-555555555555",
        "name": {"short": "Sample Desk", "full": "Sample Desk for Copilot"},
        "description": {"short": "Tickets in Copilot.", "full": "Find tickets and add notes to them in Copilot."},
        "developer": {"name": "Sample Limited"},
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": "#1f6feb",
        "copilotAgents": {"declarativeAgents": [{"id": "desk", "file": "declarativeAgent.json"}]},
    }


def agent() -> dict[str, Any]:
    """The declarative agent."""
    return {
        "version": "v1.8",
        "name": "Sample Desk",
        "description": "Finds tickets and adds notes.",
        "instructions": "Find the ticket before you add a note.",
        "conversation_starters": [{"title": "My tickets", "text": "Which tickets are assigned to me?"}],
        "actions": [{"id": "tickets", "file": "ai-plugin.json"}],
    }


def plugin() -> dict[str, Any]:
    """The default plugin: a function that reads and one that writes."""
    return {
        "schema_version": "v2.4",
        "name_for_human": "Sample Desk",
        "namespace": "sampledesk",
        "description_for_human": "Work with tickets.",
        "description_for_model": "Finds tickets and adds notes.",
        "functions": [
            {
                "name": "getTicket",
                "description": "Get a ticket.",
                "capabilities": {
                    "response_semantics": {
                        "data_path": "$",
                        "properties": {"title": "$.title", "url": "$.url"},
                        "static_template": {"file": "cards/ticket.json"},
                    },
                    "security_info": {"data_handling": ["GetPrivateData"]},
                },
            },
            {
                "name": "addNote",
                "description": "Add a note to a ticket.",
                "capabilities": {
                    "confirmation": {"type": "AdaptiveCard", "title": "Add a note", "body": "Add this note?"},
                    "security_info": {"data_handling": ["ResourceStateUpdate"]},
                },
            },
        ],
        "runtimes": [
            {
                "type": "OpenApi",
                "auth": {"type": "ApiKeyPluginVault", "reference_id": "${{API_KEY_ID}}"},
                "spec": {"url": "openapi.json"},
                "run_for_functions": ["getTicket", "addNote"],
            }
        ],
    }


def openapi() -> dict[str, Any]:
    """The OpenAPI file, which the Foundry tool takes too."""
    return {
        "openapi": "3.0.3",
        "info": {"title": "Sample Desk", "version": "1.0.0", "description": "Work with tickets."},
        "servers": [{"url": "https://desk.example.com/api"}],
        "paths": {
            "/tickets/{ticketId}": {
                "get": {
                    "operationId": "getTicket",
                    "description": "Get a ticket.",
                    "parameters": [ticket_id()],
                    "responses": answer(),
                }
            },
            "/tickets/{ticketId}/notes": {
                "post": {
                    "operationId": "addNote",
                    "description": "Add a note to a ticket.",
                    "x-openai-isConsequential": True,
                    "parameters": [{"$ref": "#/components/parameters/ticketId"}],
                    "requestBody": {"required": True, "content": {"application/json": {"schema": new_note()}}},
                    "responses": answer(),
                }
            },
        },
        "components": {
            "parameters": {"ticketId": ticket_id()},
            "schemas": {"Ticket": ticket(), "Note": {"type": "object", "properties": {"text": {"type": "string"}}}},
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "x-functions-key"}},
        },
        "security": [{"key": []}],
    }


def ticket_id() -> dict[str, Any]:
    """The one parameter."""
    about = {"required": True, "description": "The number of the ticket.", "schema": {"type": "integer"}}
    return {"name": "ticketId", "in": "path", **about}


def answer() -> dict[str, Any]:
    """The responses: a ticket."""
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Ticket"}}}
    return {"200": {"description": "The ticket.", "content": content}}


def ticket() -> dict[str, Any]:
    """The output, with a list of objects in it."""
    notes = {"type": "array", "items": {"$ref": "#/components/schemas/Note"}}
    return {"type": "object", "properties": {"title": {"type": "string"}, "url": {"type": "string"}, "notes": notes}}


def new_note() -> dict[str, Any]:
    """The one body: flat."""
    tags = {"type": "array", "items": {"type": "string"}, "description": "Words to find it by."}
    return {
        "type": "object",
        "required": ["text"],
        "properties": {"text": {"type": "string", "description": "What to say."}, "tags": tags},
    }


def card() -> dict[str, Any]:
    """An adaptive card."""
    return {"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "TextBlock", "text": "${title}"}]}


DOCUMENTS = {
    "manifest.json": manifest,
    "declarativeAgent.json": agent,
    "ai-plugin.json": plugin,
    "openapi.json": openapi,
    "openapi.foundry.json": openapi,
    "cards/ticket.json": card,
}


def write(folder: Path) -> Path:
    """The whole package."""
    (folder / "cards").mkdir(parents=True, exist_ok=True)
    for name, document in DOCUMENTS.items():
        (folder / name).write_text(json.dumps(document()))
    Image.new("RGB", (192, 192), "#1f6feb").save(folder / "color.png")
    outline().save(folder / "outline.png")
    return folder


def outline(size: int = 32, ink: str = "#ffffff") -> Image.Image:
    """The outline icon: a square on nothing."""
    picture = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    picture.paste(ink, (8, 8, 24, 24))
    return picture
