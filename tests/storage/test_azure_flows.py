"""Subscriptions and registrations in Azure: one partition a registration, and what version 1.0 left elsewhere."""

import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace

import pytest

from connector.deskdirector.errors import Unavailable
from connector.storage.azure.connection import StorageAccount
from connector.storage.azure.database import Table
from connector.storage.azure.layout import OLD_CODE_SECONDS
from connector.storage.azure.quarantine import AzureQuarantine
from connector.storage.azure.rest import Rest
from connector.storage.azure.store import AzureStore
from connector.storage.azure.version_one import OldDocuments, OldRegistrations, OldSubscriptions
from connector.storage.records import Registration, RegistrationState, StaleRecord, Subscription, callback_hash, digest
from connector.storage.sealing import Sealer
from tests.narrowing import existing
from tests.storage.conftest import KEY, subscription

pytestmark = pytest.mark.npm("azurite")


@dataclass
class Account:
    """A storage account as version 1.0 left it, and stores of this version on it."""

    rest: Rest
    prefix: str
    open: Callable[[], AzureStore]
    subscriptions: OldSubscriptions
    registrations: OldRegistrations

    def table(self, name: str) -> Table:
        return Table(self.rest, self.prefix + name)

    async def age(self, seconds: float) -> None:
        """As if this version had started so long ago."""
        row = {"PartitionKey": "layout", "RowKey": "2", "Since": time.time() - seconds}
        assert await self.table("records").change(row)


@pytest.fixture
async def account(azurite: str) -> AsyncIterator[Account]:
    prefix, rest = f"t{secrets.token_hex(6)}", Rest(StorageAccount(azurite))
    opened: list[AzureStore] = []

    def another() -> AzureStore:
        opened.append(AzureStore(StorageAccount(azurite), Sealer([KEY]), 90, prefix=prefix))
        return opened[-1]

    records = Table(rest, f"{prefix}records")
    documents = OldDocuments(records, AzureQuarantine(records), Sealer([KEY]))
    yield Account(rest, prefix, another, OldSubscriptions(documents), OldRegistrations(documents))
    for each in opened:
        await each.close()
    await rest.close()


REGISTRATION = Registration("reg", "acme", "key", RegistrationState.ACTIVE, 1.0, subscription_ids=("a", "b"))


async def of_version_one(account: Account) -> list[Subscription]:
    """A registration with two live subscriptions and one that has ended, as version 1.0 wrote them."""
    await account.registrations.save(REGISTRATION)
    added = [(await account.subscriptions.add(subscription(name)))[0] for name in ("a", "b", "gone")]
    await account.subscriptions.save(replace(added[2], ended_at=time.time()))
    return added[:2]


async def check(store: AzureStore, live: list[Subscription]) -> None:
    """Everything is found, by every way of looking."""
    assert await store.registrations.list() == [REGISTRATION]
    assert existing(await store.registrations.get("reg")) == REGISTRATION
    assert [each.id for each in await store.subscriptions.list(registration_id="reg")] == ["a", "b"]
    assert [each.id for each in await store.subscriptions.list(ended=True)] == ["a", "b", "gone"]
    registration, listeners = await store.listeners("reg", time.time())
    assert (registration, list(listeners)) == (REGISTRATION, live)
    for each in live:
        assert await store.subscriptions.get(each.id) == each
        assert await store.subscriptions.by_callback("acme", each.callback_url) == each
        same = subscription("another", callback_url=each.callback_url)
        assert await store.subscriptions.add(same) == (each, False)


async def test_what_version_one_left_is_found_then_moved_and_found_again(account: Account) -> None:
    live = await of_version_one(account)
    store = account.open()
    await check(store, live)
    assert (await store.expire(time.time()))["moved"] == 0  # instances of version 1.0 may still run
    await account.age(OLD_CODE_SECONDS + 1)
    store = account.open()
    await check(store, live)
    assert (await store.expire(time.time()))["moved"] == 4
    await check(store, live)
    assert await account.subscriptions.list(ended=True) == []
    assert await account.registrations.list() == []
    assert (await store.expire(time.time()))["moved"] == 0
    await account.age(2 * 86_400)
    await account.open().expire(time.time())
    assert existing(await account.table("records").get("layout", "2"))["Drained"]
    assert await account.table("records").query("PartitionKey eq 'subscription'", {}) == []
    await check(account.open(), live)


async def test_while_version_one_may_run_it_finds_what_is_new(account: Account) -> None:
    await of_version_one(account)
    store = account.open()
    added, is_new = await store.subscriptions.add(subscription("new"))
    saved = await store.subscriptions.save(replace(added, address="changed"))
    assert is_new
    assert await account.subscriptions.get("new") == saved
    await store.registrations.save(replace(REGISTRATION, id="other"))
    assert await account.registrations.get("other")


