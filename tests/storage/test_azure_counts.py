"""What an event costs in Azure, in operations of the storage account: counted against the emulator, not timed."""

import pytest

from benchmarks.storage_counts import expiry, measure, upkeep

pytestmark = pytest.mark.npm("azurite")


@pytest.mark.parametrize("listeners", [1, 12])
async def test_an_event_costs_six_operations_whoever_listens(azurite: str, listeners: int) -> None:
    """Two of them by the host, for the message; then the key, who listens, the event, and its end."""
    cost = await measure(azurite, listeners=listeners, events=4, batch=1)
    assert cost.delivered == 4 * listeners
    assert 6.0 <= cost.operations <= 6.1


async def test_a_burst_is_spread_over_the_partitions(azurite: str) -> None:
    cost = await measure(azurite, listeners=1, events=60, sites=30)
    assert cost.delivered == 60
    assert 1 / 30 <= cost.busiest <= 1 / 8  # of 30 sites; the goal for 100 is half of that


async def test_a_day_is_over_in_a_few_operations(azurite: str) -> None:
    assert 0 < await expiry(azurite, events=200) <= 0.05


async def test_upkeep_writes_a_heartbeat_and_what_has_changed(azurite: str) -> None:
    assert 0 < await upkeep(azurite, registrations=20) <= 0.05
