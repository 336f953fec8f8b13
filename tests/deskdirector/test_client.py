"""`DeskDirector.call` against a real server: what is sent, what is tried again, and how it fails."""

import asyncio
import json
import logging
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.deskdirector import errors
from connector.deskdirector.client import DeskDirector, contact, member
from connector.deskdirector.connection import Connection
from connector.deskdirector.endpoint import Endpoint
from connector.deskdirector.endpoints import (
    ADD_TICKET_NOTE,
    CALL_ADVANCED_ACTION,
    CREATE_TICKET,
    FIND_TICKETS,
    FIND_TIME_ENTRIES,
    GET_SYNC_ERRORS,
    GET_TICKET,
    LIST_WORKFLOWS,
    TEST_CONNECTION,
)
from connector.settings import Settings
from tests.deskdirector.calls import CREATE, FIND, PREFIX, TICKET, create, get
from tests.upstream_servers import (
    KEY,
    Answer,
    Upstream,
    answering,
    deaf_port,
    free_port,
    hang_up,
    misbehaving,
    page,
    serving,
    status,
)


def desk_at(host: str, **values: Any) -> DeskDirector:
    made = Settings(development_sites=(host,), schemas="off", **values)
    return DeskDirector(Connection.from_headers({"dd-host": host, "dd-api-key": KEY}, made), made)


async def _mirror(request: web.Request) -> web.Response:
    seen = {"query": request.rel_url.raw_query_string, "body": await request.text(), "headers": dict(request.headers)}
    return web.json_response(seen)


async def test_a_call_is_sent_as_it_should_be(upstream: Upstream) -> None:
    upstream.on(CREATE, _mirror)
    sent = (
        await upstream.desk().call(
            CREATE_TICKET,
            query={"requestTypeId": 3, "none": None, "flag": True, "many": [1, 2], "text": "ä&b"},
            body={"name": "Drucker brennt 🔥"},
        )
    ).json()
    assert sent["query"] == "requestTypeId=3&flag=true&many=1&many=2&text=%C3%A4%26b"
    assert json.loads(sent["body"]) == {"name": "Drucker brennt 🔥"}
    headers = sent["headers"]
    assert headers["Authorization"].startswith("DdApi ")
    assert headers["Accept"].startswith("application/json")
    assert headers["Content-Type"] == "application/json"
    assert "dd-host" not in headers


async def test_bytes_are_sent_as_they_are(upstream: Upstream) -> None:
    upstream.on(FIND, _mirror)
    sent = (await upstream.desk().call(FIND_TICKETS, body=b'{"take": 5}')).json()
    assert sent["body"] == '{"take": 5}'


async def test_a_get_has_no_body_and_no_content_type(upstream: Upstream) -> None:
    upstream.on(f"GET {PREFIX}/workflows", _mirror)
    sent = (await upstream.desk().call(LIST_WORKFLOWS)).json()
    assert (sent["query"], sent["body"]) == ("", "")
    assert "Content-Type" not in sent["headers"]


async def test_advanced_actions_name_the_site_and_use_the_one_scheme_that_host_is_known_to_take(
    upstream: Upstream,
) -> None:
    upstream.on(f"POST {PREFIX}/functions/close", _mirror)
    sent = (await upstream.desk().call(CALL_ADVANCED_ACTION, path={"function": "close"}, body={})).json()
    assert sent["headers"]["dd-host"] == upstream.host
    assert sent["headers"]["Authorization"].startswith("DdApi ")


async def test_an_override_changes_where_a_call_goes(upstream: Upstream) -> None:
    upstream.on("PUT /api/v4/notes/7", {"id": 1})
    desk = upstream.desk(endpoints={"ADD_TICKET_NOTE": "PUT /api/v4/notes/{ticketId}"})
    assert (await desk.call(ADD_TICKET_NOTE, path={"ticketId": 7}, body={})).json() == {"id": 1}


