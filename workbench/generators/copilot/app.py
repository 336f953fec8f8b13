"""The app manifest (Teams schema 1.30) that brings the agent into Microsoft 365."""

import uuid

from workbench.generators import identity
from workbench.generators.definitions import JsonObject

VERSION = "1.30"
MANIFEST, AGENT = "manifest.json", "declarativeAgent.json"
COLOR_ICON, OUTLINE_ICON = "color.png", "outline.png"

_SHORT = "Tickets, notes, time and people of your DeskDirector service desk, in Copilot."
_FULL = (
    "An agent for the people of a service desk. It finds tickets by words, status, customer or date, counts them, "
    "shows who has how much to do and what is late, sums tickets up for a handover, creates, changes and closes one or "
    "several, and writes notes and time entries.\n\nIt asks before it changes anything, takes names wherever "
    "DeskDirector has ids, and links to what it talks about. It runs on an app of your own organisation; the key to "
    "DeskDirector is kept in Microsoft's vault."
)


def manifest(host: str) -> JsonObject:
    """The manifest for an app that runs under `host`; each host is an app of its own."""
    publisher = identity.publisher()
    return {
        "$schema": f"https://developer.microsoft.com/json-schemas/teams/v{VERSION}/MicrosoftTeams.schema.json",
        "manifestVersion": VERSION,
        "version": identity.version(),
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://{host}/copilot")),
        "developer": {
            "name": publisher.name,
            "websiteUrl": publisher.website,
            "privacyUrl": publisher.privacy_policy,
            "termsOfUseUrl": publisher.terms_of_use,
        },
        "name": {"short": "DeskDirector", "full": identity.TITLE},
        "description": {"short": _SHORT, "full": _FULL},
        "icons": {"color": COLOR_ICON, "outline": OUTLINE_ICON},
        "accentColor": identity.BRAND_COLOR,
        "validDomains": [host],
        "copilotAgents": {"declarativeAgents": [{"id": "deskdirector", "file": AGENT}]},
    }
