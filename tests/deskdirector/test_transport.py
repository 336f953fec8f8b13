"""The transport tells the truth about what was sent: one test for each row of its exception table, on real sockets."""

import asyncio
import gzip
import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connector.deskdirector import no_answer
from connector.deskdirector.no_answer import Sent
from connector.deskdirector.transport import AiohttpTransport, Answer, Timeout
from tests.upstream_servers import (
    Misbehaviour,
    Upstream,
    answering,
    close_silently,
    deaf_port,
    free_port,
    misbehaving,
    reset,
    say_nothing,
)

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
ENOUGH = Timeout(20, 20)
BRIEF = Timeout(0.8, 0.8)


def reaching(port: int, **limits: int) -> AiohttpTransport:
    """A transport that may reach this loopback port."""
    return AiohttpTransport(exempt={("127.0.0.1", port), ("localhost", port)}, **limits)


async def _post(transport: AiohttpTransport, port: int, limits: Timeout = ENOUGH, method: str = "POST") -> Answer:
    body = b"{}" if method == "POST" else None
    return await transport.exchange(method, f"http://127.0.0.1:{port}", "/x", {"Authorization": "secret"}, body, limits)


@pytest.mark.parametrize(
    ("behave", "error"),
    [
        (close_silently, no_answer.AnswerBroken),
        (reset, no_answer.ConnectionLost),
        (say_nothing, no_answer.AnswerTimeout),
        (answering(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", then_close=True), no_answer.AnswerBroken),
        (
            answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", then_close=True),
            no_answer.AnswerBroken,
        ),
        (answering(b"220 mail.example.com ESMTP\r\n\r\n"), no_answer.AnswerBroken),
        (answering(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"), no_answer.AnswerTimeout),
    ],
    ids=["closed", "reset", "silent", "cut off", "cut off chunks", "not HTTP", "stuck"],
)
async def test_what_fails_after_the_server_took_the_request_may_have_been_sent(
    behave: Misbehaviour, error: type[no_answer.NoAnswer]
) -> None:
    limits = BRIEF if error is no_answer.AnswerTimeout else ENOUGH
    async with misbehaving(behave) as server, reaching(server.port) as transport:
        with pytest.raises(error) as caught:
            await _post(transport, server.port, limits)
    assert caught.value.sent is Sent.MAYBE
    assert len(server.requests) == 1


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("behave", [close_silently, reset], ids=["closed", "reset"])
async def test_a_pooled_connection_that_dies_may_have_been_sent_and_is_not_silently_repeated(
    behave: Misbehaviour, method: str
) -> None:
    async def first_answer_then_die(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await (answering(OK) if len(server.requests) == 1 else behave)(reader, writer)

    async with misbehaving(first_answer_then_die) as server, reaching(server.port) as transport:
        await _post(transport, server.port, method=method)
        with pytest.raises((no_answer.ConnectionLost, no_answer.AnswerBroken)):
            await _post(transport, server.port, method=method)
        assert len(server.requests) == 2


async def test_a_connection_that_the_server_closed_while_idle_is_replaced() -> None:
    async with misbehaving(answering(OK, then_close=True)) as server, reaching(server.port) as transport:
        for _ in range(3):
            assert (await _post(transport, server.port)).content == b"{}"
            await asyncio.sleep(0.02)


async def test_connections_are_reused() -> None:
    connections = set()

    async def remember(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.add(writer.get_extra_info("peername"))
        await answering(OK)(reader, writer)

    async with misbehaving(remember) as server, reaching(server.port) as transport:
        for _ in range(3):
            await _post(transport, server.port)
    assert len(connections) == 1


async def test_a_refused_connection_was_surely_not_sent() -> None:
    port = free_port()
    async with reaching(port) as transport:
        with pytest.raises(no_answer.NotSent):
            await _post(transport, port)


async def test_a_connection_that_never_stands_was_surely_not_sent() -> None:
    async with deaf_port() as port, reaching(port) as transport:
        with pytest.raises(no_answer.ConnectTimeout):
            await _post(transport, port, Timeout(0.1, 0.1))


async def test_waiting_for_a_free_connection_was_surely_not_sent() -> None:
    async with misbehaving(say_nothing) as server, reaching(server.port, per_host=1) as transport:
        first = asyncio.create_task(_post(transport, server.port, BRIEF))
        await asyncio.sleep(0.05)
        with pytest.raises(no_answer.HostBusy):
            await _post(transport, server.port, Timeout(0.05, 20))
        with pytest.raises(no_answer.AnswerTimeout):
            await first
        assert len(server.requests) == 1


async def test_a_server_without_tls_was_surely_not_sent() -> None:
    async with misbehaving(close_silently) as server, reaching(server.port) as transport:
        with pytest.raises(no_answer.NotSent):
            await transport.exchange("POST", f"https://127.0.0.1:{server.port}", "/", {}, b"", BRIEF)
        assert server.requests == []


async def test_an_unproven_certificate_was_surely_not_sent(tmp_path: Path) -> None:
    async with misbehaving(answering(OK), tls=_self_signed(tmp_path)) as server, reaching(server.port) as transport:
        with pytest.raises(no_answer.CertificateRefused):
            await transport.exchange("POST", f"https://localhost:{server.port}", "/", {}, b"", ENOUGH)
        assert server.requests == []


def _self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    valid = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1))
    certificate = valid.sign(key, hashes.SHA256())
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]"])
async def test_only_the_exempt_pair_may_be_a_loopback_address(host: str) -> None:
    async with misbehaving(answering(OK)) as server, AiohttpTransport(exempt={("127.0.0.1", 1)}) as transport:
        with pytest.raises(no_answer.NotSent):
            await transport.exchange("GET", f"http://{host}:{server.port}", "/", {}, None, ENOUGH)
        assert server.requests == []


@pytest.mark.parametrize(
    ("problem", "error"),
    [
        (socket.gaierror(socket.EAI_NONAME, "unknown"), no_answer.NameNotFound),
        (socket.gaierror(socket.EAI_AGAIN, "try again"), no_answer.NotSent),
    ],
)
async def test_a_name_that_does_not_exist_is_told_from_a_resolver_that_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, problem: OSError, error: type[no_answer.NotSent]
) -> None:
    def getaddrinfo(*_: object, **__: object) -> None:
        raise problem

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    async with AiohttpTransport() as transport:
        with pytest.raises(error) as caught:
            await transport.exchange("GET", "https://nowhere.deskdirector.com", "/", {}, None, ENOUGH)
    assert type(caught.value) is error


async def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that answers a public address first and a private one afterwards gains nothing."""
    asked = []

    def getaddrinfo(host: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
        asked.append(host)
        address = "192.0.32.7" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    reached = []

    async def sock_connect(_: socket.socket, address: tuple[str, int]) -> None:
        reached.append(address)
        await asyncio.sleep(9)

    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", sock_connect)
    async with AiohttpTransport() as transport:
        with pytest.raises(no_answer.ConnectTimeout):
            await transport.exchange("GET", "https://rebind.deskdirector.com", "/", {}, None, Timeout(0.05, 0.1))
    assert asked == ["rebind.deskdirector.com"]
    assert reached == [("192.0.32.7", 443)]


@pytest.mark.parametrize("size", [1000, 1001])
@pytest.mark.parametrize("squeezed", [False, True])
async def test_an_answer_over_the_limit_is_refused_and_counted_unpacked(size: int, squeezed: bool) -> None:
    content = b"x" * size
    body, encoding = (gzip.compress(content), b"Content-Encoding: gzip\r\n") if squeezed else (content, b"")
    raw = b"HTTP/1.1 200 OK\r\n" + encoding + b"Content-Length: %d\r\n\r\n" % len(body) + body
    async with misbehaving(answering(raw)) as server, reaching(server.port, max_answer=1000) as transport:
        if size <= 1000:
            assert (await _post(transport, server.port)).content == content
        else:
            with pytest.raises(no_answer.AnswerTooLarge):
                await _post(transport, server.port)


async def test_nothing_is_followed_remembered_or_taken_from_the_environment(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aiohttp import web

    async def redirect(_: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": "/elsewhere", "Set-Cookie": "session=of-someone-else"})

    async def cookies(request: web.Request) -> web.Response:
        return web.json_response({"cookie": request.headers.get("Cookie"), "proxied": "Via" in request.headers})

    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    upstream.on("POST /x", redirect)
    upstream.on("GET /x", cookies)
    origin = f"http://localhost:{upstream.port}"  # a name, because no cookie is ever kept for an address
    async with reaching(upstream.port) as transport:
        assert (await transport.exchange("POST", origin, "/x", {}, b"{}", Timeout(5, 5))).status == 307
        answer = await transport.exchange("GET", origin, "/x", {}, None, Timeout(5, 5))
    assert answer.content == b'{"cookie": null, "proxied": false}'
    assert upstream.count("GET /elsewhere") == 0


async def test_it_is_an_httpx_transport_too(upstream: Upstream) -> None:
    upstream.on("POST /api/x", {"id": 7})
    async with httpx.AsyncClient(transport=reaching(upstream.port).for_httpx()) as client:
        response = await client.post(f"http://{upstream.host}/api/x?a=1", json={"b": 2})
    assert response.json() == {"id": 7}
    assert response.headers["content-type"].startswith("application/json")


@pytest.mark.parametrize(
    ("behave", "error"),
    [
        (close_silently, httpx.RemoteProtocolError),
        (reset, httpx.ReadError),
        (say_nothing, httpx.ReadTimeout),
        (None, httpx.ConnectError),
    ],
    ids=["closed", "reset", "silent", "refused"],
)
async def test_an_httpx_client_sees_httpx_errors(
    behave: Misbehaviour | None, error: type[httpx.TransportError]
) -> None:
    async with misbehaving(behave or close_silently) as server:
        port = server.port if behave else free_port()
        async with httpx.AsyncClient(transport=reaching(port).for_httpx(), timeout=0.8) as client:
            with pytest.raises(error) as caught:
                await client.post(f"http://127.0.0.1:{port}/x", json={})
    assert type(caught.value) is error


async def test_no_failure_carries_the_key() -> None:
    for behave in (close_silently, reset, answering(b"nonsense\r\n\r\n")):
        async with misbehaving(behave) as server, reaching(server.port) as transport:
            with pytest.raises(no_answer.NoAnswer) as caught:
                await _post(transport, server.port)
        link: BaseException | None = caught.value
        while link is not None:
            assert "secret" not in f"{link!r} {link} {vars(link)}"
            link = link.__cause__ or link.__context__