async def test_an_empty_success_is_none(upstream: Upstream) -> None:
    async def nothing(_: web.Request) -> web.Response:
        return web.Response(status=204)

    upstream.on(TICKET, nothing)
    assert await get(upstream.desk()) is None


async def test_a_byte_order_mark_is_no_harm(upstream: Upstream) -> None:
    async def marked(_: web.Request) -> web.Response:
        return web.Response(body=b"\xef\xbb\xbf" + b'{"id": 7}', content_type="application/json")

    upstream.on(TICKET, marked)
    assert await get(upstream.desk()) == {"id": 7}


@pytest.mark.parametrize("trouble", [hang_up, status(408), status(429), status(500), status(503), status(504)])
async def test_a_read_is_tried_again(upstream: Upstream, trouble: Answer) -> None:
    upstream.on(TICKET, trouble, {"id": 7})
    assert await get(upstream.desk()) == {"id": 7}
    assert upstream.count(TICKET) == 2


@pytest.mark.parametrize("trouble", [hang_up, status(408), status(500), status(502), status(503, retry_after="0")])
async def test_a_create_that_may_have_been_sent_is_never_repeated(upstream: Upstream, trouble: Answer) -> None:
    upstream.on(CREATE, trouble, {"id": 7})
    with pytest.raises(errors.OutcomeUnknown) as caught:
        await create(upstream.desk())
    assert upstream.count(CREATE) == 1
    assert caught.value.retry_after is None


async def test_a_create_on_a_pooled_connection_that_dies_is_never_repeated(upstream: Upstream) -> None:
    upstream.on(CREATE, {"id": 1}, hang_up, {"id": 2})
    desk = upstream.desk()
    await create(desk)
    with pytest.raises(errors.OutcomeUnknown):
        await create(desk)
    assert upstream.count(CREATE) == 2


async def test_a_create_that_was_turned_away_unworked_is_tried_again(upstream: Upstream) -> None:
    upstream.on(CREATE, status(429), {"id": 7})
    assert await create(upstream.desk()) == {"id": 7}


async def test_a_create_that_could_not_connect_is_tried_again() -> None:
    """The server comes up between two attempts."""
    port = free_port()
    call = asyncio.create_task(create(desk_at(f"127.0.0.1:{port}")))
    await asyncio.sleep(0.02)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\n" + b'{"id":7}')
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", port)
    assert await call == {"id": 7}
    server.close()


@pytest.mark.parametrize("send", [get, create])
async def test_a_site_that_is_down_is_unavailable_and_nothing_was_done(
    send: Callable[[DeskDirector], Awaitable[object]],
) -> None:
    with pytest.raises(errors.Unavailable) as caught:
        await send(desk_at(f"127.0.0.1:{free_port()}"))
    assert (caught.value.code, bool(caught.value.retry_after)) == ("SiteUnreachable", True)


async def test_a_read_that_stays_unanswered_is_unavailable(upstream: Upstream) -> None:
    upstream.on(TICKET, hang_up)
    with pytest.raises(errors.Unavailable) as caught:
        await get(upstream.desk())
    assert caught.value.code == "UpstreamSilent"
    assert upstream.count(TICKET) == 4


