"""The storm: events posted as fast as they are taken, a flow that fails now and then, and something that is killed."""

import asyncio
import hashlib
import hmac
import json
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

import aiohttp

from tests.torture.ledger import Ledger, Verdict
from workbench.simulator import FlowReceiver

SECRET: Final = "a-webhook-secret"
FLOW: Final = "storm"
AT_ONCE: Final = 32
QUIET_SECONDS: Final = 400.0
"""How long the rest may take after the last kill: claims of the dead run out, retries come due."""
HICCUP_SECONDS: Final = 0.3
"""This often the flow answers an event with an error."""


@dataclass(frozen=True)
class Plan:
    """How much of everything. `disturb` is called `kills` times, at random moments."""

    events: int
    kills: int
    disturb: Callable[[], None]
    seed: int = 0


async def storm(url: str, flows: FlowReceiver, plan: Plan) -> Verdict:
    """Post all events to `url` while the disturbances happen, wait for the rest, and count."""
    ledger, chance = Ledger(), random.Random(plan.seed)
    hiccups = asyncio.create_task(_hiccup(flows))
    numbers = iter(range(1, plan.events + 1))
    async with aiohttp.ClientSession() as session:
        posters = [_post_all(session, url, numbers, ledger) for _ in range(AT_ONCE)]
        await asyncio.gather(*posters, _disturb(plan, ledger, chance))
    hiccups.cancel()
    flows.behave(FLOW, "accepting")
    await _settle(flows, ledger)
    return ledger.verdict(flows.accepted(FLOW))


async def _post_all(session: aiohttp.ClientSession, url: str, numbers: Iterator[int], ledger: Ledger) -> None:
    """Post one event after the other, each until it is taken."""
    for number in numbers:
        ledger.posted.add(number)
        while not await is_taken(session, url, number):
            ledger.refused += 1
            await asyncio.sleep(0.05)
        ledger.accepted.add(number)


async def is_taken(session: aiohttp.ClientSession, url: str, number: int) -> bool:
    """Post one event; whether it was taken."""
    body = json.dumps({"id": number, "name": f"Event {number}", "modifiedOn": f"2026-07-01T12:00:00.{number:07d}Z"})
    digest = hmac.new(SECRET.encode(), body.encode(), hashlib.sha256).hexdigest()
    headers = {"x-dd-signature": f"sha256={digest}"}
    try:
        async with session.post(url, data=body, headers=headers, timeout=aiohttp.ClientTimeout(total=20)) as answer:
            return answer.status == 202
    except (aiohttp.ClientError, TimeoutError):
        return False


async def _hiccup(flows: FlowReceiver) -> None:
    while True:
        flows.behave(FLOW, "failing", times=1)
        await asyncio.sleep(HICCUP_SECONDS)


def _has_accepted(ledger: Ledger, count: int) -> bool:
    return len(ledger.accepted) >= count


async def _disturb(plan: Plan, ledger: Ledger, chance: random.Random) -> None:
    """At random moments of the traffic: after so many accepted events, and a little later."""
    for moment in sorted(chance.sample(range(1, plan.events), plan.kills)):
        await _until(partial(_has_accepted, ledger, moment), pause=0.005)
        await asyncio.sleep(chance.uniform(0, 0.05))
        await asyncio.to_thread(plan.disturb)
        ledger.kills += 1


async def _settle(flows: FlowReceiver, ledger: Ledger) -> None:
    """Until everything promised has arrived, or nothing more may come."""
    deadline = time.monotonic() + QUIET_SECONDS
    await _until(lambda: time.monotonic() > deadline or not ledger.verdict(flows.accepted(FLOW)).lost, pause=0.5)


async def _until(holds: Callable[[], bool], *, pause: float) -> None:
    while not holds():  # noqa: ASYNC110  what is waited for happens in other processes
        await asyncio.sleep(pause)
