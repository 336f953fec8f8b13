"""The server: reads a request, finds who calls and what for, and answers from the tenant's state."""

import asyncio
import json
import signal
from collections.abc import Callable, Iterable
from typing import Any, Self
from urllib.parse import parse_qsl

from aiohttp import web

from workbench.simulator import (
    advanced,
    attachments,
    chats,
    contacts,
    control,
    control_events,
    copilot,
    forms,
    happenings,
    notes,
    other_versions,
    outgoing,
    people,
    schemas,
    service,
    tasks,
    ticket_actions,
    tickets,
    user_keys,
    workflows,
)
from workbench.simulator.answer_forms import RequestHead
from workbench.simulator.auth import (
    PSA_KEY,
    READ_ONLY_KEY,
    TOKITY_KEY,
    TOKITY_PASSWORD,
    TOKITY_USER,
    Access,
    Caller,
    authorize,
    check_scheme,
    identify,
    personal_token,
    token_caller,
)
from workbench.simulator.call import Call
from workbench.simulator.clock import Clock
from workbench.simulator.faults import respond
from workbench.simulator.mutations import in_its_form, profile_of
from workbench.simulator.names import from_site_names, to_site_names
from workbench.simulator.profiles import Presence, ProfileName
from workbench.simulator.records import Edition
from workbench.simulator.router import Route, Router
from workbench.simulator.site_documents import is_page, page_or_document
from workbench.simulator.state import RecordedCall, SimulatorState
from workbench.simulator.wire import CONNECTOR, HTML_TYPE, Answer, RefusedError, bad_request

MAX_BODY = 32 * 1024 * 1024
CHUNK = 1021
EDITIONS: tuple[Edition, ...] = ("tokity", "psa")
MODULES = (
    *(tickets, ticket_actions, notes, attachments, tasks, contacts, people, service, forms, chats, outgoing),
    *(workflows, advanced, schemas, user_keys, copilot, other_versions, control, control_events, happenings),
)
_NO_PAGE = b"<!DOCTYPE html><html><head><title>404</title></head><body>The resource cannot be found.</body></html>"


class Simulator(SimulatorState):
    """A DeskDirector with both editions on one port.

        async with Simulator() as simulator:
            ...  # call http://{simulator.site} with simulator.tokity_key or simulator.psa_key

    `port=0` takes a free one. `edition` serves only that edition; `tickets` is the number of seeded ones; `clock`
    makes the clock that each reset begins with; `profile` and `mutations` say what kind of site it is.
    """

    tokity_user = TOKITY_USER
    tokity_password = TOKITY_PASSWORD
    tokity_key = TOKITY_KEY
    read_only_key = READ_ONLY_KEY
    psa_key = PSA_KEY

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        edition: Edition | None = None,
        tickets: int = 1500,
        clock: Callable[[], Clock] = Clock,
        profile: ProfileName = "generous",
        mutations: Iterable[str] = (),
    ) -> None:
        chosen = profile_of(profile, mutations)
        super().__init__(host, port, (edition,) if edition else EDITIONS, tickets, clock, chosen)
        self._declared = [route for module in MODULES for route in module.routes.declared]
        self._routers: dict[frozenset[Presence], Router] = {}
        self._runner: web.ServerRunner | None = None

    def personal_token(self, member_id: int) -> str:
        """A Tokity member's personal access token, to be sent as `Basic`."""
        return personal_token(member_id)

    async def start(self) -> None:
        """Listen."""
        server = web.Server(self._serve, access_log=None)
        self._runner = web.ServerRunner(server, handle_signals=False, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, self.host, self.port).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close every connection and the port."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        await self.courier.stop()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        raw_path, _, raw_query = request.raw_path.partition("?")
        content = await request.content.read() if request.body_exists else b""
        query = dict(parse_qsl(raw_query, keep_blank_values=True)) if raw_query else {}
        scheme = request.headers.get("Authorization", "").partition(" ")[0]
        recorded = RecordedCall(request.method, raw_path, query, scheme)

        def perform() -> Answer:
            answer = self._perform(request, recorded, content)
            if self.profile.mutations and not raw_path.startswith(control.PREFIX):
                answer = in_its_form(self.profile, RequestHead(request.method, raw_path, self.site), answer)
            recorded.status = answer.status
            return answer

        if raw_path.startswith(control.PREFIX):
            return respond(perform())
        self.total_calls += 1
        self.calls.append(recorded)
        fault = next((fault for fault in self.faults if fault.hits(request.method, raw_path)), None)
        if fault is None:
            return await _sent(request, perform(), self.profile.mutations)
        self.faults = [planned for planned in self.faults if planned.left != 0]
        return await fault.apply(request, perform) or web.Response(status=500)

    def _perform(self, request: web.BaseRequest, recorded: RecordedCall, content: bytes) -> Answer:
        try:
            if request.method == "GET" and is_page(recorded.path):
                return page_or_document(self, recorded.path, self._routes, has_key=self._knows(request))
            router = self._router()
            match = router.find(request.method, recorded.path)
            if match is None:
                return _no_such_route(request, router.methods(recorded.path))
            route, params = match
            caller = self._caller(route, request, recorded)
            recorded.body = _parse(content, request.headers.get("content-type", ""))
            renamed = caller.tenant.renamed if recorded.path.startswith(CONNECTOR) else {}
            body = from_site_names(renamed, recorded.body) if renamed else recorded.body
            call = Call(self, caller.tenant, caller, params, recorded.query, request.headers, body)
            answer = _answer(route.handler(call))
        except RefusedError as refused:
            return refused.answer
        return to_site_names(renamed, answer) if renamed else answer

    def _routes(self) -> list[Route]:
        """The routes that the site has."""
        return [route for route in self._declared if route.presence in self.profile.routes]

    def _router(self) -> Router:
        if self.profile.routes not in self._routers:
            self._routers[self.profile.routes] = Router(self._routes())
        return self._routers[self.profile.routes]

    def _knows(self, request: web.BaseRequest) -> bool:
        """Whether a credential that opens something here came along."""
        try:
            identify(self.tenants, request.headers.get("Authorization", ""))
        except RefusedError:
            return False
        return True

    def _caller(self, route: Route, request: web.BaseRequest, recorded: RecordedCall) -> Caller:
        if route.allow is Access.OPEN:
            return Caller(next(iter(self.tenants.values())), Access.OPEN)
        if route.allow is Access.QUERY_TOKEN:
            return self._portal_caller(recorded)
        caller = identify(self.tenants, request.headers.get("Authorization", ""))
        recorded.caller = caller.label
        check_scheme(caller, recorded.scheme, route.path)
        authorize(caller, route.allow, reads=route.reads)
        return caller

    def _portal_caller(self, recorded: RecordedCall) -> Caller:
        """The built-in form sources take the token in the query, and complain in their own shape."""
        caller = token_caller(self.tenants, recorded.query.get("access_token", ""))
        if caller is None:
            complaint = {"error": "unauthorized", "errorDescription": "The access_token is missing or has expired."}
            raise RefusedError(401, complaint)
        recorded.caller = caller.label
        return caller