async def test_the_budget_ends_every_call(upstream: Upstream) -> None:
    async def slow(_: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    upstream.on(TICKET, slow)
    upstream.on(CREATE, slow)
    with pytest.raises(errors.Unavailable):
        await get(upstream.desk(budget_seconds=1))
    with pytest.raises(errors.OutcomeUnknown):
        await create(upstream.desk(budget_seconds=1))
    with pytest.raises(errors.Unavailable) as caught:
        await create(upstream.desk(budget_seconds=0))
    assert caught.value.code == "BudgetSpent"
    assert upstream.count(CREATE) == 1


async def test_a_create_that_never_connects_within_the_budget_was_not_done() -> None:
    async with deaf_port() as port:
        with pytest.raises(errors.Unavailable):
            await create(desk_at(f"127.0.0.1:{port}", budget_seconds=1))


async def test_a_long_wish_is_passed_on_instead_of_waited_out(upstream: Upstream) -> None:
    upstream.on(TICKET, status(429, {"message": "Slow down"}, retry_after="80"))
    with pytest.raises(errors.TooManyRequests, match="Slow down") as caught:
        await get(upstream.desk())
    assert caught.value.retry_after == 80
    assert upstream.count(TICKET) == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (status(400, {"message": "boardId is bad"}), errors.BadRequest),
        (status(403), errors.Forbidden),
        (status(404), errors.NotFound),
        (status(409), errors.Conflict),
        (status(422), errors.Unprocessable),
        (page(), errors.BadGateway),
        (page(404), errors.NotFound),
        (status(302, location="https://login.example.com"), errors.BadGateway),
    ],
)
async def test_a_refusal_is_final(upstream: Upstream, answer: Answer, kind: type[errors.ConnectorError]) -> None:
    upstream.on(TICKET, answer)
    with pytest.raises(kind):
        await get(upstream.desk())
    assert upstream.count(TICKET) == 1


async def test_bytes_that_are_no_text_cost_a_letter_and_not_the_answer(upstream: Upstream) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=b'{"id": 7, "name": "Caf\xe9 \xff"}', content_type="application/json")

    upstream.on(TICKET, answer)
    assert (await upstream.desk().call(GET_TICKET, path={"ticketId": 7})).json()["name"] == "Caf\ufffd \ufffd"


@pytest.mark.parametrize("body", [b'{"id": 7', b"OK", b"\xff\xfe", b"[" * 100_000])
async def test_an_answer_that_is_not_json_is_upstreams_fault(upstream: Upstream, body: bytes) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    upstream.on(TICKET, answer)
    with pytest.raises(errors.BadGateway):
        await get(upstream.desk())


async def test_an_answer_that_breaks_off_is_tried_again_by_reads_only() -> None:
    cut = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", then_close=True)
    async with misbehaving(cut) as server:
        with pytest.raises(errors.OutcomeUnknown):
            await create(desk_at(f"127.0.0.1:{server.port}"))
        assert len(server.requests) == 1
        with pytest.raises(errors.Unavailable):
            await get(desk_at(f"127.0.0.1:{server.port}"))
        assert len(server.requests) == 5


async def test_an_answer_over_the_limit_is_refused(upstream: Upstream) -> None:
    async def huge(_: web.Request) -> web.Response:
        answer = web.Response(body=b" " * (2**20 + 1), content_type="application/json")
        answer.enable_compression()
        return answer

    upstream.on(TICKET, huge)
    upstream.on(CREATE, huge)
    with pytest.raises(errors.BadGateway) as caught:
        await get(upstream.desk(max_answer_mb=1))
    assert (caught.value.code, upstream.count(TICKET)) == ("AnswerTooLarge", 1)
    with pytest.raises(errors.OutcomeUnknown):
        await create(upstream.desk(max_answer_mb=1))


async def test_401_breaks_the_connection_only_when_it_is_the_key_that_is_refused(upstream: Upstream) -> None:
    async def kind(endpoint: Endpoint, **how: Any) -> tuple[type, str]:
        with pytest.raises(errors.ConnectorError) as caught:
            await upstream.desk(refused_seconds=0).call(endpoint, **how)
        return type(caught.value), caught.value.code

    for route in (TICKET, f"GET {PREFIX}/connections/test", "GET /api/v2/copilot/time-entries"):
        upstream.on(route, status(401, {"message": "no"}))
    upstream.on("GET /api2/admin/stats/sync/errors", status(401))
    upstream.on("GET /api/v2/user/contact/5/userkey", {"userKey": "t"})
    upstream.on("GET /api/v2/user/member/6/userkey", status(401))
    assert await kind(TEST_CONNECTION) == (errors.Unauthorized, "ApiKeyRefused")
    assert await kind(GET_SYNC_ERRORS) == (errors.Unauthorized, "ApiKeyRefused")
    assert await kind(FIND_TIME_ENTRIES) == (errors.Forbidden, "UserNeeded")
    assert await kind(GET_SYNC_ERRORS, user=contact(5)) == (errors.Forbidden, "UserKeyRefused")
    assert await kind(FIND_TIME_ENTRIES, user=member(6)) == (errors.Unauthorized, "ApiKeyRefused")
    upstream.on(f"GET {PREFIX}/connections/test", {})
    assert await kind(GET_SYNC_ERRORS) == (errors.Forbidden, "RouteRefusesKey")
    assert await kind(FIND_TIME_ENTRIES, user=member(6)) == (errors.Forbidden, "RouteRefusesKey")


