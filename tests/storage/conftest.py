"""Both stores, each new for every test."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

import pytest

from connector.storage.azure.connection import StorageAccount
from connector.storage.azure.store import AzureStore
from connector.storage.event_ids import event_id
from connector.storage.protocol import Store
from connector.storage.records import Claim, Event, RoutedEvent, Subscription
from connector.storage.sealing import Sealer
from connector.storage.sqlite import SqliteStore
from tests.npm_tools import AZURITE

KEY = "bm90IGEgc2VjcmV0LCBqdXN0IDMyIGJ5dGVzIGhlcmU="
BUDGET_SECONDS = 90.0
LEASE = 30.0
AWKWARD = "a/b\\c#d?e\x00\x1f\n é \U0001f3ab' \" ; ~." + "x" * 3000


# Lets a second pass and returns the new time.
Later = Callable[[], Awaitable[float]]


class Making(Protocol):
    def __call__(self) -> Store: ...


@pytest.fixture(params=["sqlite", AZURITE])
def another(request: pytest.FixtureRequest, tmp_path: Path) -> Making:
    """Opens the test's storage once more, as another process would."""
    if request.param == "sqlite":
        return lambda: SqliteStore(tmp_path / "store" / "connector.db", Sealer([KEY]), BUDGET_SECONDS)
    account = StorageAccount(request.getfixturevalue("azurite"))
    prefix = f"t{secrets.token_hex(6)}"
    return lambda: AzureStore(account, Sealer([KEY]), BUDGET_SECONDS, prefix=prefix)


@pytest.fixture
async def store(another: Making) -> AsyncIterator[Store]:
    opened = another()
    yield opened
    await opened.close()


@pytest.fixture
async def second(another: Making) -> AsyncIterator[Store]:
    """The same storage, opened by somebody else."""
    opened = another()
    yield opened
    await opened.close()


@pytest.fixture
def now() -> float:
    return time.time()


@pytest.fixture
def later(store: Store, now: float) -> Later:
    """Lets a second pass and tells the new time: really, where a queue's own clock counts."""

    async def pass_a_second() -> float:
        if not store.has_wake_ups:
            return now + 1.5
        await asyncio.sleep(1.2)
        return time.time()

    return pass_a_second


def routed(
    *to: str, now: float | None = None, payload: bytes = b"{}", site: str = "acme", key: str = ""
) -> RoutedEvent:
    """An event of its own for these subscriptions."""
    received_at = time.time() if now is None else now
    name = event_id(received_at, secrets.token_hex(8), site)
    return RoutedEvent(
        Event(name, site, "ticket.updated", "reg", received_at, received_at, payload, dedupe_key=key), to
    )


def subscription(name: str = "sub", **changes: Any) -> Subscription:
    values: dict[str, Any] = {
        "id": name,
        "site": "acme",
        "registration_id": "reg",
        "event_type": "ticket.updated",
        "callback_url": f"https://flow.example/{name}?sig=s3cret",
        "created_at": 1_000.5,
    }
    return Subscription(**(values | changes))


async def claim_all(store: Store, now: float, **options: Any) -> list[Claim]:
    options = {"per_destination": 100} | options
    return list(await store.outbox.claim_due(now, 32, LEASE, **options))
