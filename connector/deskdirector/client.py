"""What an operation is given to call DeskDirector with: `DeskDirector.call`, within a budget, truthful about failures.

Module load stays light: aiohttp is imported by the first call.
"""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from connector.deskdirector import body_schemas, errors, missing_routes, upstream_errors
from connector.deskdirector import endpoints as api
from connector.deskdirector.authorization import remember_scheme, schemes_of, user_of
from connector.deskdirector.bodiless import entity_without_body, is_bodiless
from connector.deskdirector.connection import DD_ACCESS_TOKEN, Connection
from connector.deskdirector.discovery.site_routes import FindingsKeeper, site_routes
from connector.deskdirector.endpoint import FUNCTIONS, Endpoint
from connector.deskdirector.endpoints import ENDPOINTS, endpoints_for
from connector.deskdirector.files import File, file_of, form_data
from connector.deskdirector.json_text import parse
from connector.deskdirector.large_answers import beside, check_size
from connector.deskdirector.redaction import redactor_of
from connector.deskdirector.refusals import lacks_user, opens_nothing, refusal
from connector.deskdirector.refused_keys import check_key, deciding, remember_refusal
from connector.deskdirector.retrying import ATTEMPTS, Outgoing, is_transient, may_be_done, retry_after_of, send
from connector.deskdirector.sites import Site
from connector.deskdirector.transport import Answer
from connector.deskdirector.upstream_reasons import message_of
from connector.deskdirector.user_keys import LIFETIME_MINUTES, User, contact, member, user_keys
from connector.settings import Settings

if TYPE_CHECKING:
    from connector.deskdirector.models import Entity

    E = TypeVar("E", bound=Entity)

__all__ = ["DeskDirector", "Reply", "User", "contact", "member"]

_USER_AGENT = "deskdirector-connector"
_NOTHING: Mapping[str, Any] = {}
_BOM = b"\xef\xbb\xbf"


