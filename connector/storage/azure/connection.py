"""Which storage account, and as whom: read from the settings that every Functions app has."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from connector.settings import SettingsError

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential
    from azure.data.tables.aio import TableServiceClient
    from azure.storage.blob.aio import BlobServiceClient
    from azure.storage.queue.aio import QueueClient

SETTING: Final = "AzureWebJobsStorage"
SERVICES: Final = ("table", "queue", "blob")

# The account that every Azurite has, on its usual ports; documented by Microsoft, a secret to nobody.
EMULATOR: Final = "devstoreaccount1"
EMULATOR_KEY: Final = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
EMULATOR_CONNECTION: Final = ";".join(
    [
        "DefaultEndpointsProtocol=http",
        f"AccountName={EMULATOR}",
        f"AccountKey={EMULATOR_KEY}",
        f"BlobEndpoint=http://127.0.0.1:10000/{EMULATOR}",
        f"QueueEndpoint=http://127.0.0.1:10001/{EMULATOR}",
        f"TableEndpoint=http://127.0.0.1:10002/{EMULATOR}",
    ]
)

# A caller waits: two quick retries, then 503, which says when to come back. (By themselves the SDKs of queues and blobs
# try for more than a minute.) The second line is for tables, the third for queues and blobs.
PATIENCE: Final = {
    "connection_timeout": 5, "read_timeout": 20, "retry_total": 2,
    "retry_backoff_factor": 0.5,
    "initial_backoff": 1, "increment_base": 1, "random_jitter_range": 0,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class StorageAccount:
    """A connection string, or the addresses of the services and an identity."""

    connection_string: str = field(default="", repr=False)
    addresses: Mapping[str, str] = field(default_factory=dict)
    managed_identity: bool = False
    client_id: str = ""

    @property
    def is_emulator(self) -> bool:
        """Whether it is Azurite, on this machine, rather than Azure."""
        return f"AccountName={EMULATOR};" in f"{self.connection_string};"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "StorageAccount | None":
        """The account that `AzureWebJobsStorage` or `AzureWebJobsStorage__…` names; None when nothing is set."""
        text = environment.get(SETTING, "").strip()
        if text:
            return cls(EMULATOR_CONNECTION if text.lower().startswith("usedevelopmentstorage=true") else text)
        addresses = _addresses(environment)
        if not addresses:
            return None
        return cls(
            addresses=addresses,
            managed_identity=environment.get(f"{SETTING}__credential", "").strip().lower() == "managedidentity",
            client_id=environment.get(f"{SETTING}__clientId", "").strip(),
        )


def _addresses(environment: Mapping[str, str]) -> dict[str, str]:
    """Service -> address: from the account's name, or given; what is not given differs in the service's name only."""
    name = environment.get(f"{SETTING}__accountName", "").strip()
    if name:
        return {service: f"https://{name}.{service}.core.windows.net" for service in SERVICES}
    given = {service: environment.get(f"{SETTING}__{service}ServiceUri", "").strip() for service in SERVICES}
    derived = {
        service: address.replace(f".{known}.", f".{service}.", 1)
        for known, address in given.items()
        for service in SERVICES
        if f".{known}." in address
    }
    addresses = derived | {service: address for service, address in given.items() if address}
    missing = [f"{SETTING}__{service}ServiceUri" for service in SERVICES if service not in addresses]
    if addresses and missing:
        raise SettingsError(f"{' and '.join(missing)} must be set too: the address cannot be told from the others.")
    return addresses


class Services:
    """The SDK's clients, imported and made at first use, because that takes a third of a second."""

    def __init__(self, account: StorageAccount) -> None:
        self._account = account
        self._open: dict[str, Any] = {}
        self._credential: AsyncTokenCredential | None = None
        logging.getLogger("azure").setLevel(logging.WARNING)  # the SDK logs every request at INFO

    @property
    def tables(self) -> "TableServiceClient":
        """Records."""
        from azure.data.tables.aio import TableServiceClient

        client: TableServiceClient = self._service("table", TableServiceClient)
        return client

    def queue(self, name: str) -> "QueueClient":
        """A queue of messages in base64, as the Functions host wants them."""
        from azure.storage.queue import TextBase64DecodePolicy, TextBase64EncodePolicy
        from azure.storage.queue.aio import QueueServiceClient

        service: QueueServiceClient = self._service("queue", QueueServiceClient)
        return service.get_queue_client(
            name, message_encode_policy=TextBase64EncodePolicy(), message_decode_policy=TextBase64DecodePolicy()
        )

    @property
    def blobs(self) -> "BlobServiceClient":
        """Large payloads."""
        from azure.storage.blob.aio import BlobServiceClient

        client: BlobServiceClient = self._service("blob", BlobServiceClient)
        return client

    async def close(self) -> None:
        """Close the connections."""
        for client in self._open.values():
            await client.close()
        self._open.clear()
        if self._credential is not None:
            await self._credential.close()

    def _service(self, service: str, kind: Any) -> Any:
        if service not in self._open:
            self._open[service] = self._make(service, kind)
        return self._open[service]

    def _make(self, service: str, kind: Any) -> Any:
        if not self._account.connection_string:
            self._credential = self._credential or _credential(self._account)
            return kind(self._account.addresses[service], credential=self._credential, **PATIENCE)
        try:
            return kind.from_connection_string(self._account.connection_string, **PATIENCE)
        except ValueError:
            raise SettingsError(f"{SETTING} must be a whole storage connection string; it cannot be read.") from None


def _credential(account: StorageAccount) -> "AsyncTokenCredential":
    from azure.identity.aio import DefaultAzureCredential, ManagedIdentityCredential

    if account.managed_identity:
        return ManagedIdentityCredential(client_id=account.client_id or None)
    identity = {"managed_identity_client_id": account.client_id} if account.client_id else {}
    return DefaultAzureCredential(**identity)
