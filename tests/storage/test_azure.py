"""What the store in Azure promises beyond the protocol: lost messages, damage, an account that does not answer."""

import base64
import json
import secrets
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from azure.data.tables.aio import TableServiceClient
from azure.storage.blob.aio import ContainerClient
from azure.storage.queue.aio import QueueClient

from connector.deskdirector.errors import TooLarge, Unavailable
from connector.storage.azure.connection import EMULATOR_CONNECTION, StorageAccount
from connector.storage.azure.days import day_of
from connector.storage.azure.store import AzureStore
from connector.storage.idempotency_state import BegunState
from connector.storage.records import (
    Claim,
    Registration,
    RegistrationSecrets,
    RegistrationState,
    RoutedEvent,
    SubscriptionSecrets,
    delivery_id,
    read_wake_up,
)
from connector.storage.sealing import Sealer
from tests.narrowing import existing
from tests.storage.conftest import KEY, routed, subscription

pytestmark = pytest.mark.npm("azurite")


@pytest.fixture
def prefix() -> str:
    return f"t{secrets.token_hex(6)}"


@pytest.fixture
async def store(azurite: str, prefix: str) -> AsyncIterator[AzureStore]:
    opened = AzureStore(StorageAccount(azurite), Sealer([KEY]), 90, prefix=prefix)
    yield opened
    await opened.close()


@pytest.fixture
async def queue(azurite: str, prefix: str) -> AsyncIterator[QueueClient]:
    """The queue as the Functions host sees it: raw text."""
    async with QueueClient.from_connection_string(azurite, f"{prefix}-deliveries") as client:
        yield client


@pytest.fixture
async def tables(azurite: str) -> AsyncIterator[TableServiceClient]:
    async with TableServiceClient.from_connection_string(azurite) as client:
        yield client


async def claim_all(store: AzureStore, now: float) -> list[Claim]:
    return list(await store.outbox.claim_due(now, 32, 30, per_destination=50))


class TestMessages:
    async def test_are_written_as_a_queue_trigger_reads_them(
        self, store: AzureStore, queue: QueueClient, now: float
    ) -> None:
        await store.outbox.accept([wanted := routed("a")], now)
        (message,) = await queue.peek_messages(max_messages=5)
        assert read_wake_up(base64.b64decode(message.content).decode()) == (delivery_id(wanted.event.id, "a"), "")

    async def test_that_a_trigger_handled_are_not_needed_any_more(
        self, store: AzureStore, queue: QueueClient, now: float
    ) -> None:
        """The host deletes the message of a function that returned; a retry needs a message of its own."""
        await store.outbox.accept([wanted := routed("a")], now)
        await queue.clear_messages()  # the host has it
        claim = existing(await store.outbox.claim(delivery_id(wanted.event.id, "a"), now, 30))
        await store.outbox.reschedule(claim, now, attempt=1, due_at=now)
        (message,) = await queue.peek_messages(max_messages=5)
        assert read_wake_up(base64.b64decode(message.content).decode())[0] == claim.delivery.id

    async def test_that_are_finished_are_deleted(self, store: AzureStore, queue: QueueClient, now: float) -> None:
        await store.outbox.accept([routed("a", "b", "c", "d")], now)
        ack, cancel, bury, other = await claim_all(store, now)
        await store.outbox.ack(ack, now)
        await store.outbox.cancel(cancel, now, reason="")
        await store.outbox.bury(bury, now, reason="")
        await store.outbox.reschedule(other, now, attempt=1, due_at=now)
        (claim,) = await claim_all(store, now)
        await store.outbox.ack(claim, now)
        assert (await queue.get_queue_properties()).approximate_message_count == 0

    async def test_that_are_none_of_ours_are_quarantined(
        self, store: AzureStore, queue: QueueClient, now: float
    ) -> None:
        await store.outbox.accept([routed("a")], now)
        await queue.send_message(base64.b64encode(b"[1]").decode())
        await queue.send_message(base64.b64encode(json.dumps({"deliveryId": "nobody"}).encode()).decode())
        assert len(await claim_all(store, now)) == 1
        (quarantined,) = await store.quarantine.list()
        assert (quarantined.kind, quarantined.raw) == ("message", "[1]")
        assert (await queue.get_queue_properties()).approximate_message_count == 1  # that of the claim

    async def test_a_run_that_crashed_before_it_woke_anybody_is_completed_by_the_next(
        self, store: AzureStore, queue: QueueClient, now: float
    ) -> None:
        wanted = routed("a", "b", key="k")
        await store.outbox.accept([wanted], now)
        await queue.clear_messages()
        assert (await store.outbox.accept([wanted], now)).new == ()
        assert len(await claim_all(store, now)) == 2

    async def test_a_run_that_crashed_after_it_took_its_key_is_completed_by_a_duplicate(
        self, store: AzureStore, prefix: str, tables: TableServiceClient, now: float
    ) -> None:
        wanted, repeated = routed("a", key="k"), routed("a", key="k")
        await store.outbox.accept([wanted], now)
        (claim,) = await claim_all(store, now)
        await store.outbox.cancel(claim, now, reason="")
        table = tables.get_table_client(f"{prefix}events{day_of(now)}")
        async for entity in table.query_entities("Kind ne ''"):
            await table.delete_entity(entity)
        assert (await store.outbox.accept([repeated], now)).new
        (claim,) = await claim_all(store, now)
        assert claim.event.id == wanted.event.id

    async def test_that_were_lost_are_sent_again_by_the_timer(
        self, store: AzureStore, queue: QueueClient, now: float
    ) -> None:
        await store.outbox.accept([routed("a"), routed("b")], now)
        await queue.clear_messages()
        assert (await store.expire(now))["woken"] == 0
        assert (await store.expire(now + 1_000))["woken"] == 2
        assert (await store.expire(now + 1_000))["woken"] == 0
        assert len(await claim_all(store, now + 1_000)) == 2


