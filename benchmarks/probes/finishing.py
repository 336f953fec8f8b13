"""CPU microseconds of an event from its fan-out to the end of its last delivery, in process: `{"cpu": …}`.

The dispatcher of the version runs, and every flow accepts at once without a request: `finishing.py LISTENERS EVENTS`.
"""

import asyncio
import json
import sys
import tempfile
import time
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.probes.events import KEY, SITE, subscription
from benchmarks.probes.fanning import message, relay_of
from connector.relay import portal_webhooks
from connector.relay.fanout import fan_out
from connector.storage.sealing import Sealer
from connector.storage.sqlite import SqliteStore

ROUNDS = 3
LONGEST_SECONDS = 120.0


def dispatcher_of(relay: Any) -> Any:
    """The dispatcher of the version that is measured, whose attempts all succeed."""
    try:
        delivery, begun = import_module("connector.relay.delivery"), import_module("connector.relay.local_dispatcher")
        name, dispatcher = "attempt", begun.LocalDispatcher(relay)
    except ImportError:  # version 1.0.0
        delivery, begun = import_module("connector.relay.delivering"), import_module("connector.relay.pump")
        name, dispatcher = "_attempt", begun.Pump(relay)
    accepted = delivery.Attempt(delivery.Result.ACCEPTED)

    async def attempt(*_: object) -> Any:
        await asyncio.sleep(0)
        return accepted

    setattr(delivery, name, attempt)
    return dispatcher


async def measured(relay: Any, registration: str, listeners: int, events: int) -> float:
    """The least of some rounds."""
    best = float("inf")
    for turn in range(ROUNDS):
        texts = [message(registration, turn * events + number) for number in range(events)]
        began, until = time.process_time(), time.monotonic() + LONGEST_SECONDS
        for text in texts:
            await fan_out(relay, text)
        while (await relay.store.counters())[0].delivered < (turn + 1) * events * listeners:
            assert time.monotonic() < until, "not everything was delivered"
            await asyncio.sleep(0.05)
        best = min(best, (time.process_time() - began) / events * 1e6)
    return best


async def main() -> None:
    """Measure and print."""
    listeners, events = int(sys.argv[1]), int(sys.argv[2])
    with tempfile.TemporaryDirectory() as data:
        store = SqliteStore(Path(data) / "connector.db", Sealer([KEY]), 90.0)
        relay = relay_of(store)
        await portal_webhooks.add(relay, SITE, "bench", "https://app.example", "a-webhook-secret")
        (registration,) = await store.registrations.list()
        flows = [subscription(number, registration.id, f"https://flow.example/{number}") for number in range(listeners)]
        for flow in flows:
            await store.subscriptions.add(flow)
        await store.registrations.save(replace(registration, subscription_ids=tuple(flow.id for flow in flows)))
        dispatcher = dispatcher_of(relay)
        dispatcher.start()
        cpu = await measured(relay, registration.id, listeners, events)
        await dispatcher.stop()
        await store.close()
    print(json.dumps({"cpu": cpu}))


if __name__ == "__main__":
    asyncio.run(main())
