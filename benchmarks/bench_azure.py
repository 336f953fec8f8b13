"""Azure Storage, counted against its emulator: what one event costs, and how its load is spread.

- operations of the storage account an event, what the Functions host does included, for one and for 50 listeners, in a
  backlog (events that have waited a second share the read of who listens) and one at a time;
- CPU of this process an event, against what it was with Microsoft's SDK and the first layout, on the machine on which
  both were measured (a ratio of a ratio would hide which of the two has changed);
- the busiest partition of the tables in a burst of 100 sites;
- what it takes to expire a day, and what upkeep writes when nothing has changed.
"""

import asyncio

from benchmarks.harness import show
from benchmarks.storage_counts import expiry, measure, upkeep
from workbench.localhost.azurite import Azurite, is_installed

SDK_MILLISECONDS = {1: 13.9, 50: 300.0}
"""Of CPU an event, on 2026-11-29, with the SDK and the first layout, beside 0.98 ms for one insert of the SDK."""
EVENTS = {1: 320, 50: 16}
AT_A_TIME = {1: 16, 50: 4}
"""More than 200 first attempts at a time would measure how they wait for each other, on two cores."""
WAITED = 1.1
"""Seconds that a backlog has waited in its queue: then one read of who listens serves many events."""


def main() -> None:
    """Measure and print."""
    if not is_installed():
        print("Azurite is not installed (make tools): nothing is measured.")
        return
    with Azurite() as emulator:
        account = emulator.connection_string
        costs = {
            count: asyncio.run(measure(account, listeners=count, events=events, pause=WAITED, batch=AT_A_TIME[count]))
            for count, events in EVENTS.items()
        }
        single = asyncio.run(measure(account, listeners=1, events=12, batch=1))
        burst = asyncio.run(measure(account, listeners=1, events=200, sites=100))
        deleted = asyncio.run(expiry(account, events=400))
        written = asyncio.run(upkeep(account, registrations=100))
    for count, cost in costs.items():
        print(f"{count} listeners: {cost.operations:.2f} operations, {cost.milliseconds:.1f} ms of CPU an event")
    print(f"one listener, an event at a time: {single.operations:.2f} operations")
    show(
        "Azure",
        [
            ("storage operations an event, 1 listener, in a backlog", costs[1].operations, "<=", 6.0),
            ("the same, one event at a time", single.operations, "<=", 6.1),
            ("storage operations an event, 50 listeners", costs[50].operations, "<=", 10.0),
            ("CPU an event / with the SDK, 1 listener", costs[1].milliseconds / SDK_MILLISECONDS[1], "<=", 0.2),
            ("CPU an event / with the SDK, 50 listeners", costs[50].milliseconds / SDK_MILLISECONDS[50], "<=", 0.2),
            ("busiest partition of a burst of 100 sites", burst.busiest, "<=", 1 / 16),
            ("expiry: operations an event", deleted, "<=", 0.05),
            ("upkeep: writes a registration", written, "<=", 0.05),
        ],
    )


if __name__ == "__main__":
    main()
