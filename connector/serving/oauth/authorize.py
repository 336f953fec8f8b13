"""`/authorize`: checks what a client asks, shows the page, and answers the client once a person has agreed.

There is no session: the key is entered each time, so that nobody's earlier consent can be borrowed. The form carries
the request sealed, and a cookie binds it to the browser that was shown it.
"""

import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.connection import Connection
from connector.deskdirector.errors import ConnectorError, Forbidden, Unauthorized
from connector.operations.request import Request
from connector.serving.oauth import attempts
from connector.serving.oauth.addresses import MCP, SCOPES, origin_of, path_of, resource_of, scopes_of, site_in
from connector.serving.oauth.answers import OAuthError, form_of
from connector.serving.oauth.clients import Client, client_of
from connector.serving.oauth.grants import Grants
from connector.serving.oauth.page import Shown, consent_page, error_page
from connector.serving.oauth.redirects import host_of, is_loopback
from connector.serving.oauth.sealed import Kind, seal, sealer_of, unseal
from connector.serving.response import Response
from connector.settings import Settings
from connector.storage.shared import shared_store

REQUEST_SECONDS: Final = 600
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_MOST_STATE: Final = 2000
_REFUSED: Final = (
    "The site did not take this key. Check that site host and key belong together, and copy the whole key."
)


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request that was checked."""

    client: Client
    redirect: str
    challenge: str
    scope: tuple[str, ...]
    resource: str
    state: str
    origin: str


async def authorize(request: Request, settings: Settings) -> Response:
    """The sign-in page, and the handling of its form."""
    if request.method == "POST":
        return await _decided(request, settings)
    query = request.query
    client = await client_of(query.get("client_id", ""), settings)
    redirect = query.get("redirect_uri", "")
    if client is None:
        return error_page("The program that sent you here is not known; have it register again.")
    if not client.takes(redirect):
        return error_page(
            "The program asks for the answer at an address that is not its own, so nothing is sent there."
        )
    origin = origin_of(request, settings)
    try:
        authorization = _checked(client, redirect, query, origin)
    except OAuthError as problem:
        answer = {"error": problem.error, "error_description": problem.description}
        return _sent_back(redirect, {**answer, "state": query.get("state", "")[:_MOST_STATE], "iss": origin})
    return _shown(authorization, settings)


def _checked(client: Client, redirect: str, query: Mapping[str, str], origin: str) -> AuthorizationRequest:
    if query.get("response_type") != "code":
        raise OAuthError("unsupported_response_type", "Only response_type=code is possible.")
    if query.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(query.get("code_challenge", "")):
        raise OAuthError("invalid_request", "PKCE is needed: a code_challenge with code_challenge_method=S256.")
    if len(query.get("state", "")) > _MOST_STATE:
        raise OAuthError("invalid_request", "The state is too long.")
    resource = resource_of(query.get("resource") or f"{origin}{MCP}", origin)
    if resource is None:
        raise OAuthError("invalid_target", f"The resource must be {origin}{MCP} or below it.")
    possible = scopes_of(path_of(resource))
    wanted = tuple(scope for scope in possible if scope in query.get("scope", "").split()) or possible
    scope = possible if "write" in wanted else wanted
    return AuthorizationRequest(
        client, redirect, query["code_challenge"], scope, resource, query.get("state", ""), origin
    )


def _shown(authorization: AuthorizationRequest, settings: Settings) -> Response:
    nonce, number = secrets.token_urlsafe(16), secrets.token_hex(4)
    claims = {
        "client": authorization.client.id,
        "redirect": authorization.redirect,
        "challenge": authorization.challenge,
        "scope": list(authorization.scope),
        "resource": authorization.resource,
        "state": authorization.state,
        "nonce": nonce,
        "number": number,
        "expires_at": time.time() + REQUEST_SECONDS,
    }
    sealed = seal(Kind.REQUEST, claims, sealer_of(settings))
    site = site_in(path_of(authorization.resource))
    cookie = (
        f"{_cookie(number, authorization.origin)}={nonce}; Path=/; Max-Age={REQUEST_SECONDS}; HttpOnly; SameSite=Lax"
    )
    secure = "; Secure" if authorization.origin.startswith("https:") else ""
    return consent_page(
        Shown(
            *(authorization.client.name, host_of(authorization.redirect), is_loopback(authorization.redirect), sealed),
            site=site or settings.default_site,
            site_fixed=bool(site),
            may_write="write" in authorization.scope,
        ),
        {"Set-Cookie": cookie + secure},
    )


async def _decided(request: Request, settings: Settings) -> Response:
    """Allow or deny; nothing of it counts unless it comes from our page in the browser that was shown it."""
    try:
        form = form_of(request.body)
    except OAuthError as problem:
        return error_page(problem.description, problem.status)
    origin = origin_of(request, settings)
    claims = unseal(Kind.REQUEST, form.get("request", ""), sealer_of(settings))
    if claims is None or claims["expires_at"] < time.time() or not _is_own(request, claims, origin):
        return error_page("This page is too old, or was opened elsewhere. Go back to the program and connect again.")
    if form.get("decision") != "allow":
        return _answered(claims, origin, {"error": "access_denied", "error_description": "The person said no."})
    client = await client_of(claims["client"], settings)
    if client is None or not client.takes(claims["redirect"]):
        return error_page("The program is not known any more; have it register again.")
    fixed = site_in(path_of(claims["resource"]))
    entered = (fixed or form.get("site", "").strip(), form.get("key", "").strip(), form.get("agent", "").strip())
    scope = SCOPES if "write" in claims["scope"] and form.get("access") == "write" else SCOPES[:1]
    if refusal := await _refusal(entered, request, settings):
        shown = Shown(
            *(client.name, host_of(claims["redirect"]), is_loopback(claims["redirect"]), form["request"]),
            site=entered[0],
            site_fixed=bool(fixed),
            agent=entered[2],
            may_write="write" in claims["scope"],
            writes="write" in scope,
            problem=refusal,
        )
        return consent_page(shown, {}, 400)
    grants = Grants(settings, sealer_of(settings), lambda: shared_store(settings))
    grant = grants.new(client.digest, entered, " ".join(scope), claims["resource"])
    return _answered(claims, origin, {"code": await grants.code(grant, claims["challenge"], claims["redirect"])})


async def _refusal(entered: tuple[str, str, str], request: Request, settings: Settings) -> str:
    """Why this connection cannot be used; nothing when DeskDirector takes it."""
    site, key, agent = entered
    if not site or not key:
        return "Enter the site host and the API key."
    if attempts.are_spent(site, request):
        return "Too many tries; wait ten minutes."
    try:
        connection = Connection.from_headers({"dd-host": site, "dd-api-key": key, "dd-agent": agent}, settings)
        await DeskDirector(connection, settings).call(api.TEST_CONNECTION)
    except Unauthorized:
        attempts.failed(site, request)
        return _REFUSED
    except Forbidden as problem:
        # A member's personal key opens the Tech connector's routes and not this one.
        return "" if problem.code == "RouteRefusesKey" else problem.message
    except ConnectorError as problem:
        attempts.failed(site, request)
        return problem.message
    return ""


def _is_own(request: Request, claims: Mapping[str, Any], origin: str) -> bool:
    """Whether a form comes from our page, in the browser that was shown it."""
    sent_by = request.headers.get("origin", origin)
    place = request.headers.get("sec-fetch-site", "same-origin")
    cookies = dict(part.strip().partition("=")[::2] for part in request.headers.get("cookie", "").split(";")[:50])
    nonce = cookies.get(_cookie(claims["number"], origin), "")
    return (
        sent_by == origin
        and place == "same-origin"
        and secrets.compare_digest(nonce.encode(), claims["nonce"].encode())
    )


def _cookie(number: str, origin: str) -> str:
    """A name for each request, so that two tabs do not disturb each other."""
    return f"{'__Host-' if origin.startswith('https:') else ''}dd-oauth-{number}"


def _answered(claims: Mapping[str, Any], origin: str, answer: Mapping[str, str]) -> Response:
    gone = f"{_cookie(claims['number'], origin)}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
    secure = "; Secure" if origin.startswith("https:") else ""
    back = _sent_back(claims["redirect"], {**answer, "state": claims["state"], "iss": origin})
    return Response(back.status, back.body, {**back.headers, "Set-Cookie": gone + secure})


def _sent_back(redirect: str, answer: Mapping[str, str]) -> Response:
    query = urlencode({name: value for name, value in answer.items() if value})
    location = f"{redirect}{'&' if '?' in redirect else '?'}{query}"
    return Response(303, b"", {"Location": location, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
