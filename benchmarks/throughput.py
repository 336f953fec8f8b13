"""`python -m benchmarks.throughput FILE`: events a second that the relay takes in and delivers, by listeners, drawn.

Distinct events of 2 KB are posted over HTTP to the local host with the embedded store, 32 at a time, and flows on the
loopback take them at once. Who posts and the flows share the machine with the app.
"""

import asyncio
import sys
import time
from pathlib import Path
from typing import Final

from benchmarks.probes.events import LONGEST_SECONDS, Flows, post, served
from tests.load.plot import panel, picture

LISTENERS: Final = (0, 1, 2, 5, 10, 20)
ROUNDS: Final = 2
EVENTS, DELIVERIES = 1_200, 4_000
Rates = tuple[float, float]
"""Events accepted, and deliveries made, a second."""


async def rates(listeners: int) -> Rates:
    """In the better of some rounds."""
    events = min(EVENTS, DELIVERIES // max(1, listeners))
    async with served(listeners) as (_, flows, url):
        await one_round(url, flows, listeners, events // 4, first=0)
        rounds = [
            await one_round(url, flows, listeners, events, first=number * EVENTS) for number in range(1, ROUNDS + 1)
        ]
    return max(accepted for accepted, _ in rounds), max(delivered for _, delivered in rounds)


async def one_round(url: str, flows: Flows, listeners: int, events: int, *, first: int) -> Rates:
    """Post and wait for the last delivery."""
    wanted, began = len(flows.seen) + events * listeners, time.perf_counter()
    await post(url, events, first=first)
    accepted = events / (time.perf_counter() - began)
    while len(flows.seen) < wanted:
        assert time.perf_counter() - began < LONGEST_SECONDS, f"{wanted - len(flows.seen)} deliveries are missing"
        await asyncio.sleep(0.002)
    return accepted, events * listeners / (time.perf_counter() - began)


def drawn(measured: dict[int, Rates]) -> str:
    """The rates by listeners, as SVG."""
    marks = [f"{listeners} flows" for listeners in measured]
    accepted, delivered = zip(*measured.values(), strict=True)
    events = (("accepted while they are delivered", "#1f6f43", accepted),)
    deliveries = (("to all flows together", "#7a5af8", delivered),)
    panels = panel(0, "events a second", marks, events) + panel(1, "deliveries a second", marks, deliveries)
    return picture(panels, "Events accepted and deliveries made a second, by the number of flows that get each event")


def main() -> None:
    """Measure, print and draw."""
    measured = {listeners: asyncio.run(rates(listeners)) for listeners in LISTENERS}
    for listeners, (accepted, delivered) in measured.items():
        print(f"{listeners} flows: {accepted:.0f} events a second accepted, {delivered:.0f} deliveries a second")
    Path(sys.argv[1]).write_text(drawn(measured))


if __name__ == "__main__":
    main()