@dataclass(slots=True)
class Reply:
    """A success: `status`, `headers` (any case), `content` decompressed. `read` makes an entity of it."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    site: Site

    def read(self, model: "type[E]") -> "E":
        """The entity in this answer, with what follows from its site filled in; `BadGateway` when it holds none."""
        from connector.deskdirector.models import read

        entity = read(model, self.content)
        entity.complete(self.site)
        return entity

    def json(self) -> Any:
        """The answer as plain data, None when it is empty; `BadGateway` when it is not JSON."""
        return parse(self.content)


@dataclass(slots=True)
class _Prepared:
    """A call without its credential."""

    endpoint: Endpoint
    target: str
    body: bytes | None = field(repr=False)
    content_type: str = ""


class DeskDirector:
    """DeskDirector, as one connection sees it, for one operation.

    The budget (`settings.budget_seconds`) starts when this is made: every call has answered or failed when it is over.
    """

    __slots__ = (
        *("_deadline", "_is_failing", "_keeper", "_trace"),
        *("connection", "may_have_created", "most_attempts", "most_read", "settings"),
    )

    def __init__(
        self, connection: Connection, settings: Settings, keeper: FindingsKeeper | None = None, *, trace: str = ""
    ) -> None:
        """`trace` is the W3C trace context of the operation, which DeskDirector gets too."""
        self._trace = trace
        self.connection = connection
        self.settings = settings
        self._keeper = keeper
        self.most_read = 0
        """The size of the largest answer so far, in bytes."""
        self.may_have_created = False
        """Whether a call that must not be repeated was, or may have been, carried out."""
        self.most_attempts = ATTEMPTS
        """How often each request is sent at most; once while the site is failing."""
        self._is_failing = False  # whether the last request was in vain, however often it was sent
        self._deadline = time.monotonic() + settings.budget_seconds

    def trying_once(self) -> "DeskDirector":
        """The same, within the same budget, for a caller that repeats calls itself: each request is sent once."""
        single = copy(self)
        single.most_attempts = 1
        return single

    @property
    def site(self) -> Site:
        """The site that is called."""
        return self.connection.site

    async def call(
        self,
        endpoint: Endpoint,
        *,
        path: Mapping[str, Any] = _NOTHING,
        query: Mapping[str, Any] | None = None,
        body: bytes | File | Mapping[str, Any] | None = None,
        user: User | None = None,
    ) -> Reply:
        """Call `endpoint` with the API key, or as `user` where a route takes access tokens (`authorization.py`).

        `path` fills the route; a `query` value of None is left out, a list repeats its name; `body` is JSON, or data
        under our default names, which becomes JSON under the site's, or a `File`. Retries where that is safe. Raises
        `ConnectorError`.
        """
        answer, located, user = await self._exchange(endpoint, path, query, body, user)
        return self._reply(answer, located, path, user)

    async def download(self, endpoint: Endpoint, *, path: Mapping[str, Any], user: User | None = None) -> File:
        """Call `endpoint`, which answers a file. Raises `ConnectorError`, also for a web page that is no file."""
        answer, located, user = await self._exchange(endpoint, path, None, None, user)
        self._check_status(answer, located, path, user)
        return file_of(answer.headers, answer.content)

    async def _exchange(
        self,
        endpoint: Endpoint,
        path: Mapping[str, Any],
        query: Mapping[str, Any] | None,
        body: bytes | File | Mapping[str, Any] | None,
        user: User | None,
    ) -> tuple[Answer, Endpoint, User | None]:
        """The answer, the endpoint that gave it (the site may have it elsewhere), and the user."""
        endpoint = self._located(endpoint)
        if isinstance(body, Mapping):
            body = await body_schemas.conformed(self, endpoint, query, body)
        target = endpoint.fill(path) + (_query_string(query) if query else "")
        request = _Prepared(endpoint, target, *_encoded(body))
        user = user_of(self.connection, endpoint, user)
        answer = await self._answer(request, user)
        is_file = "content-disposition" in answer.headers
        if not is_file and missing_routes.is_missing(endpoint, answer.status, answer.content):
            endpoint = await self._found_elsewhere(endpoint, path, user, answer)
            target = endpoint.fill(path) + request.target.removeprefix(request.endpoint.fill(path))
            answer = await self._answer(replace(request, endpoint=endpoint, target=target), user)
        return answer, endpoint, user

    async def fetch(
        self,
        endpoint: Endpoint,
        model: "type[E]",
        *,
        path: Mapping[str, Any] = _NOTHING,
        query: Mapping[str, Any] | None = None,
        body: bytes | File | Mapping[str, Any] | None = None,
        user: User | None = None,
    ) -> "E":
        """Call `endpoint` (arguments as for `call`) and read the answer as an entity.

        A success without a body counts: a changed entity is read back, a new one from the address in `Location`.
        """
        reply = await self.call(endpoint, path=path, query=query, body=body, user=user)
        if endpoint.method != "GET" and is_bodiless(reply.content):
            return await entity_without_body(self, reply, endpoint, model, path=path, user=user)
        return await beside(len(reply.content), lambda: reply.read(model))

    async def ask(
        self,
        endpoint: Endpoint,
        *,
        path: Mapping[str, Any] = _NOTHING,
        query: Mapping[str, Any] | None = None,
        scheme: str | None = None,
    ) -> Answer:
        """Whatever `endpoint` answers to the API key, a refusal too, to examine a route; under `scheme` only, if given.

        Raises `ConnectorError` only when no answer came. Not for requests that change anything.
        """
        request = _Prepared(endpoint, endpoint.fill(path) + (_query_string(query) if query else ""), None)
        if scheme is None:
            return await self._send_with_key(request)
        return await self._send(request, f"{scheme} {self.connection.credential}")

    async def make_user_key(self, user: User, minutes: int) -> bytes:
        """Have a new access token of `user` made that lives for `minutes`: the answer, which holds the secret."""

        async def mint(endpoint: Endpoint, values: Mapping[str, int]) -> bytes:
            return (await self.call(endpoint, path=values, query={"expiresIn": minutes})).content

        return await user_keys().make(user, self.site.origin, mint)

    def _located(self, endpoint: Endpoint) -> Endpoint:
        """Where the endpoint is called: as it is set, else as the site's documents have it, else as in the table."""
        if endpoint.name in self.settings.endpoints:
            return endpoints_for(self.settings).get(endpoint.name, endpoint)
        if endpoint.evidence == "assumed" and self.settings.discovery == "use":
            return site_routes().located(self.site, endpoint)
        return endpoint

    async def _found_elsewhere(
        self, endpoint: Endpoint, path: Mapping[str, Any], user: User | None, answer: Answer
    ) -> Endpoint:
        """The endpoint where the site's own documents have it; raises `NotFound` when that is nowhere else.

        The documents are read only when DeskDirector has accepted the key.
        """
        is_there = await missing_routes.check_object(self, endpoint, path, answer.status)
        is_good = is_there or (self.settings.discovery != "off" and await self.is_accepted(api.TEST_CONNECTION))
        findings = await site_routes().sought(self.connection, self.settings, self._keeper) if is_good else None
        elsewhere = self._located(ENDPOINTS[endpoint.name])
        if elsewhere.path != endpoint.path:
            return elsewhere
        reason = message_of(answer.content, self.connection.redact)
        match = findings.exact(endpoint.name) if findings else None
        is_listed = match is not None and match.path == endpoint.path
        if (is_listed and missing_routes.may_lack_object(endpoint, answer.status, user)) or (
            user is not None and missing_routes.names_object(reason, endpoint, path)
        ):
            self._check_status(answer, endpoint, path, user)
        hint = findings.hint(endpoint.name) if findings else ""
        raise missing_routes.route_not_found(endpoint, self.site, answer.status, user=user, reason=reason, hint=hint)

    async def _answer(self, request: "_Prepared", user: User | None) -> Answer:
        """The answer to the key or the user; raises when either is refused."""
        check_key(self.connection)
        answer = await (self._answer_to_key(request) if user is None else self._send_as(user, request))
        if (user and answer.status == 401) or (
            answer.status == 403 and lacks_user(self.connection, request.endpoint, user)
        ):
            raise await refusal(self, request.endpoint, user, answer.content)
        return answer

    async def _answer_to_key(self, request: "_Prepared") -> Answer:
        """The answer to the API key, under either scheme.

        Of calls that are refused at the same time only one finds out why: a fan-out with a wrong key is no flood.
        """
        connection, endpoint = self.connection, request.endpoint
        while True:
            first, *others = schemes_of(connection, endpoint, self.settings)
            answer = await self._send(request, f"{first} {connection.credential}")
            if answer.status != 401:
                return answer
            async with deciding(connection):
                check_key(connection)
                if schemes_of(connection, endpoint, self.settings)[0] != first:
                    continue
                answer = await self._under_others(request, answer, others)
                if answer.status != 401:
                    return answer
                problem = await refusal(self, endpoint, None, answer.content)
                if isinstance(problem, errors.Unauthorized) and await opens_nothing(self, endpoint):
                    remember_refusal(connection, problem, self.settings.refused_seconds)
                raise problem

    async def _send_with_key(self, request: "_Prepared") -> Answer:
        """Send with the API key, under the next scheme when one is refused."""
        first, *others = schemes_of(self.connection, request.endpoint, self.settings)
        answer = await self._send(request, f"{first} {self.connection.credential}")
        return await self._under_others(request, answer, others)

    async def _under_others(self, request: "_Prepared", answer: Answer, schemes: Sequence[str]) -> Answer:
        """The answer under the first scheme that is accepted; the last refusal when none is."""
        for scheme in schemes:
            if answer.status != 401:
                break
            answer = await self._send(request, f"{scheme} {self.connection.credential}")
            if answer.status != 401:
                remember_scheme(self.connection, request.endpoint, scheme)
        return answer

    async def _send_as(self, user: User, request: "_Prepared") -> Answer:
        """Send with the user's access token, and once more with a new one when it is refused."""
        token = await self._token(user)
        answer = await self._send(request, f"{DD_ACCESS_TOKEN} {token}")
        if answer.status == 401:
            user_keys().forget(self.connection.identity, user, token)
            token = await self._token(user)
            answer = await self._send(request, f"{DD_ACCESS_TOKEN} {token}")
        return answer

    async def _token(self, user: User) -> str:
        """The user's token, within our own budget, although another operation may be making it within its own."""
        try:
            async with asyncio.timeout(self._deadline - time.monotonic()):
                return await user_keys().token(self.connection.identity, self.site.origin, user, self._mint)
        except TimeoutError:
            raise upstream_errors.budget_spent() from None

    async def _mint(self, endpoint: Endpoint, values: Mapping[str, int]) -> bytes:
        reply = await self.call(endpoint, path=values, query={"expiresIn": LIFETIME_MINUTES})
        return reply.content

    async def _send(self, request: "_Prepared", authorization: str) -> Answer:
        endpoint, site = request.endpoint, self.site
        origin, dd_host = site.origin, ""
        if endpoint.host is FUNCTIONS:
            dd_host = site.name
            # The simulator serves that host's routes itself.
            origin = origin if site.is_development else f"https://{self.settings.functions_host}"
        headers = _headers(authorization, request.content_type, dd_host)
        if self._trace:
            headers = {**headers, "traceparent": self._trace}
        attempts = 1 if self._is_failing else self.most_attempts
        outgoing = Outgoing(endpoint, site.host, origin, request.target, headers, request.body, attempts)
        try:
            answer = await send(outgoing, self.settings, self._deadline)
        except errors.ConnectorError as problem:
            self._is_failing = True
            self.may_have_created |= isinstance(problem, errors.OutcomeUnknown)
            raise
        self._is_failing = is_transient(answer.status)
        if not endpoint.idempotent and may_be_done(answer.status):
            self.may_have_created = True
        if "content-disposition" in answer.headers:
            return answer  # a file, which may hold any bytes
        self.most_read = max(self.most_read, len(answer.content))
        redactor, content = redactor_of(authorization), answer.content
        return Answer(answer.status, answer.headers, await beside(len(content), lambda: redactor.strike(content)))

    async def is_accepted(self, test: Endpoint) -> bool:
        """Whether the key opens this route, which tests connections."""
        return (await self._send_with_key(_Prepared(test, test.path, None))).status < 300

    def _check_status(self, answer: Answer, endpoint: Endpoint, path: Mapping[str, Any], user: User | None) -> None:
        """Raise the error for an answer that is no success."""
        if not 200 <= answer.status < 300:
            raise upstream_errors.from_status(
                answer.status,
                answer.content,
                endpoint,
                path,
                retry_after=retry_after_of(answer),
                redact=self.connection.redact,
                who=f"{user.kind} {user.id}" if user else "this connection",
            )

    def _reply(self, answer: Answer, endpoint: Endpoint, path: Mapping[str, Any], user: User | None) -> Reply:
        self._check_status(answer, endpoint, path, user)
        status, headers, content = answer
        check_size(content)
        if content[:1] not in (b"{", b"["):
            content = content.removeprefix(_BOM)
            if content.lstrip()[:1] == b"<" or "html" in headers.get("content-type", "").lower():
                raise upstream_errors.not_an_api("DeskDirector answered a web page instead of data.")
        return Reply(status, headers, content, self.site)


@lru_cache(maxsize=4096)
def _headers(authorization: str, content_type: str, dd_host: str) -> Mapping[str, str]:
    headers = {
        "Authorization": authorization,
        "Accept": "application/json, */*;q=0.5",
        "Accept-Encoding": "gzip, deflate",
        "User-Agent": _USER_AGENT,
    }
    if content_type:
        headers["Content-Type"] = content_type
    if dd_host:
        headers["dd-host"] = dd_host
    return headers


def _encoded(body: bytes | File | Mapping[str, Any] | None) -> tuple[bytes | None, str]:
    """The bytes to send and their content type."""
    if isinstance(body, File):
        return form_data(body)
    if isinstance(body, Mapping):
        body = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return body, "" if body is None else "application/json"


def _query_string(query: Mapping[str, Any]) -> str:
    """`?a=1&b=true&b=false`: None is left out, lists repeat their name, booleans as JSON writes them."""
    pairs = [
        (name, str(item).lower() if isinstance(item, bool) else str(item))
        for name, value in query.items()
        for item in (value if isinstance(value, list | tuple) else (value,))
        if item is not None
    ]
    return "?" + urlencode(pairs) if pairs else ""
