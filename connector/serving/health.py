"""Whether the app is alive, and whether it can do its work: `/api/health` and `/api/health/ready`.

Alive asks nobody. Ready asks what the app stands on: its store, how far deliveries are behind, the clock, settings,
the interpreter. It says nothing about any site and is remembered for seconds, so that every caller may ask.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from connector.deskdirector.errors import ConnectorError
from connector.operations.request import Request
from connector.relay.relay import Relay, shared_relay
from connector.runtime import ExpiringCache, SharedWork, per_loop
from connector.serving.response import Response
from connector.settings import Settings

REMEMBERED_SECONDS: Final = 15.0
CHECK_SECONDS: Final = 10.0
MOST_LAG_SECONDS: Final = 900.0
OLDEST_PYTHON: Final = (3, 11)
_BEFORE_THIS_CODE: Final = 1_760_000_000
"""2025-10-09: a clock that is behind it is wrong, and would break signatures, leases and tokens."""

Check = Callable[[Relay], Awaitable[str]]


async def live(request: Request, settings: Settings) -> Response:
    """200 while serving; it asks no other service."""
    del request, settings
    return Response(200, json.dumps({"status": "ok"}).encode())


async def ready(request: Request, settings: Settings) -> Response:
    """200 when everything that the app stands on works, else 503; each check with its reason."""
    del request
    remembered = _remembered().get("", None)
    checks = remembered if remembered is not None else await _checking().run("", lambda: _check(settings))
    _remembered().put("", checks, REMEMBERED_SECONDS)
    failed = any(result["status"] != "ok" for result in checks.values())
    content = {"status": "failed" if failed else "ok", "checks": checks}
    return Response(503 if failed else 200, json.dumps(content).encode())


async def _check(settings: Settings) -> Mapping[str, Mapping[str, str]]:
    relay = shared_relay(settings)
    return {name: await _result(check, relay) for name, check in _CHECKS.items()}


async def _result(check: Check, relay: Relay) -> Mapping[str, str]:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            reason = await check(relay)
    except ConnectorError as problem:
        reason = problem.message
    except TimeoutError:
        reason = f"No answer within {CHECK_SECONDS:.0f} s."
    return {"status": "failed", "reason": reason} if reason else {"status": "ok"}


async def _storage(relay: Relay) -> str:
    """Something is read and something written: a store that is full, or may only be read, takes no event."""
    await relay.store.quarantine.list(take=1)
    await relay.store.marks.add("ready", relay.clock(), 1.0)
    return ""


async def _deliveries(relay: Relay) -> str:
    """Whether deliveries wait although their flows take them; what waits for a failing flow is no fault of ours."""
    now = relay.clock()
    failing = {health.subscription_id for health in await relay.store.health.list() if health.failing_since}
    waiting = [backlog for backlog in await relay.store.outbox.backlogs(now) if backlog.subscription_id not in failing]
    lag = max((now - backlog.oldest_at for backlog in waiting if backlog.oldest_at), default=0.0)
    return f"The oldest delivery has waited for {lag:.0f} s." if lag > MOST_LAG_SECONDS else ""


async def _clock(relay: Relay) -> str:
    del relay
    return "The clock of this machine is wrong." if time.time() < _BEFORE_THIS_CODE else ""


async def _interpreter(relay: Relay) -> str:
    del relay
    found, needed = (".".join(map(str, version)) for version in (sys.version_info[:2], OLDEST_PYTHON))
    return f"Python {found} runs; {needed} is needed." if sys.version_info[:2] < OLDEST_PYTHON else ""


async def _settings(relay: Relay) -> str:
    """They were checked at the start; an app with bad ones is another app (`startup`)."""
    del relay
    return ""


_CHECKS: Final[Mapping[str, Check]] = {
    "settings": _settings,
    "storage": _storage,
    "deliveries": _deliveries,
    "clock": _clock,
    "interpreter": _interpreter,
}


@per_loop
def _remembered() -> ExpiringCache[str, Mapping[str, Mapping[str, str]]]:
    return ExpiringCache(1)


@per_loop
def _checking() -> SharedWork[str, Mapping[str, Mapping[str, str]]]:
    """One check at a time: concurrent callers share its result."""
    return SharedWork()
