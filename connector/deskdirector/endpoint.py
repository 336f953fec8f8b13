"""One upstream route: its method and path, who may call it, and whether it may be repeated."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import quote

from connector.deskdirector.errors import BadRequest
from connector.settings import ENDPOINT_PREFIX

Category = Literal["public", "admin", "portal", "tech"]
Evidence = Literal["proven", "found", "assumed"]
Auth = Literal["any", "key", "member", "contact"]

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

_PARAMETER = re.compile(r"\{(\w+)\}")
_VERSION = re.compile(r"/api/?v?(\d)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\\]")


class Host(Enum):
    """Where a route lives: on the tenant's site, or on the host that tenants share for advanced actions and events."""

    SITE = "site"
    FUNCTIONS = "functions"


SITE, FUNCTIONS = Host.SITE, Host.FUNCTIONS


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One upstream route.

    `auth` is who may call it: `key` an API key only, `member` or `contact` only such a user (by access token), `any`
    all. `idempotent` says that repeating the call changes nothing more, so it may be retried after an unclear failure.
    """

    method: str
    path: str
    category: Category = "public"
    evidence: Evidence = "proven"
    auth: Auth = "any"
    host: Host = SITE
    idempotent: bool = True
    name: str = ""
    """That of its constant; empty for a raw route."""

    @property
    def version(self) -> int:
        """The API version, from its path."""
        match = _VERSION.match(self.path)
        return int(match[1]) if match else 2

    @property
    def title(self) -> str:
        """What people call it: `Add ticket note`."""
        return self.name.replace("_", " ").capitalize()

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of its path parameters, in order."""
        return template(self.path)[1]

    @property
    def setting(self) -> str:
        """The environment variable that replaces its route."""
        return ENDPOINT_PREFIX + self.name

    def fill(self, values: Mapping[str, Any]) -> str:
        """The path with its parameters in place, percent-encoded; `BadRequest` for a value that would break out."""
        literals, names = template(self.path)
        if not names:
            return self.path
        parts = [literals[0]]
        for name, literal in zip(names, literals[1:], strict=True):
            parts += (segment(name, values[name]), literal)
        return "".join(parts)


@lru_cache(maxsize=512)
def template(path: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The literal pieces around the parameters, and the parameters."""
    pieces = _PARAMETER.split(path)
    return tuple(pieces[::2]), tuple(pieces[1::2])


def segment(name: str, value: object) -> str:
    """`value` as one piece of a path, percent-encoded; `BadRequest` for a value that would break out of it."""
    if type(value) is int:
        return str(value)
    text = str(value)
    # Servers differ on whether %2F and dot segments are undone before routing, so such a value is refused, not encoded.
    if not text or _CONTROL.search(text) or any(piece in ("", ".", "..") for piece in text.split("/")):
        raise BadRequest("ValueMalformed", f"The value of {name} cannot be part of an address.")
    return quote(text, safe="$")


def repeatable(method: str, path: str) -> bool:
    """POSTs that only read are repeatable; updates set values, so a second one sets the same values."""
    return method != "POST" or path.endswith(("/find", "/render"))


def raw_endpoint(method: str, path: str) -> Endpoint:
    """A route that the table does not have, for the raw API call. `path` is not percent-encoded and has no query."""
    method = method.strip().upper()
    if method not in METHODS:
        raise BadRequest("MethodNotAllowed", f"The method must be one of {', '.join(METHODS)}.")
    if not path.startswith(("/api/", "/api2/")):
        raise BadRequest(
            "PathNotAllowed", "The path must begin with /api/ or /api2/; the query goes into its own field."
        )
    encoded = "/".join(segment("the path", piece) for piece in path.removeprefix("/").split("/"))
    return Endpoint(method, "/" + encoded, idempotent=repeatable(method, path))
