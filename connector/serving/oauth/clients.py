"""Clients: what registration answers, and what a client id stands for.

A registration is sealed into the client id itself (RFC 7591, appendix A.5.2), so nothing is kept of those who register.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote_plus

from connector.json_text import JsonError, read_json
from connector.operations.request import Request
from connector.serving.oauth.answers import OAuthError, texts_of
from connector.serving.oauth.client_documents import document_of, is_document
from connector.serving.oauth.redirects import is_permitted, matches
from connector.serving.oauth.sealed import Kind, seal, sealer_of, unseal
from connector.settings import Settings

MOST_BODY: Final = 8 * 1024
METHODS: Final = ("none", "client_secret_basic", "client_secret_post")
_UNNAMED: Final = "An unnamed client"


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks. `secret` is the digest of its secret, empty for a public client."""

    id: str
    name: str
    redirects: tuple[str, ...]
    secret: str = ""

    @property
    def digest(self) -> str:
        """Stands for it in tokens."""
        return hashlib.sha256(self.id.encode()).hexdigest()[:32]

    def takes(self, uri: str) -> bool:
        """Whether it may be answered at this address."""
        return any(matches(registered, uri) for registered in self.redirects)


def registered(body: bytes, settings: Settings) -> dict[str, Any]:
    """The answer to a registration; raises `OAuthError`.

    Addresses that are not permitted are left out, since clients send several; it fails only when none is left.
    """
    given = _read(body)
    uris = texts_of(given.get("redirect_uris"))
    kept = [uri for uri in uris if is_permitted(uri, settings)]
    if not kept:
        raise OAuthError(
            "invalid_redirect_uri",
            "None of the redirect_uris is known here; the operator adds hosts in CONNECTOR_MCP_OAUTH_CLIENTS.",
        )
    method = given.get("token_endpoint_auth_method", METHODS[1])
    method = method if method in METHODS else METHODS[1]
    secret = "" if method == "none" else secrets.token_urlsafe(32)
    name = _name(given.get("client_name"))
    claims = {"uris": kept, "name": name, "secret": _digest(secret) if secret else ""}
    answer: dict[str, Any] = {
        "client_id": seal(Kind.CLIENT, claims, sealer_of(settings)),
        "client_id_issued_at": int(time.time()),
        "client_name": name,
        "redirect_uris": kept,
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": method,
    }
    return {**answer, "client_secret": secret, "client_secret_expires_at": 0} if secret else answer


async def client_of(client_id: str, settings: Settings) -> Client | None:
    """The client that an id stands for; None when it stands for none."""
    if is_document(client_id, settings):
        content = await document_of(client_id, settings)
        if content is None:
            return None
        uris = tuple(uri for uri in texts_of(content.get("redirect_uris")) if is_permitted(uri, settings))
        return Client(client_id, _name(content.get("client_name")), uris)
    claims = unseal(Kind.CLIENT, client_id, sealer_of(settings))
    if claims is None:
        return None
    # The list of hosts may have become shorter since.
    uris = tuple(uri for uri in claims["uris"] if is_permitted(uri, settings))
    return Client(client_id, claims["name"], uris, claims["secret"])


async def authenticated(request: Request, form: Mapping[str, str], settings: Settings) -> Client:
    """The client that calls the token endpoint; raises `OAuthError` (invalid_client)."""
    client_id, secret = _credentials(request, form)
    client = await client_of(client_id, settings) if client_id else None
    if client is None:
        raise OAuthError("invalid_client", "This client_id is not known here; register again.", status=401)
    if client.secret and not hmac.compare_digest(client.secret, _digest(secret)):
        raise OAuthError("invalid_client", "The client_secret is missing or wrong.", status=401)
    return client


def _credentials(request: Request, form: Mapping[str, str]) -> tuple[str, str]:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        name, _, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise OAuthError("invalid_client", "The Authorization header is damaged.", status=401) from None
    return unquote_plus(name), unquote_plus(secret)


def _read(body: bytes) -> Mapping[str, Any]:
    if len(body) > MOST_BODY:
        raise OAuthError("invalid_client_metadata", "The registration is too large.", status=413)
    try:
        content = read_json(body)
    except JsonError:
        content = None
    if not isinstance(content, dict):
        raise OAuthError("invalid_client_metadata", "Send the registration as a JSON object.")
    return content


def _name(value: Any) -> str:
    """What people are shown: one short line."""
    text = (
        " ".join("".join(character if character.isprintable() else " " for character in value[:200]).split())
        if isinstance(value, str)
        else ""
    )
    return text[:60] or _UNNAMED


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
