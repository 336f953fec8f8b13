"""Answers that are odd on the wire: each ends in an answer or a known failure, and none reaches another call."""

import asyncio
import gzip
import zlib

import pytest

from connector.deskdirector.no_answer import NoAnswer
from connector.deskdirector.transport import AiohttpTransport, Answer, Timeout
from tests.upstream_servers import answering, misbehaving

LIMITS = Timeout(5, 1)
MOST = 2**20
NEXT = b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nthe next"
POISON = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
BOMB = gzip.compress(b"0" * (4 * MOST))

ODD = {
    "one more answer behind": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}" + POISON,
    "an answer in the body": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" + POISON,
    "204 with a body": b"HTTP/1.1 204 No Content\r\n\r\n" + POISON,
    "304 with a body": b"HTTP/1.1 304 Not Modified\r\nContent-Length: 6\r\n\r\n" + POISON,
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 40\r\n\r\n{}" + POISON,
    "length and chunks": CHUNKED[:-2] + b"Content-Length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n" + POISON,
    "a negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}",
    "a length with a sign": b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\n{}",
    "a length that is no number": b"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n{}",
    "a length of many digits": b"HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n{}" % (b"9" * 5000),
    "too short": b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{}",
    "a chunk size that is no number": CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n",
    "a chunk of absurd size": CHUNKED + b"FFFFFFFFFFFFFFFFF\r\n{}",
    "a negative chunk": CHUNKED + b"-2\r\n{}\r\n0\r\n\r\n",
    "chunks with trailers": CHUNKED + b"2\r\n{}\r\n0\r\nX-Trailer: 1\r\n\r\n",
    "endless trailers": CHUNKED + b"2\r\n{}\r\n0\r\n" + b"X: 1\r\n" * 50_000,
    "an unknown transfer encoding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: zip\r\nContent-Length: 2\r\n\r\n{}",
    "a long header": b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\nContent-Length: 2\r\n\r\n{}",
    "many headers": b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 50_000 + b"Content-Length: 2\r\n\r\n{}",
    "a header without a colon": b"HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 2\r\n\r\n{}",
    "a header with a null": b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 2\r\n\r\n{}",
    "a folded header": b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\n{}",
    "headers that are no text": b"HTTP/1.1 200 OK\r\nX: \xff\xfe\r\nContent-Length: 2\r\n\r\n{}",
    "a long reason": b"HTTP/1.1 200 " + b"a" * 100_000 + b"\r\nContent-Length: 2\r\n\r\n{}",
    "no reason": b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}",
    "a status of two digits": b"HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\n{}",
    "a status of four digits": b"HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\n{}",
    "a status above all": b"HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\n{}",
    "HTTP of another version": b"HTTP/9.9 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 500,
    "line feeds only": b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}",
    "empty lines first": b"\r\n" * 20 + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "many interim answers": b"HTTP/1.1 103 Early Hints\r\n\r\n" * 20
    + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "an interim answer only": b"HTTP/1.1 100 Continue\r\n\r\n",
    "another protocol": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n" + POISON,
    "no gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
    "half of a gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 30\r\n\r\n" + BOMB[:30],
    "a bomb of gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB) + BOMB,
    "gzip in gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB) + BOMB,
    "no deflate": b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\nContent-Length: 4\r\n\r\n\0\1\2\3",
    "deflate": b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\nContent-Length: 10\r\n\r\n" + zlib.compress(b"{}"),
    "an encoding that nobody has": b"HTTP/1.1 200 OK\r\nContent-Encoding: x-zip\r\nContent-Length: 2\r\n\r\n{}",
    "a redirect to itself": b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n",
    "a redirect elsewhere": b"HTTP/1.1 307 Moved\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n",
    "a redirect that is no address": b"HTTP/1.1 302 Found\r\nLocation: http://[\r\nContent-Length: 0\r\n\r\n",
    "cookies": b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b; Domain=.\r\nSet-Cookie: \xff\r\nContent-Length: 2\r\n\r\n{}",
    "a sign-in of the proxy": b"HTTP/1.1 407 Sign In\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n",
}


@pytest.mark.parametrize("later", [False, True], ids=["at once", "in pieces"])
@pytest.mark.parametrize("kind", ODD)
async def test_an_odd_answer_ends_and_stays_with_its_call(kind: str, later: bool) -> None:
    written = asyncio.Event()

    async def odd_first(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(server.requests) > 1:
            return await answering(NEXT)(reader, writer)
        step = max(1, len(ODD[kind]) // 8) if later else len(ODD[kind])
        try:
            for start in range(0, len(ODD[kind]), step):
                writer.write(ODD[kind][start : start + step])
                await writer.drain()
                await asyncio.sleep(0.001 if later else 0)
        finally:
            written.set()
        return None

    async with misbehaving(odd_first) as server:
        origin, headers = f"http://127.0.0.1:{server.port}", {"Authorization": "secret"}
        async with AiohttpTransport(exempt={("127.0.0.1", server.port)}, max_answer=MOST) as transport:

            async def call() -> Answer | NoAnswer:
                try:
                    return await transport.exchange("GET", origin, "/x", headers, None, LIMITS)
                except NoAnswer as failure:
                    return failure

            first = await call()
            assert len(server.requests) == 1  # nothing is followed or repeated
            if isinstance(first, Answer):
                assert len(first.content) <= MOST
            else:
                assert "secret" not in f"{first!r} {first.__context__!r} {first.__cause__!r}"
            await written.wait()
            await asyncio.sleep(0.02)  # what came late has been read
            for _ in range(3):
                again = await call()
                assert not isinstance(again, Answer) or again.content == b"the next"