async def test_a_site_that_resolves_into_our_own_network_is_not_called() -> None:
    """`localhost` stands for a custom domain whose owner points it at us."""
    made = Settings(allowed_sites=("localhost",), budget_seconds=5)
    connection = Connection.from_headers({"dd-host": "localhost", "dd-api-key": KEY}, made)
    with pytest.raises(errors.Forbidden) as caught:
        await get(DeskDirector(connection, made))
    assert caught.value.code == "SiteNotAllowed"


async def test_a_site_that_does_not_exist_is_the_callers_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    def getaddrinfo(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    connection = Connection.from_headers({"dd-host": "typo.deskdirector.com", "dd-api-key": KEY}, Settings())
    with pytest.raises(errors.BadRequest, match=r"typo\.deskdirector\.com") as caught:
        await create(DeskDirector(connection, Settings()))
    assert caught.value.code == "SiteNotFound"


async def test_nothing_secret_is_logged_or_said(upstream: Upstream, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    password = KEY.partition(":")[2]

    async def echo(request: web.Request) -> web.Response:
        said = f"bad header {request.headers['Authorization']} for {KEY}"
        return web.json_response({"message": said}, status=400)

    upstream.on(TICKET, echo)
    upstream.on(CREATE, hang_up)
    upstream.on("GET /api/v2/user/member/5/userkey", {"userKey": "eyJh.eyJi.c2ln"})
    desk = upstream.desk()
    shown = [repr(desk), repr(desk.connection)]
    for call in (get(desk), create(desk), desk.call(GET_TICKET, path={"ticketId": 7}, user=member(5))):
        with pytest.raises(errors.ConnectorError) as caught:
            await call
        link: BaseException | None = caught.value
        while link is not None:
            shown.append(f"{link!r} {vars(link)}")
            link = link.__cause__ or link.__context__
    shown += [f"{record.getMessage()} {vars(record)}" for record in caplog.records if record.name != "aiohttp.access"]
    for secret in (password, desk.connection.authorization.partition(" ")[2], "eyJi"):
        assert secret not in " ".join(shown)


def test_loading_the_client_loads_no_http_library() -> None:
    code = (
        "import sys, connector.deskdirector.client;"
        "print([name for name in ('aiohttp', 'httpx', 'idna', 'pydantic') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300)
    assert run.stdout.strip() == "[]"


@settings(max_examples=25, deadline=None)
@given(
    code=st.integers(200, 599), body=st.binary(max_size=40), kind=st.sampled_from(["application/json", "text/html", ""])
)
def test_whatever_comes_back_is_a_value_or_an_error_of_ours(code: int, body: bytes, kind: str) -> None:
    async def scenario() -> None:
        async with serving() as upstream:

            async def answer(_: web.Request) -> web.Response:
                return web.Response(status=code, body=body, headers={"Content-Type": kind} if kind else {})

            upstream.on(TICKET, answer)
            try:
                await get(upstream.desk(budget_seconds=1))
            except errors.ConnectorError as problem:
                assert problem.status != 500  # noqa: PT017
                assert problem.message  # noqa: PT017

    asyncio.run(scenario())
