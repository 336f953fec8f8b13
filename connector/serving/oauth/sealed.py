"""Tokens, requests and client ids as sealed texts: what is in them can be neither read nor altered.

A text is `<prefix>_<key id>_<Fernet token>`, in letters that need no escape anywhere and without dots: with dots and
`eyJ` the Functions host would take it for a JWT. What kind it is stands inside too, so that none passes for another.
"""

import json
import os
from enum import StrEnum
from typing import Any, Final

from connector.deskdirector.errors import Unavailable
from connector.runtime import per_loop
from connector.settings import Settings, in_azure
from connector.storage.sealing import BrokenSealError, Sealer, open_sealer

LONGEST: Final = 12_000
_KIND: Final = "kind"


class Kind(StrEnum):
    """What a sealed text is, and how it begins."""

    ACCESS = "ddmat"
    REFRESH = "ddmrt"
    CLIENT = "ddmcl"
    REQUEST = "ddmrq"


@per_loop
def sealer_of(settings: Settings) -> Sealer:
    """The app's sealer."""
    return open_sealer(settings, os.environ, shared=in_azure())


def seal(kind: Kind, claims: dict[str, Any], sealer: Sealer) -> str:
    """The sealed text of some claims."""
    text = json.dumps({**claims, _KIND: kind.value}, ensure_ascii=False, separators=(",", ":"))
    key_id, _, token = sealer.seal(text).partition(".")
    return f"{kind.value}_{key_id}_{token.rstrip('=')}"


def is_of(kind: Kind, text: str) -> bool:
    """Whether a text says that it is of this kind."""
    return text.startswith(f"{kind.value}_")


def unseal(kind: Kind, text: str, sealer: Sealer) -> dict[str, Any] | None:
    """The claims; None for everything that this app did not seal as this kind."""
    prefix, _, rest = text.partition("_")
    key_id, _, token = rest.partition("_")
    if prefix != kind.value or len(text) > LONGEST or not text.isascii():
        return None
    try:
        claims = json.loads(sealer.open(f"{key_id}.{token}{'=' * (-len(token) % 4)}"))
    except (BrokenSealError, Unavailable, ValueError):
        return None
    return claims if isinstance(claims, dict) and claims.get(_KIND) == kind.value else None
