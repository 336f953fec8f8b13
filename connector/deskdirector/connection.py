"""Site host and API key as they arrive with a call -> a checked `Connection` with a ready `Authorization` header.

The headers are those of the vendor's own services: `dd-host`, `dd-api-key` (or a ready `Authorization`), and
optionally `dd-agent`, the id of the member to act as. A person may paste the key in whatever form the portal showed it.
Clients that can send one key and nothing else, such as Microsoft 365 Copilot, send it as `Authorization: Bearer`; the
site is then the one in the settings.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from connector.deskdirector.errors import BadRequest, Unauthorized
from connector.deskdirector.sites import Site, check_site
from connector.settings import Settings

MAX_KEY = 8192
MAX_ID = 2**31 - 1
SHORTEST_SECRET = 4
"""A shorter one would match parts of any text."""

BASIC, DD_API, DD_ACCESS_TOKEN = "Basic", "DdApi", "DdAccessToken"
_SCHEMES = {scheme.lower(): scheme for scheme in (BASIC, DD_API, DD_ACCESS_TOKEN)}

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+={0,2}")
_JWT = re.compile(r"eyJ[\w-]+\.([\w-]+)\.[\w-]+")


@dataclass(frozen=True, slots=True)
class Connection:
    """A site and the right to call it. Nothing secret shows in its repr; `identity` may be logged and used as a key.

    `scheme` is that of the key's kind; under which one it is sent is decided per route (`authorization.py`).
    """

    site: Site
    scheme: str
    authorization: str = field(repr=False)
    agent_id: int | None = None
    identity: str = field(init=False)

    def __post_init__(self) -> None:
        parts = (self.site.origin, self.authorization, str(self.agent_id or ""))
        object.__setattr__(self, "identity", hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32])

    @classmethod
    def from_headers(cls, headers: Mapping[str, str], settings: Settings) -> "Connection":
        """Read the connection of a call from its headers (names in lower case).

        Raises `Unauthorized` (ConnectionMissing, SiteHostMissing, ApiKeyMissing, ApiKeyMalformed), `BadRequest`
        (SiteHostMalformed, AgentMalformed) or `Forbidden` (SiteNotAllowed).
        """
        host, agent = headers.get("dd-host", "").strip() or settings.default_site, headers.get("dd-agent", "")
        key = headers.get("dd-api-key") or headers.get("authorization", "")
        return _connect(host, key, agent, settings)

    @property
    def credential(self) -> str:
        """The key without its scheme."""
        return self.authorization.partition(" ")[2]

    @property
    def is_of_tokity(self) -> bool:
        """Whether the key has the form of Tokity's, a user and a password or a personal token, whatever its scheme."""
        return self.scheme == BASIC or bool(_decoded_pair(self.credential))

    def redact(self, text: str) -> str:
        """`text` without the credential, in any form it may have been repeated to us."""
        credential = self.credential
        for secret in (credential, *_secrets_inside(credential)):
            if len(secret) >= SHORTEST_SECRET:
                text = text.replace(secret, "[key]")
        return text


@lru_cache(maxsize=4096)
def _connect(host: str, key: str, agent: str, settings: Settings) -> Connection:
    host, key = host.strip(), key.strip(" \t")
    if not host and not key:
        raise Unauthorized(
            "ConnectionMissing",
            "The call carries no connection: send the site host in header dd-host, the API key in header dd-api-key.",
        )
    if not host:
        raise Unauthorized("SiteHostMissing", "The site host is missing: send it in header dd-host.")
    if not key:
        raise Unauthorized("ApiKeyMissing", "The API key is missing: send it in header dd-api-key.")
    site = check_site(host, settings)
    scheme, credential = _read_key(key, settings.key_scheme)
    return Connection(site, scheme, f"{scheme} {credential}", _read_agent(agent))


def _read_agent(text: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MAX_ID))) or not 0 < int(text) <= MAX_ID:
        raise BadRequest("AgentMalformed", "Header dd-agent must be the id of a member: a whole number.")
    return int(text)


def _read_key(key: str, forced: str) -> tuple[str, str]:
    """Scheme and credential of a pasted key."""
    if len(key) > MAX_KEY or _CONTROL.search(key):
        raise _malformed("it is too long or has a line break in it; copy it again")
    if key.lower().startswith("authorization:"):
        key = key.partition(":")[2].lstrip()
    word, _, rest = key.partition(" ")
    if word.lower() == "bearer":
        return _read_key(_borne(rest.strip()), forced)
    if scheme := _SCHEMES.get(word.lower()):
        return scheme, _credential(scheme, rest.strip())
    scheme = _guess_scheme(key) if forced == "auto" else _SCHEMES[forced]
    return scheme, _credential(scheme, key)


def _borne(key: str) -> str:
    """A key sent as Bearer. A foreign token, such as a gateway's, must not be passed on to DeskDirector."""
    token = _JWT.fullmatch(key)
    if not key or key.lower().startswith("bearer ") or (token and "msp" not in _claims(token[1])):
        raise _malformed("DeskDirector does not take this token; use an API key from the Admin Portal")
    return key


def _credential(scheme: str, text: str) -> str:
    """What follows the scheme; a raw `user:password` is encoded, because both schemes carry it as base64."""
    if _is_pair(text):
        if scheme == DD_ACCESS_TOKEN:
            raise _malformed("an access token is one word without a colon")
        return base64.b64encode(text.encode()).decode()
    if scheme == BASIC and (pair := _decoded_pair(text)):
        return base64.b64encode(pair.encode()).decode()
    if not text or not text.isascii() or " " in text:
        raise _malformed("an API key is one word; copy the whole key and nothing else")
    if scheme in (BASIC, DD_ACCESS_TOKEN) and not _TOKEN.fullmatch(text):
        raise _malformed("its base64 text is damaged; copy it again, or paste it as user:password")
    return text


def _guess_scheme(key: str) -> str:
    """The scheme of a key that carries none.

    Tokity keys are `user:password`, raw or in base64. A JWT is a personal token when it claims `msp` (server notes
    21.20), otherwise an access token. What is left is the one key of a PSA edition.
    """
    if _is_pair(key) or _decoded_pair(key):
        return BASIC
    if token := _JWT.fullmatch(key):
        return BASIC if "msp" in _claims(token[1]) else DD_ACCESS_TOKEN
    if key.endswith("=") and not _decoded(key):
        raise _malformed("its base64 text is damaged; copy it again, or paste it as user:password")
    return DD_API


def _is_pair(text: str) -> bool:
    user, colon, password = text.partition(":")
    return bool(user and colon and password)


def _decoded(text: str) -> bytes:
    """The bytes behind base64 of either alphabet, with or without padding; empty when it is not base64."""
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _decoded_pair(text: str) -> str:
    """The `user:password` behind base64; empty when there is none."""
    try:
        pair = _decoded(text).decode()
    except UnicodeDecodeError:
        return ""
    return pair if pair.isprintable() and _is_pair(pair) else ""


def _claims(payload: str) -> Mapping[str, object]:
    try:
        claims = json.loads(_decoded(payload))
    except (ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _secrets_inside(credential: str) -> tuple[str, ...]:
    pair = _decoded_pair(credential)
    return (pair, pair.partition(":")[2]) if pair else ()


def _malformed(reason: str) -> Unauthorized:
    return Unauthorized("ApiKeyMalformed", f"The API key cannot be used: {reason}.")
