"""Queues in Azure Storage (or Azurite): what the local host uses when a storage connection is set.

Bodies are base64, as the Functions host writes and expects them; times are whole seconds. The SDK is imported on
first use.
"""

import asyncio
import base64
import binascii
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Any, Final, TypeVar

from workbench.localhost.config import HostError
from workbench.localhost.queues import QueueMessage

if TYPE_CHECKING:
    from azure.storage.queue.aio import QueueClient, QueueServiceClient

T = TypeVar("T")

# What `UseDevelopmentStorage=true` stands for: Azurite on its usual port, with the account that Microsoft documents.
DEVELOPMENT_STORAGE: Final = (
    "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;"
    "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;"
    "QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1;"
)
# The service hands out no more than this many messages at once.
LARGEST_CLAIM: Final = 32
FOR_EVER: Final = -1
# The SDK would try for a minute and a half; a caller is better served by an error after a few seconds.
RETRIES: Final[dict[str, Any]] = {"retry_total": 2, "initial_backoff": 1, "increment_base": 2, "random_jitter_range": 1}
LOST_CLAIM: Final = ("PopReceiptMismatch", "MessageNotFound")

log = logging.getLogger("host")


@dataclass(frozen=True, slots=True)
class StorageConnection:
    """Where the queues are: a connection string, or a service address reached as an identity."""

    connection_string: str = field(default="", repr=False)
    service_uri: str = ""
    client_id: str = ""

    @classmethod
    def find(cls, name: str, environment: Mapping[str, str]) -> "StorageConnection | None":
        """The connection that the app setting `name` describes, as the Functions host reads it; None when unset.

        `<name>` is a connection string; `<name>__queueServiceUri` or `<name>__accountName`, optionally with
        `<name>__clientId`, is an identity. `AzureWebJobs<name>` works for each.
        """
        for prefix in (name, f"AzureWebJobs{name}"):
            text = environment.get(prefix, "").strip()
            if text:
                return cls(DEVELOPMENT_STORAGE if text.lower().startswith("usedevelopmentstorage=true") else text)
            uri = environment.get(f"{prefix}__queueServiceUri", "").strip()
            account = environment.get(f"{prefix}__accountName", "").strip()
            if uri or account:
                client_id = environment.get(f"{prefix}__clientId", "").strip()
                return cls(service_uri=uri or f"https://{account}.queue.core.windows.net", client_id=client_id)
        return None


@dataclass(slots=True, kw_only=True, eq=False)
class _Claim(QueueMessage):
    """A renewal changes the receipt, so renewals and the deletion of one message take turns."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class AzureQueues:
    """A `QueueBackend` in an Azure Storage account."""

    def __init__(self, connection: StorageConnection) -> None:
        """Raises `HostError` for a connection string that cannot be read; talks to nobody yet."""
        self._service, self._credential = _service(connection)
        self._queues: dict[str, QueueClient] = {}

    async def put(self, queue: str, messages: Sequence[bytes], delay: float = 0.0) -> None:
        """Store messages; the queue is made when it does not exist."""

        async def send(client: "QueueClient") -> None:
            for body in messages:
                text = base64.b64encode(body).decode()
                await client.send_message(text, visibility_timeout=ceil(delay), time_to_live=FOR_EVER)

        await self._on_queue(queue, send)

    async def claim(self, queue: str, count: int, visibility: float) -> list[QueueMessage]:
        """Take up to `count` (at most 32) visible messages; the queue is made when it does not exist."""

        async def receive(client: "QueueClient") -> list[QueueMessage]:
            most = min(count, LARGEST_CLAIM)
            pages = client.receive_messages(
                visibility_timeout=ceil(visibility), messages_per_page=most, max_messages=most
            )
            return [_claim(queue, message) async for message in pages]

        return await self._on_queue(queue, receive)

    async def hide(self, message: QueueMessage, seconds: float) -> None:
        """Renew a claim, or with 0 seconds give it back."""

        async def update(client: "QueueClient") -> None:
            renewed = await client.update_message(message.id, message.receipt, visibility_timeout=ceil(seconds))
            message.receipt = str(renewed.pop_receipt)

        await self._on_claim(message, update)

    async def delete(self, message: QueueMessage) -> None:
        """Remove a claimed message."""
        await self._on_claim(message, lambda client: client.delete_message(message.id, message.receipt))

    async def close(self) -> None:
        """Close the connections."""
        await self._service.close()
        if self._credential is not None:
            await self._credential.close()

    def _client(self, queue: str) -> "QueueClient":
        if queue not in self._queues:
            self._queues[queue] = self._service.get_queue_client(queue)
        return self._queues[queue]

    async def _on_queue(self, queue: str, work: Callable[["QueueClient"], Awaitable[T]]) -> T:
        from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError

        client = self._client(queue)
        try:
            return await work(client)
        except ResourceNotFoundError:
            log.info("The queue %s does not exist yet; it is made now.", queue)
        try:
            await client.create_queue()
        except ResourceExistsError:
            log.debug("Another process made the queue %s first.", queue)
        return await work(client)

    async def _on_claim(self, message: QueueMessage, work: Callable[["QueueClient"], Awaitable[None]]) -> None:
        from azure.core.exceptions import HttpResponseError

        if not isinstance(message, _Claim):
            raise TypeError("The message was not claimed from Azure Storage.")
        try:
            async with message.turn:
                await work(self._client(message.queue))
        except HttpResponseError as problem:
            # The claim ran out: the message is gone or another consumer's, and nothing is left to do here.
            if getattr(problem, "error_code", None) not in LOST_CLAIM:
                raise
            log.warning("The claim on a message of %s had run out.", message.queue)


def _service(connection: StorageConnection) -> "tuple[QueueServiceClient, Any]":
    from azure.storage.queue.aio import QueueServiceClient

    if connection.connection_string:
        try:
            return QueueServiceClient.from_connection_string(connection.connection_string, **RETRIES), None
        except ValueError as problem:
            raise HostError("The storage connection string cannot be read; is it complete?") from problem
    from azure.identity.aio import DefaultAzureCredential

    options = {"managed_identity_client_id": connection.client_id} if connection.client_id else {}
    credential = DefaultAzureCredential(**options)
    return QueueServiceClient(connection.service_uri, credential=credential, **RETRIES), credential


def _claim(queue: str, message: Any) -> QueueMessage:
    return _Claim(
        queue=queue,
        id=message.id,
        body=_decoded(message.content),
        dequeue_count=message.dequeue_count,
        inserted_at=message.inserted_on,
        receipt=message.pop_receipt,
    )


def _decoded(content: str) -> bytes:
    """Base64 as the host writes it; text that is not base64 was put there by other means and is taken as it is."""
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        return content.encode()
