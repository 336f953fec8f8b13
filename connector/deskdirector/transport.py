"""HTTP over aiohttp's sockets: pooled, guarded against non-public addresses, and truthful about what was sent.

aiohttp's own exception types do not say whether a request can have reached the server (a server that hangs up after
reading a POST and one that was never reached may look alike). So the line is drawn where it really runs: everything
raised while the connection is being made is `NotSent`, everything after is `MaybeSent`, on a fresh and on a pooled
connection alike. The table of both is in `no_answer.py`.

Nothing is followed, remembered or added: no redirects, no cookies, no proxies from the environment, and no silent
repeats of idempotent requests (the retry decision is taken in one place, `retrying.py`). All that is a session's part
of aiohttp, so none is used: its connections, requests and answers are enough, for a tenth less CPU a call.
"""

import asyncio
import math
import time
from collections import deque
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self
from weakref import WeakValueDictionary

from connector.deskdirector.addresses import AddressRefusedError, NameNotFoundError, guarded_resolver, is_public
from connector.deskdirector.gates import Gate
from connector.deskdirector.large_answers import MEMORY
from connector.deskdirector.no_answer import (
    AddressRefused,
    AnswerBroken,
    AnswerTimeout,
    AnswerTooLarge,
    CertificateRefused,
    ConnectionLost,
    ConnectTimeout,
    HostBusy,
    MaybeSent,
    MemorySpent,
    NameNotFound,
    NoAnswer,
    NotSent,
)
from connector.deskdirector.sites import is_ip_literal

if TYPE_CHECKING:
    import aiohttp
    import httpx
    from aiohttp.client_proto import ResponseHandler
    from aiohttp.connector import Connection

KEEP_ALIVE_SECONDS = 15
"""Idle connections are dropped well before servers drop them (IIS: 120 s), so a request rarely meets a dying one."""

DNS_SECONDS = 30

_CONNECT_GRACE = 0.05

_DECODED = frozenset(("content-encoding", "content-length", "transfer-encoding"))

_HTTPX: Final[Mapping[type, str]] = {
    ConnectTimeout: "ConnectTimeout",
    HostBusy: "PoolTimeout",
    NotSent: "ConnectError",
    ConnectionLost: "ReadError",
    AnswerTimeout: "ReadTimeout",
    MaybeSent: "RemoteProtocolError",
}
"""What httpx calls these failures."""


class Answer(NamedTuple):
    """A whole answer; `headers` looks names up in any case, `content` is decompressed."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Notified(NamedTuple):
    """What came back of a notification; `start` is the begin of the answer's body, as far as it could be read."""

    status: int
    headers: Mapping[str, str]
    start: bytes = b""


class Timeout(NamedTuple):
    """Seconds (None: no limit) until the connection must stand, and until the whole answer must be there."""

    connect: float | None
    total: float | None


MOST_SPOILT: Final = 8
"""Connections that a call gives up, because bytes have come on them that answer no request."""
RECENT_GATES: Final = 256
"""So many gates are kept while nobody is in them, so that calls one after the other need no new ones."""
DRAIN_SECONDS: Final = 0.5
KEPT_OF_ANSWER: Final = 4096
SMALL_ANSWER: Final = 64 * 1024
"""Bytes: an answer up to this size is read even when the memory is spent, so that creates get their answers."""


