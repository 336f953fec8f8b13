"""Who the connector is: what more than one file of the package says about it.

An organisation that submits the connector for certification puts its own details into `PUBLISHER` and exports again.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PLACEHOLDER_HOST = "your-app.azurewebsites.net"
"""The host of the committed files; `make export HOST=…` writes the real one."""

TITLE = "DeskDirector Automation"
DESCRIPTION = (
    "Work with DeskDirector tickets, notes, contacts, companies and members in flows, apps and agents. Give boards, "
    "statuses and people by name or by id, act on behalf of a contact or member, and get typed results back. A request "
    "that is repeated does not create anything twice."
)
BRAND_COLOR = "#0b5563"
CATEGORIES = "IT Operations;Productivity"
SERVICE_WEBSITE = "https://www.deskdirector.com"
SERVICE_PRIVACY_POLICY = "https://www.deskdirector.com/privacy-policy"

_PROJECT_FILE = Path(__file__).parents[2] / "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Publisher:
    """The organisation that runs the app and answers for the connector."""

    name: str
    email: str
    website: str
    privacy_policy: str
    terms_of_use: str


PUBLISHER = Publisher(
    name="Your Company",
    email="support@example.com",
    website="https://www.example.com",
    privacy_policy="https://www.example.com/privacy",
    terms_of_use="https://www.example.com/terms",
)


@cache
def version() -> str:
    """The version of the project, which is that of the connector."""
    return str(tomllib.loads(_PROJECT_FILE.read_text(encoding="utf-8"))["project"]["version"])
