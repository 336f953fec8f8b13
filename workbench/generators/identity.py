"""Who the connector is: what more than one file of the package says about it.

The publisher is a placeholder in the committed files; `make package` takes the real one from `PUBLISHER_…`.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields, replace
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

PUBLISHER_PREFIX = "PUBLISHER_"

_PROJECT_FILE = Path(__file__).parents[2] / "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Publisher:
    """The organisation that runs the app and answers for the connector."""

    name: str
    email: str
    website: str
    privacy_policy: str
    terms_of_use: str


_PLACEHOLDER = Publisher(
    name="Your Company",
    email="support@example.com",
    website="https://www.example.com",
    privacy_policy="https://www.example.com/privacy",
    terms_of_use="https://www.example.com/terms",
)
_publisher: ContextVar[Publisher] = ContextVar("publisher", default=_PLACEHOLDER)


def publisher() -> Publisher:
    """The publisher of the files that are generated now."""
    return _publisher.get()


def publisher_settings() -> dict[str, str]:
    """Environment variable -> the field of `Publisher` that it sets."""
    return {f"{PUBLISHER_PREFIX}{spec.name.upper()}": spec.name for spec in fields(Publisher)}


def publisher_from(environment: Mapping[str, str]) -> Publisher:
    """The publisher whom the environment names; what it leaves out stays a placeholder. Raises `ValueError`."""
    given = {name: environment[key].strip() for key, name in publisher_settings().items() if environment.get(key)}
    for key, name in publisher_settings().items():
        if name in ("website", "privacy_policy", "terms_of_use") and not given.get(name, "https://").startswith(
            "https://"
        ):
            raise ValueError(f"{key} must be an https address.")
    if "email" in given and "@" not in given["email"]:
        raise ValueError(f"{PUBLISHER_PREFIX}EMAIL must be an e-mail address.")
    return replace(_PLACEHOLDER, **given)


@contextmanager
def published_by(who: Publisher) -> Iterator[None]:
    """Generate in the name of this publisher within the block."""
    token = _publisher.set(who)
    try:
        yield
    finally:
        _publisher.reset(token)


@cache
def version() -> str:
    """The version of the project, which is that of the connector."""
    return str(tomllib.loads(_PROJECT_FILE.read_text(encoding="utf-8"))["project"]["version"])


def placeholders_left(host: str) -> list[str]:
    """A warning for each placeholder that is left in a package for `host`."""
    warnings = []
    if host == PLACEHOLDER_HOST:
        warnings.append(f"The files name the host {host}; name your app's host when you package them.")
    if publisher().email.endswith("@example.com"):
        warnings.append(
            f"The publisher is a placeholder; package again with {PUBLISHER_PREFIX}NAME, EMAIL, WEBSITE … set."
        )
    return warnings


def with_warnings(warnings: Sequence[str], steps: str) -> str:
    """The steps that are left for a person, after the warnings."""
    return "\n".join([*(f"Mind: {text}" for text in warnings), *([""] if warnings else []), steps])