class AiohttpTransport:
    """One pool of connections, for one event loop.

    `exempt` are the host and port pairs that may have non-public addresses; `max_answer` and `max_memory` are in bytes,
    of one answer and of all that the process is reading; at most `per_host` calls are under way to one host, some
    wait.
    """

    def __init__(
        self,
        *,
        exempt: Collection[tuple[str, int]] = (),
        max_answer: int = 32 * 2**20,
        max_memory: int = 256 * 2**20,
        per_host: int = 100,
    ) -> None:
        self._max_memory = max_memory
        self._exempt = frozenset(exempt)
        self._max_answer = max_answer
        self._per_host = per_host
        self._gates: WeakValueDictionary[tuple[str, int], Gate] = WeakValueDictionary()
        self._recent_gates: deque[Gate] = deque(maxlen=RECENT_GATES)
        self._connector: aiohttp.TCPConnector | None = None
        self._timeout: aiohttp.ClientTimeout | None = None

    async def exchange(
        self, method: str, origin: str, target: str, headers: Mapping[str, str], body: bytes | None, limits: Timeout
    ) -> Answer:
        """Send one request and read the whole answer; `target` is path and query, already percent-encoded.

        Raises `NoAnswer`.
        """
        entered: list[Gate] = []
        try:
            for gate in self._gates_of(origin, headers.get("Authorization", "")):
                if not gate.try_enter():
                    limits = await _entered(gate, limits)
                entered.append(gate)
            async with asyncio.timeout(_total(limits)):
                return await self._exchange(method, origin + target, headers, body, limits.connect)
        except TimeoutError:
            raise AnswerTimeout("no complete answer in time") from None
        finally:
            for gate in reversed(entered):
                gate.release()

    def _gates_of(self, origin: str, authorization: str) -> list[Gate]:
        """What limits the calls under way to a host: half of them for one key, so that no key keeps others out."""
        shares = [((origin, hash(authorization)), max(1, self._per_host // 2))] if authorization else []
        gates = []
        for key, size in (*shares, ((origin, 0), self._per_host)):
            gate = self._gates.get(key)
            if gate is None:
                gate = self._gates[key] = Gate(size)
                self._recent_gates.append(gate)
            gates.append(gate)
        return gates

    async def notify(
        self, origin: str, target: str, headers: Mapping[str, str], body: bytes, *, connect: float, total: float
    ) -> Notified:
        """Post a body; what came back, whatever its body is: large, cut or badly compressed.

        No other call to the host is waited for. Raises `NoAnswer`.
        """
        try:
            async with asyncio.timeout(_total(Timeout(connect, total))):
                return await self._notify(origin + target, headers, body, connect)
        except TimeoutError:
            raise AnswerTimeout("no answer in time") from None

    async def _notify(self, url: str, headers: Mapping[str, str], body: bytes, connect: float) -> Notified:
        import aiohttp

        try:
            response = await self._answered("POST", url, headers, body, connect)
        except (aiohttp.ClientError, OSError) as problem:
            failure = _maybe_sent(problem)
        else:
            start = b""
            try:
                async with asyncio.timeout(DRAIN_SECONDS):  # a short body is read, so that the connection is kept
                    start = await response.content.readexactly(SMALL_ANSWER)
            except asyncio.IncompleteReadError as whole:
                start = whole.partial
            except (aiohttp.ClientError, TimeoutError, ValueError):
                pass
            finally:
                response.release() if response.content.at_eof() else response.close()
            return Notified(response.status, response.headers, start[:KEPT_OF_ANSWER])
        raise failure

    def for_httpx(self) -> "httpx.AsyncBaseTransport":
        """Wrap the transport for an `httpx.AsyncClient`, whose `read` timeout then limits the whole call."""
        import httpx

        exchange, aclose = self.exchange, self.aclose

        class Adapter(httpx.AsyncBaseTransport):
            async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
                limits, url = request.extensions.get("timeout", {}), request.url
                origin = f"{url.scheme}://{url.netloc.decode('ascii')}"
                target, body = url.raw_path.decode("ascii"), await request.aread() or None
                timeout = Timeout(limits.get("connect"), limits.get("read"))
                try:
                    answer = await exchange(request.method, origin, target, dict(request.headers), body, timeout)
                except NoAnswer as failure:
                    name = next(_HTTPX[kind] for kind in type(failure).__mro__ if kind in _HTTPX)
                    raise getattr(httpx, name)(str(failure)) from None
                headers = [(name, value) for name, value in answer.headers.items() if name.lower() not in _DECODED]
                return httpx.Response(answer.status, headers=headers, content=answer.content, request=request)

            async def aclose(self) -> None:
                await aclose()

        return Adapter()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection."""
        if self._connector is not None:
            await self._connector.close()
            self._connector = None

    async def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, connect: float | None
    ) -> Answer:
        import aiohttp

        try:
            response = await self._answered(method, url, headers, body, connect)
            try:
                return Answer(response.status, response.headers, await self._read(response.content))
            except BaseException:
                response.close()
                raise
        except (aiohttp.ClientError, OSError) as problem:
            failure = _maybe_sent(problem)
        # Raised out here, so that aiohttp's exception, whose request info holds the key, is not its context.
        raise failure

    async def _answered(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, connect: float | None
    ) -> "aiohttp.ClientResponse":
        """Send a request; the answer, as far as its headers."""
        import aiohttp
        import yarl

        loop, target = asyncio.get_running_loop(), yarl.URL(url, encoded=True)
        request = aiohttp.ClientRequest(method, target, headers=headers, data=body, loop=loop)
        connection, protocol = await self._connected(request, self._connect_timeout(connect))
        try:
            protocol.set_response_params(read_until_eof=True, skip_payload=method == "HEAD")
            response = await request.send(connection)
            try:
                return await response.start(connection)
            except BaseException:
                response.close()
                raise
        except BaseException:
            connection.close()
            raise

    async def _connected(
        self, request: "aiohttp.ClientRequest", limits: "aiohttp.ClientTimeout"
    ) -> "tuple[Connection, ResponseHandler]":
        """A connection on which nothing waits: the next call would take bytes that came unasked for its answer."""
        import aiohttp

        connector = self._connector or self._open()
        for _ in range(MOST_SPOILT):
            connection = await connector.connect(request, [], limits)
            if (protocol := connection.protocol) is not None and not protocol.should_close:
                return connection, protocol
            connection.close()
        raise aiohttp.ClientConnectionError("the server sends what nobody asked for")

    async def _read(self, content: "aiohttp.StreamReader") -> bytes:
        chunks = []
        size = 0
        try:
            while chunk := await content.readany():
                size += len(chunk)
                MEMORY.taken += len(chunk)
                if size > self._max_answer:
                    raise AnswerTooLarge(f"the answer is over {self._max_answer} bytes")
                if size > SMALL_ANSWER and MEMORY.taken > self._max_memory:
                    raise MemorySpent("too much is being read at once")
                chunks.append(chunk)
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)
        finally:
            MEMORY.taken -= size

    def _connect_timeout(self, seconds: float | None) -> "aiohttp.ClientTimeout":
        import aiohttp

        if self._timeout is None or self._timeout.connect != seconds:
            # Never rounded up to a whole second, as aiohttp does from five on: the limit of the whole call would win.
            self._timeout = aiohttp.ClientTimeout(total=None, connect=seconds, ceil_threshold=math.inf)
        return self._timeout

    def _open(self) -> "aiohttp.TCPConnector":
        """Import aiohttp, at the first call: at load it would be a third of the app's cold start."""
        self._connector = _connector(self._exempt)
        return self._connector


def _connector(exempt: frozenset[tuple[str, int]]) -> "aiohttp.TCPConnector":
    import aiohttp

    class Connector(aiohttp.TCPConnector):
        """Marks what fails before a connection stands, and lets no address literal past the resolver's check."""

        async def connect(self, req: Any, traces: Any, timeout: Any) -> Any:  # noqa: ASYNC109 (aiohttp's signature)
            host, port = req.url.raw_host, req.url.port
            try:
                if is_ip_literal(host) and (host, port) not in exempt and not is_public(host):
                    raise AddressRefusedError("the address is not public")
                return await super().connect(req, traces, timeout)
            except Exception as problem:  # noqa: BLE001 (whatever it is, nothing was sent)
                failure = _not_sent(problem)
            raise failure

    return Connector(
        resolver=guarded_resolver(exempt),
        ttl_dns_cache=DNS_SECONDS,
        keepalive_timeout=KEEP_ALIVE_SECONDS,
        limit=0,
        timeout_ceil_threshold=3600,
    )


async def _entered(gate: Gate, limits: Timeout) -> Timeout:
    """Wait for a place; the limits that are left then."""
    began = time.monotonic()
    await gate.enter(limits.connect)
    return _without(limits, time.monotonic() - began)


def _without(limits: Timeout, waited: float) -> Timeout:
    """The limits that are left after waiting for a free connection: waiting counts."""
    total = None if limits.total is None else max(0.0, limits.total - waited)
    return Timeout(limits.connect if total is None or limits.connect is None else min(limits.connect, total), total)


def _total(timeout: Timeout) -> float | None:
    """The limit of the whole call, never so short that it would hide a connect timeout, which is known to be unsent."""
    if timeout.total is None or timeout.connect is None:
        return timeout.total
    return max(timeout.total, timeout.connect + _CONNECT_GRACE)


def _not_sent(reason: Exception) -> NotSent:
    import aiohttp

    if isinstance(reason, aiohttp.ClientConnectorDNSError):
        reason = reason.os_error
    if isinstance(reason, NameNotFoundError):
        return NameNotFound("the host name does not exist")
    if isinstance(reason, AddressRefusedError):
        return AddressRefused("the address is not public")
    if isinstance(reason, aiohttp.ClientConnectorCertificateError):
        return CertificateRefused("the certificate does not prove that the server is this host")
    if isinstance(reason, TimeoutError):
        return ConnectTimeout("no connection in time")
    return NotSent(f"no connection ({type(reason).__name__})")


def _maybe_sent(reason: Exception) -> MaybeSent:
    import aiohttp

    if isinstance(reason, aiohttp.ServerDisconnectedError):
        return AnswerBroken("the server closed the connection without an answer")
    if isinstance(reason, aiohttp.ClientPayloadError):
        return AnswerBroken("the server broke its answer off")
    if isinstance(reason, aiohttp.ClientResponseError):
        return AnswerBroken("the answer is not HTTP")
    return ConnectionLost(f"the connection broke ({type(reason).__name__})")