class TestDamage:
    async def test_a_damaged_record_is_quarantined_and_the_others_go_on(
        self, store: AzureStore, prefix: str, tables: TableServiceClient
    ) -> None:
        for name in ("fine", "damaged"):
            await store.subscriptions.add(subscription(name))
        table = tables.get_table_client(f"{prefix}listeners")
        async for entity in table.query_entities("SubscriptionId eq 'damaged' and Site eq 'acme'"):
            await table.update_entity({**entity, "Bulk0": b"{"})
        assert [each.id for each in await store.subscriptions.list()] == ["fine"]
        (quarantined,) = await store.quarantine.list()
        assert (quarantined.kind, quarantined.raw) == ("subscription", "{")
        callback_url = subscription("damaged").callback_url
        assert (await store.subscriptions.add(subscription("again", callback_url=callback_url)))[1]

    @pytest.mark.parametrize("damage", ["event", "field"])
    async def test_a_damaged_delivery_blocks_nobody(
        self, store: AzureStore, prefix: str, tables: TableServiceClient, now: float, damage: str
    ) -> None:
        broken, fine = routed("a"), routed("b")
        await store.outbox.accept([broken, fine], now)
        table = tables.get_table_client(f"{prefix}events{day_of(now)}")
        kind = {"event": "event", "field": "delivery"}[damage]
        async for entity in table.query_entities(f"Kind eq '{kind}' and EventId eq '{broken.event.id}'"):
            if damage == "event":
                await table.delete_entity(entity)
            else:
                await table.update_entity({**entity, "Attempt": "many"})
        (claim,) = await claim_all(store, now)
        assert claim.event.id == fine.event.id
        (quarantined,) = await store.quarantine.list()
        assert (quarantined.kind, quarantined.key) == ("delivery", delivery_id(broken.event.id, "a"))

    async def test_a_payload_whose_blob_is_gone_blocks_nobody(
        self, store: AzureStore, prefix: str, azurite: str, now: float
    ) -> None:
        broken, fine = routed("a", payload=b"x" * 800_000), routed("b")
        await store.outbox.accept([broken, fine], now)
        async with ContainerClient.from_connection_string(azurite, f"{prefix}-payloads") as container:
            await container.delete_blob(f"events/{broken.event.id}")
        (claim,) = await claim_all(store, now)
        assert claim.event.id == fine.event.id
        assert [each.reason for each in await store.quarantine.list()] == ["its blob is missing"]


class TestSecrets:
    async def test_never_lie_about_in_clear_text(
        self, store: AzureStore, prefix: str, tables: TableServiceClient
    ) -> None:
        await store.subscriptions.add(subscription(secrets=SubscriptionSecrets("t0ken")))
        await store.registrations.save(
            Registration(
                "r", "acme", "key", RegistrationState.ACTIVE, 1.0, secrets=RegistrationSecrets(webhook_secret="h00k")
            )
        )
        table = tables.get_table_client(f"{prefix}listeners")
        content = str([dict(entity) async for entity in table.query_entities("Site eq 'acme'")])
        assert content.count("RowKey") == 2
        assert not [secret for secret in ("s3cret", "t0ken", "h00k", "flow.example") if secret in content]


class TestTrouble:
    async def test_an_account_that_does_not_answer_is_503(self, now: float) -> None:
        nowhere = EMULATOR_CONNECTION.replace(":10000", ":9").replace(":10001", ":9").replace(":10002", ":9")
        store = AzureStore(StorageAccount(nowhere), Sealer([KEY]), 90)
        with pytest.raises(Unavailable) as problem:
            await store.outbox.accept([routed("a")], now)
        assert problem.value.retry_after
        with pytest.raises(Unavailable):
            await store.idempotency.begin("k", "f", now)
        await store.close()

    @pytest.mark.filterwarnings("ignore:Testing an element's truth value:DeprecationWarning")  # in the SDK
    async def test_an_account_that_refuses_our_key_is_503_and_names_no_key(self, azurite: str, now: float) -> None:
        refused = azurite.replace("AccountKey=", "AccountKey=AAAA")
        store = AzureStore(StorageAccount(refused), Sealer([KEY]), 90)
        with pytest.raises(Unavailable, match="403") as problem:
            await store.idempotency.begin("k", "f", now)
        assert "AAAA" not in str(problem.value)
        await store.close()

    async def test_a_record_that_no_entity_can_hold_is_refused(self, store: AzureStore) -> None:
        with pytest.raises(TooLarge):
            await store.subscriptions.add(subscription(conditions={"long": "x" * 1_200_000}))

    async def test_ids_that_are_not_made_by_event_id_are_refused(self, store: AzureStore, now: float) -> None:
        wanted = replace(routed().event, id="mine")
        with pytest.raises(ValueError, match="event_id"):
            await store.outbox.accept([RoutedEvent(wanted, ())], now)

    async def test_a_storage_that_was_emptied_is_made_again(
        self, store: AzureStore, prefix: str, tables: TableServiceClient, now: float
    ) -> None:
        await store.idempotency.begin("k", "f", now)
        await tables.delete_table(f"{prefix}keys")
        assert (await store.idempotency.begin("k", "f", now)).state is BegunState.STARTED
