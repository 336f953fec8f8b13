"""Posts notifications, in order for each hook, and records how that went. Only loopback addresses are ever called."""

import asyncio
import base64
import hashlib
import hmac
import ipaddress
from collections import deque
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from workbench.simulator.clock import Clock
from workbench.simulator.hooks import Hook
from workbench.simulator.wire import dump

TIMEOUT = aiohttp.ClientTimeout(total=10)
MAX_RECORDED = 5000


@dataclass(slots=True)
class Delivery:
    """One attempt: `outcome` is delivered, failed, dropped (hook paused or suspended) or refused (not loopback)."""

    hook_id: str
    event_type: str
    outcome: str
    status: int = 0

    def describe(self) -> dict[str, Any]:
        """As JSON."""
        return {"hook": self.hook_id, "event": self.event_type, "outcome": self.outcome, "status": self.status}


@dataclass(slots=True)
class _Pending:
    clock: Clock
    hook: Hook
    event_type: str
    body: bytes


class Courier:
    """Delivers in the background; `duplicates` more copies of each, and `hold` to reorder, on demand."""

    def __init__(self) -> None:
        self.recorded: deque[Delivery] = deque(maxlen=MAX_RECORDED)
        self.duplicates = 0
        self._hold = 0
        self._held: list[_Pending] = []
        self._order: dict[str, asyncio.Lock] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    def hold(self, count: int) -> None:
        """Keep back the next `count` notifications, then send them in the opposite order; 0 sends what is held."""
        self._hold = count
        if not count:
            self._release()

    def post(self, clock: Clock, hook: Hook, event_type: str, body: object) -> None:
        """Send soon. A hook that does not listen loses the notification, as it does upstream."""
        if not hook.listens(clock.now()):
            hook.dropped += 1
            self.recorded.append(Delivery(hook.id, event_type, "dropped"))
            return
        pending = _Pending(clock, hook, event_type, dump(body))
        if self._hold:
            self._held.append(pending)
            if len(self._held) >= self._hold:
                self._release()
            return
        self._send(pending)

    def forget(self) -> None:
        """Deliver normally again; drop what is held and recorded."""
        self.duplicates, self._hold = 0, 0
        self._held.clear()
        self.recorded.clear()

    async def idle(self) -> None:
        """Wait until everything under way has been delivered or has failed."""
        while self._running:
            await asyncio.wait(self._running)

    async def stop(self) -> None:
        """Drop what is under way and close the connections."""
        ending = list(self._running)
        for task in ending:
            task.cancel()
        if ending:
            await asyncio.wait(ending)
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _release(self) -> None:
        held, self._held, self._hold = self._held, [], 0
        for pending in reversed(held):
            self._send(pending)

    def _send(self, pending: _Pending) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver(pending, 1 + self.duplicates))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _deliver(self, pending: _Pending, copies: int) -> None:
        hook = pending.hook
        async with self._order.setdefault(hook.id, asyncio.Lock()):
            for _ in range(copies):
                self.recorded.append(await self._attempt(pending))

    async def _attempt(self, pending: _Pending) -> Delivery:
        hook = pending.hook
        if not is_loopback(hook.url):
            return Delivery(hook.id, pending.event_type, "refused")
        if not hook.listens(pending.clock.now()):
            hook.dropped += 1
            return Delivery(hook.id, pending.event_type, "dropped")
        status = await self._request(hook, pending.body)
        if 200 <= status < 300:
            hook.delivered += 1
            return Delivery(hook.id, pending.event_type, "delivered", status)
        hook.has_failed(pending.clock.now())
        return Delivery(hook.id, pending.event_type, "failed", status)

    async def _request(self, hook: Hook, body: bytes) -> int:
        """The answer's status, 0 when there was none. Redirects are not followed."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=TIMEOUT)
        headers = {"Content-Type": "application/json; charset=utf-8"} | signature_header(hook, body)
        try:
            async with self._session.post(hook.url, data=body, headers=headers, allow_redirects=False) as response:
                return response.status
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return 0


def signature_header(hook: Hook, body: bytes) -> dict[str, str]:
    """`x-dd-signature: sha256=…` over the raw body; other encodings for tests of receivers."""
    if not hook.secret or hook.signature == "none":
        return {}
    digest = hmac.new(hook.secret.encode(), body, hashlib.sha256).digest()
    texts = {
        "hex": digest.hex(),
        "upper": digest.hex().upper(),
        "base64": base64.b64encode(digest).decode(),
        "wrong": "0" * 64,
    }
    return {"x-dd-signature": f"sha256={texts[hook.signature]}"}


def is_loopback(url: str) -> bool:
    """`http(s)://` to this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        address = "127.0.0.1" if host == "localhost" else host
        return parts.scheme in {"http", "https"} and ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