async def test_a_change_of_what_was_read_before_it_was_moved_is_refused_and_none_is_lost(account: Account) -> None:
    (first, _) = await of_version_one(account)
    store = account.open()
    await store.listeners("reg", 0)
    await account.age(OLD_CODE_SECONDS + 1)
    other = account.open()
    read = existing(await other.subscriptions.get(first.id))
    assert (await other.expire(time.time()))["moved"] == 4
    with pytest.raises(StaleRecord):
        await other.subscriptions.save(replace(read, address="late"))
    again = existing(await other.subscriptions.get(first.id))
    await other.subscriptions.save(replace(again, address="late"))
    assert existing(await other.subscriptions.get(first.id)).address == "late"


async def test_a_new_account_never_looks_for_version_one(account: Account) -> None:
    store = account.open()
    await store.registrations.save(REGISTRATION)
    live = [(await store.subscriptions.add(subscription(name)))[0] for name in ("a", "b")]
    assert [each.id for each in (await store.listeners("reg", time.time()))[1]] == [each.id for each in live]
    rows = await account.table("listeners").query("PartitionKey eq @p", {"p": digest("reg")[:32]})
    assert len(rows) == 3
    assert await account.registrations.list() == []


async def test_a_claim_on_a_callback_without_a_subscription_is_taken_over(account: Account) -> None:
    store, wanted = account.open(), subscription("a")
    await store.registrations.save(REGISTRATION)
    name = digest(f"acme\n{callback_hash(wanted.callback_url)}")
    keys = {"PartitionKey": f"callback-{name[:2]}", "RowKey": name}
    await account.table("listeners").put(keys | {"SubscriptionId": "crashed", "Confirmed": False})
    assert (await store.subscriptions.add(wanted))[1]
    assert existing(await account.table("listeners").get(keys["PartitionKey"], name))["Confirmed"]


async def test_who_was_overtaken_while_subscribing_yields(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    slow, quick = account.open(), account.open()
    await slow.registrations.save(REGISTRATION)
    whole: Callable[..., Awaitable[str | None]] = Table.insert
    overtaken: list[Subscription] = []

    async def insert(table: Table, row: dict[str, object]) -> str | None:
        if row.get("SubscriptionId") == "slow" and row.get("Kind") and not overtaken:
            overtaken.append(subscription("quick", callback_url=subscription("slow").callback_url))
            assert (await quick.subscriptions.add(overtaken[0]))[1]
        return await whole(table, row)

    monkeypatch.setattr(Table, "insert", insert)
    found, is_new = await slow.subscriptions.add(subscription("slow"))
    assert (found.id, is_new) == ("quick", False)
    assert [each.id for each in await slow.subscriptions.list()] == ["quick"]


async def test_listeners_are_remembered_only_for_events_received_before_they_were_read(account: Account) -> None:
    store = account.open()
    await store.registrations.save(REGISTRATION)
    await store.subscriptions.add(subscription("a"))
    long_ago = time.time() - 60
    assert len((await store.listeners("reg", long_ago))[1]) == 1
    await account.open().subscriptions.add(subscription("b"))
    assert len((await store.listeners("reg", long_ago))[1]) == 1  # remembered: "b" was not there then
    assert len((await store.listeners("reg", time.time()))[1]) == 2


async def test_a_subscription_that_changes_its_registration_listens_to_one_of_them_at_any_time(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = account.open()
    for name in ("reg", "other"):
        await store.registrations.save(replace(REGISTRATION, id=name))
    added, _ = await store.subscriptions.add(subscription("a"))
    whole: dict[str, Callable[..., Awaitable[object]]] = {name: getattr(Table, name) for name in ("put", "delete")}

    async def listens() -> list[str]:
        reader = account.open()
        return [name for name in ("reg", "other") if (await reader.listeners(name, time.time()))[1]]

    for name, left in (("put", 0), ("put", 1), ("delete", 0)):  # the process dies before this write
        wanted = "other" if added.registration_id == "reg" else "reg"

        async def dies(table: Table, *given: object, name: str = name, counted: list[int] = [left]) -> object:  # noqa: B006
            if not counted[0]:
                raise Unavailable("StorageUnavailable", "as if the process died here")
            counted[0] -= 1
            return await whole[name](table, *given)

        with monkeypatch.context() as dying:
            dying.setattr(Table, name, dies)
            with pytest.raises(Unavailable):
                await store.subscriptions.save(replace(added, registration_id=wanted))
        assert await listens()
        assert (await store.expire(time.time()))["relocated"] == 1
        assert await listens() == [wanted]
        (added,) = await store.subscriptions.list()
        assert added.registration_id == wanted
        assert await store.subscriptions.get("a") == added
    saved = await store.subscriptions.save(replace(added, registration_id="last"))
    assert await store.subscriptions.list(registration_id="last") == [saved]
    with pytest.raises(StaleRecord):
        await store.subscriptions.save(replace(added, registration_id="reg"))
