"""What the embedded store remembers of listeners is what is in the file, whichever process has changed it."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from connector.storage.records import Registration, RegistrationState
from connector.storage.sealing import Sealer
from connector.storage.sqlite import SqliteStore
from tests.storage.conftest import BUDGET_SECONDS, KEY, subscription

Change = Callable[[SqliteStore], Awaitable[object]]


async def _add(store: SqliteStore) -> object:
    return await store.subscriptions.add(subscription("new", created_at=2_000.0))


async def _edit(store: SqliteStore) -> object:
    (first, *_) = await store.subscriptions.list(registration_id="reg")
    return await store.subscriptions.save(replace(first, conditions={"tag": "vip"}))


async def _end(store: SqliteStore) -> object:
    (first, *_) = await store.subscriptions.list(registration_id="reg")
    return await store.subscriptions.save(replace(first, ended_at=1.0))


async def _swap(store: SqliteStore) -> object:
    """As many live subscriptions as before, of the same versions."""
    await _end(store)
    return await _add(store)


@pytest.mark.parametrize("change", [_add, _edit, _end, _swap])
async def test_a_change_is_seen_at_once_although_listeners_are_remembered(tmp_path: Path, change: Change) -> None:
    ours, theirs = (SqliteStore(tmp_path / "connector.db", Sealer([KEY]), BUDGET_SECONDS) for _ in range(2))
    await ours.registrations.save(Registration("reg", "acme", "key", RegistrationState.ACTIVE, 1.0))
    for name in ("a", "b"):
        await ours.subscriptions.add(subscription(name))
    _, before = await ours.listeners("reg", time.time())
    assert (await ours.listeners("reg", time.time()))[1] is before  # nothing was read or opened again

    await change(theirs)

    registration, after = await ours.listeners("reg", time.time())
    assert registration is not None
    assert list(after) == list(await theirs.subscriptions.list(registration_id="reg")) != list(before)
    for store in (ours, theirs):
        await store.close()


async def test_a_read_serves_the_events_that_were_received_before_it_and_no_others(tmp_path: Path) -> None:
    ours, theirs = (SqliteStore(tmp_path / "connector.db", Sealer([KEY]), BUDGET_SECONDS) for _ in range(2))
    await ours.registrations.save(Registration("reg", "acme", "key", RegistrationState.ACTIVE, 1.0))
    received = time.time()
    assert not (await ours.listeners("reg", received))[1]
    await _add(theirs)
    assert len((await ours.listeners("reg", time.time()))[1]) == 1  # received after it: it starts the new flow
    await _end(ours)
    assert not (await ours.listeners("reg", received))[1]  # ended by this process: nothing more is begun
    for store in (ours, theirs):
        await store.close()