def _answer(outcome: Answer | bytes | dict[str, Any]) -> Answer:
    if isinstance(outcome, Answer):
        return outcome
    return Answer(200, outcome) if isinstance(outcome, bytes) else Answer.of(outcome)


async def _sent(request: web.BaseRequest, answer: Answer, mutations: frozenset[str]) -> web.StreamResponse:
    """The response, compressed or in small chunks where a mutation says so."""
    response = respond(answer)
    if "gzip" in mutations and answer.body:
        response.enable_compression()
    if "chunks" not in mutations or not answer.body:
        return response
    chunked = web.StreamResponse(status=answer.status, headers=response.headers)
    chunked.enable_chunked_encoding()
    await chunked.prepare(request)
    for start in range(0, len(answer.body), CHUNK):
        await chunked.write(answer.body[start : start + CHUNK])
    await chunked.write_eof()
    return chunked


def _parse(content: bytes, content_type: str) -> Any:
    if len(content) > MAX_BODY:
        raise RefusedError(413, {"message": "The request is too large."})
    if content_type.startswith("multipart/form-data"):
        return attachments.parts_of(content, content_type)
    try:
        return json.loads(content, parse_constant=_refuse_constant) if content else None
    except (ValueError, RecursionError):
        raise bad_request(req="The body is not valid JSON.") from None


def _refuse_constant(name: str) -> Any:
    """NaN and Infinity are no JSON, though Python reads them."""
    raise ValueError(name)


def _no_such_route(request: web.BaseRequest, methods: list[str]) -> Answer:
    """405 where the path has other methods, as ASP.NET answers; else 404.

    That is JSON for callers that ask for it, the web server's page for others.
    """
    if methods:
        complaint = {"message": f"The requested resource does not support http method '{request.method}'."}
        return Answer.of(complaint, 405, {"Allow": ", ".join(methods)})
    if "json" in request.headers.get("Accept", ""):
        return Answer.of({"message": f"No HTTP resource was found that matches {request.method} {request.path}."}, 404)
    return Answer(404, _NO_PAGE, content_type=HTML_TYPE)


def serve(
    host: str = "127.0.0.1",
    port: int = 7070,
    *,
    edition: Edition | None = None,
    profile: ProfileName = "generous",
    mutations: Iterable[str] = (),
    ready: Callable[[Simulator], None] | None = None,
) -> None:
    """Run a simulator until Ctrl-C or SIGTERM; `ready` is called once it listens."""

    async def run() -> None:
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for sign in (signal.SIGINT, signal.SIGTERM):
            # Not add_signal_handler: the event loop of Windows has none.
            signal.signal(sign, lambda *_: loop.call_soon_threadsafe(stopped.set))
        async with Simulator(host, port, edition=edition, profile=profile, mutations=mutations) as simulator:
            if ready is not None:
                ready(simulator)
            await stopped.wait()

    asyncio.run(run())
