"""Names instead of ids: how many calls and round trips they cost, counted, and the CPU of a create by eight names.

DeskDirector is a list of canned answers in this process (`tests/waves.py`), so nothing depends on a network.
"""

import asyncio
import time
from typing import Any

import pytest

from benchmarks.harness import show
from connector.catalog.tickets import create_ticket
from connector.resolving.ticket_inputs import NewTicket
from connector.settings import Settings
from tests.waves import Waves, desk, upstream

BY_NAME: dict[str, Any] = {
    "requestType": "Type 3", "company": "Acme", "contact": "jane@acme.com", "userGroup": "Team 2", "board": "Board 4",
    "status": "Status 5", "priority": "Priority 1", "source": "Source 2", "assignedTo": ["Grace Okafor"],
}  # fmt: skip
BY_ID: dict[str, Any] = {
    "requestType": "3", "company": "7", "contact": "7", "userGroup": "2", "board": "4", "status": "5", "priority": "1",
    "source": "2", "assignedTo": ["7"],
}  # fmt: skip
SETTINGS = Settings(lookup_seconds=3600, schema_seconds=3600)
FEW, MANY = 10, 3000
TOGETHER = 250
REPEATS, ROUNDS = 400, 5


async def create(fields: dict[str, Any], site: str = "acme") -> None:
    """One create, as the operation does it."""
    ticket = NewTicket.model_validate({"title": "Printer", **fields})
    await create_ticket(desk(SETTINGS, f"{site}.deskdirector.com"), ticket)


async def spent(fields: dict[str, Any], site: Waves) -> float:
    """CPU microseconds of a create that needs no further answers."""
    site.settled = 1
    await create(fields)
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(REPEATS):
            await create(fields)
        best = min(best, (time.process_time() - began) / REPEATS * 1e6)
    return best


async def calls_a_create(site: Waves, connections: int) -> float:
    """Upstream calls of a create when this many connections have made one before, and make one each again."""
    for is_counted in (False, True):
        if is_counted:
            site.reset()
        for first in range(0, connections, TOGETHER):
            numbers = range(first, min(first + TOGETHER, connections))
            await asyncio.gather(*(create(BY_NAME, f"s{connections}x{number}") for number in numbers))
    return site.calls.total() / connections


async def measured() -> list[tuple[str, float | None, str, float]]:
    """The rows."""
    with pytest.MonkeyPatch.context() as patch:
        async with upstream(patch) as site:
            await create(BY_NAME)
            cold, cold_calls = site.trips, site.calls.total()
            site.reset()
            await create(BY_NAME)
            calls, trips = site.calls.total(), site.trips
            few, many = [await calls_a_create(site, count) for count in (FEW, MANY)]
        async with upstream(patch) as site:
            names, ids = await spent(BY_NAME, site), await spent(BY_ID, site)
    print(f"a create by 8 names: {cold_calls} calls cold, {calls} warm; CPU µs {names:.0f}, by ids {ids:.0f}; "
          f"calls a create at {FEW} connections {few:.2f}, at {MANY} {many:.2f}")  # fmt: skip
    return [
        ("calls of a create by 8 names, warm", calls, "<=", 1),
        ("its round trips, warm", trips, "<=", 1),
        ("its round trips, cold", cold, "<=", 4),
        ("its CPU, warm / by ids", names / ids, "<=", 1.6),
        (f"upstream calls a create at {MANY} connections / at {FEW}", many / few, "<=", 1.2),
    ]


if __name__ == "__main__":
    show("Names", asyncio.run(measured()))
