"""A small connector package that no rule objects to."""

import json
from pathlib import Path
from typing import Any

from PIL import Image

from tests.workbench.checks.sample_definition import DESCRIPTION, definition, text

BRAND = "#1f6feb"
__all__ = [
    "DESCRIPTION",
    "definition",
    "icon",
    "key_parameter",
    "multi_auth",
    "policies",
    "properties",
    "text",
    "write",
]

INTRO_SECTIONS = (
    "Prerequisites",
    "How to get credentials",
    "Get started with your connector",
    "Known issues and limitations",
    "Common errors and remedies",
    "FAQ",
)


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
