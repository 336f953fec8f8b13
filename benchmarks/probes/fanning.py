"""CPU microseconds to fan an event out to this many listeners, in process: `{"cpu": …}`."""

import asyncio
import json
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.probes.events import KEY, SITE, subscription
from connector.relay import portal_webhooks
from connector.relay.fanout import fan_out
from connector.settings import Settings
from connector.storage.sealing import Sealer
from connector.storage.sqlite import SqliteStore

EVENTS, ROUNDS = 60, 3


def relay_of(store: SqliteStore) -> Any:
    """The relay of the version that is measured."""
    try:
        from connector.relay.core import Relay  # type: ignore[import-not-found]  # version 1.0.0
    except ImportError:
        from connector.relay.relay import Relay
    return Relay(Settings(), store)


def message(registration: str, number: int) -> str:
    """A post in the inbound queue."""
    content = [{"id": number, "name": "Printer", "triggeredOn": f"2026-07-01T12:00:00.{number:07d}Z"}]
    return json.dumps({"post": f"p{number}", "registration": registration, "at": time.time(), "content": content})


async def main() -> None:
    """Measure and print."""
    listeners = int(sys.argv[1])
    with tempfile.TemporaryDirectory() as data:
        store = SqliteStore(Path(data) / "connector.db", Sealer([KEY]), 90.0)
        relay = relay_of(store)
        await portal_webhooks.add(relay, SITE, "bench", "https://app.example", "a-webhook-secret")
        (registration,) = await store.registrations.list()
        ids = []
        for number in range(listeners):
            flow = subscription(number, registration.id, f"https://flow.example/{number}")
            await store.subscriptions.add(flow)
            ids.append(flow.id)
        await store.registrations.save(replace(registration, subscription_ids=tuple(ids)))
        best = float("inf")
        for turn in range(ROUNDS):
            texts = [message(registration.id, turn * EVENTS + number) for number in range(EVENTS)]
            began = time.process_time()
            for text in texts:
                await fan_out(relay, text)
            best = min(best, (time.process_time() - began) / EVENTS * 1e6)
        await store.close()
    print(json.dumps({"cpu": best}))


if __name__ == "__main__":
    asyncio.run(main())
