"""Findings are read by one caller a day, and outlive the day, in both stores."""

import asyncio

from connector.deskdirector.discovery.site_routes import DAY, Recalled
from connector.storage.kept_findings import KEPT_SECONDS, KeptFindings
from connector.storage.protocol import Store
from tests.storage.conftest import BUDGET_SECONDS

SITE = "https://acme.deskdirector.com"
NOON = 20_000 * DAY + DAY / 2
TO_READ = Recalled(None, is_to_be_read=True, is_final=False)


def keeper(store: Store, now: float = NOON) -> KeptFindings:
    return KeptFindings(lambda: store.idempotency, clock=lambda: now)


async def test_what_is_kept_is_recalled_by_everybody(store: Store, second: Store) -> None:
    assert await keeper(store).recall(SITE) == TO_READ
    await keeper(store).keep(SITE, b"found")

    for one in (store, second):
        assert await keeper(one).recall(SITE) == Recalled(b"found", is_to_be_read=False, is_final=True)


async def test_one_of_many_is_to_read(store: Store, second: Store) -> None:
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(keeper(one).recall(SITE)) for one in (store, second) * 5]

    recalled = [one.result() for one in asked]
    assert sum(one.is_to_be_read for one in recalled) == 1
    assert {one.is_final for one in recalled} == {False}


async def test_whoever_reads_and_dies_is_replaced(store: Store, second: Store) -> None:
    assert (await keeper(store).recall(SITE)).is_to_be_read

    assert not (await keeper(second, NOON + BUDGET_SECONDS / 2).recall(SITE)).is_to_be_read
    assert (await keeper(second, NOON + BUDGET_SECONDS + 1).recall(SITE)).is_to_be_read


async def test_the_next_day_is_read_anew_with_the_last_word_at_hand(store: Store) -> None:
    await keeper(store).recall(SITE)
    await keeper(store).keep(SITE, b"found")

    tomorrow = keeper(store, NOON + DAY)
    assert await tomorrow.recall(SITE) == Recalled(b"found", is_to_be_read=True, is_final=False)
    assert await tomorrow.recall(SITE) == Recalled(b"found", is_to_be_read=False, is_final=False)


async def test_what_is_long_over_is_forgotten(store: Store) -> None:
    await keeper(store).recall(SITE)
    await keeper(store).keep(SITE, b"found")

    assert await keeper(store, NOON + KEPT_SECONDS + DAY).recall(SITE) == TO_READ


async def test_sites_are_kept_apart(store: Store) -> None:
    await keeper(store).recall(SITE)
    await keeper(store).keep(SITE, b"found")

    assert await keeper(store).recall(SITE + ".example") == TO_READ


async def test_findings_of_many_routes_fit(store: Store) -> None:
    await keeper(store).recall(SITE)
    await keeper(store).keep(SITE, b"x" * 200_000)

    assert (await keeper(store).recall(SITE)).content == b"x" * 200_000
