"""`/token`, `/register` and `/revoke`: what programs call."""

import asyncio
import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.connection import Connection
from connector.deskdirector.errors import ConnectorError, Unauthorized
from connector.operations.request import Request
from connector.serving.oauth import granted
from connector.serving.oauth.addresses import origin_of, resource_of
from connector.serving.oauth.answers import OAuthError, answered, form_of
from connector.serving.oauth.clients import Client, authenticated, registered
from connector.serving.oauth.grants import Grant, Grants
from connector.serving.oauth.redirects import host_of
from connector.serving.oauth.sealed import sealer_of
from connector.serving.response import Response
from connector.settings import Settings
from connector.storage.shared import shared_store

_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}", re.ASCII)
_LOOK_SECONDS: Final = 5.0
_INVALID: Final = "The code or token is not good any more; have the person sign in again."


async def register(request: Request, settings: Settings) -> Response:
    """Dynamic client registration (RFC 7591)."""
    return answered(registered(request.body, settings), 201)


async def token(request: Request, settings: Settings) -> Response:
    """A code or a refresh token for an access token."""
    form = form_of(request.body)
    client = await authenticated(request, form, settings)
    grants = _grants(settings)
    match form.get("grant_type"):
        case "authorization_code":
            return answered(await _redeemed(form, client, grants, origin_of(request, settings)))
        case "refresh_token":
            return answered(await _renewed(form, client, grants))
    raise OAuthError("unsupported_grant_type", "There is authorization_code and refresh_token.")


async def revoke(request: Request, settings: Settings) -> Response:
    """Token revocation (RFC 7009): 200 for whatever is no token, too."""
    form = form_of(request.body)
    client = await authenticated(request, form, settings)
    await _grants(settings).revoke(form.get("token", ""), client.digest)
    return answered({})


async def _redeemed(form: Mapping[str, str], client: Client, grants: Grants, origin: str) -> dict[str, Any]:
    """The tokens for a code, which is used up by the attempt, whatever becomes of it."""
    waiting = await grants.redeem(form.get("code", ""))
    if waiting is None or waiting.grant.client != client.digest or waiting.redirect != form.get("redirect_uri"):
        raise OAuthError("invalid_grant", _INVALID)
    if not _proves(form.get("code_verifier", ""), waiting.challenge):
        raise OAuthError("invalid_grant", "The code_verifier does not match the code_challenge.")
    if form.get("resource") and resource_of(form["resource"], origin) is None:
        raise OAuthError("invalid_target", "The resource is none of this server.")
    host = host_of(waiting.redirect)
    await granted.began(grants.store(), asdict(waiting.grant), client.name, host, grants.clock())
    return grants.tokens(waiting.grant)


async def _renewed(form: Mapping[str, str], client: Client, grants: Grants) -> dict[str, Any]:
    """New tokens for a refresh token, while DeskDirector takes the key."""
    found = await grants.refreshed(form.get("refresh_token", ""), client.digest)
    if found is None:
        raise OAuthError("invalid_grant", _INVALID)
    grant, generation = found
    if not await _still_opens(grant, grants.settings):
        await grants.end(grant.id, "DeskDirector, which refused its key")
        raise OAuthError("invalid_grant", "DeskDirector does not take the API key any more; sign in again.")
    wanted = form.get("scope", "").split()
    await granted.used(grants.store(), grant.id, grants.clock())
    scope = " ".join(name for name in grant.scope.split() if name in wanted)
    return grants.tokens(grant, generation, scope)


async def _still_opens(grant: Grant, settings: Settings) -> bool:
    """Whether the site takes the key; yes when it does not say so in time, since an outage signs nobody out."""
    headers = {"dd-host": grant.site, "dd-api-key": grant.key, "dd-agent": grant.agent}
    try:
        async with asyncio.timeout(_LOOK_SECONDS):
            await DeskDirector(Connection.from_headers(headers, settings), settings).call(api.TEST_CONNECTION)
    except Unauthorized:
        return False
    except (ConnectorError, TimeoutError):
        return True
    return True


def _proves(verifier: str, challenge: str) -> bool:
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return bool(_VERIFIER.fullmatch(verifier)) and hmac.compare_digest(digest, challenge)


def _grants(settings: Settings) -> Grants:
    return Grants(settings, sealer_of(settings), lambda: shared_store(settings))
