"""Which store an app gets, and what opening it costs."""

import subprocess
import sys
from pathlib import Path

import pytest

from connector.queue_names import DELIVERIES_QUEUE
from connector.settings import Settings, SettingsError
from connector.storage import open_store
from connector.storage.azure.connection import EMULATOR_CONNECTION, SERVICES, StorageAccount
from connector.storage.azure.rest import Rest
from connector.storage.azure.store import PREFIX, AzureStore
from connector.storage.sqlite import SqliteStore
from tests.narrowing import existing
from tests.storage.conftest import KEY, routed

AZURE = f"DefaultEndpointsProtocol=https;AccountName=acme;AccountKey={KEY};EndpointSuffix=core.windows.net"


async def test_without_a_storage_connection_everything_is_in_one_file(tmp_path: Path, now: float) -> None:
    store = open_store(Settings(data_dir=str(tmp_path / "data")), {})
    assert isinstance(store, SqliteStore)
    assert not (tmp_path / "data" / "connector.db").exists()
    await store.outbox.accept([routed("a")], now)
    await store.close()
    assert (tmp_path / "data" / "connector.db").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "environment",
    [
        {"AzureWebJobsStorage": AZURE},
        {"AzureWebJobsStorage__accountName": "acme", "AzureWebJobsStorage__credential": "managedidentity"},
    ],
)
async def test_in_azure_everything_is_in_the_storage_account(environment: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="CONNECTOR_SECRETS_KEY"):
        open_store(Settings(), environment)
    store = open_store(Settings(secrets_key=KEY), environment)
    assert isinstance(store, AzureStore)
    await store.close()


async def test_the_emulator_is_used_without_a_key_of_ones_own(tmp_path: Path) -> None:
    store = open_store(Settings(data_dir=str(tmp_path)), {"AzureWebJobsStorage": "UseDevelopmentStorage=true"})
    assert isinstance(store, AzureStore)
    await store.close()


@pytest.mark.parametrize("text", ["c2VjcmV0", "AccountKey=c2VjcmV0", "DefaultEndpointsProtocol=https"])
async def test_a_connection_string_that_cannot_be_read_is_named_but_not_shown(text: str) -> None:
    with pytest.raises(SettingsError, match="AzureWebJobsStorage") as problem:
        Rest(StorageAccount(text)).address("table")
    assert "c2VjcmV0" not in str(problem.value)


def test_an_account_never_shows_its_key() -> None:
    account = StorageAccount.from_environment({"AzureWebJobsStorage": AZURE})
    assert KEY not in repr(account)


@pytest.mark.parametrize(
    ("environment", "tables", "blobs"),
    [
        ({"accountName": "acme"}, "https://acme.table.core.windows.net", "https://acme.blob.core.windows.net"),
        ({"blobServiceUri": "https://acme.blob.core.usgovcloudapi.net"},
         "https://acme.table.core.usgovcloudapi.net", "https://acme.blob.core.usgovcloudapi.net"),
        ({"queueServiceUri": "https://acme.queue.core.windows.net", "tableServiceUri": "https://tables.acme.example"},
         "https://tables.acme.example", "https://acme.blob.core.windows.net"),
    ],
)  # fmt: skip
def test_addresses_come_from_the_name_or_from_each_other(environment: dict[str, str], tables: str, blobs: str) -> None:
    account = StorageAccount.from_environment(
        {f"AzureWebJobsStorage__{name}": text for name, text in environment.items()}
    )
    assert (existing(account).addresses["table"], existing(account).addresses["blob"]) == (tables, blobs)


async def test_an_identity_is_used_when_there_is_no_key() -> None:
    from azure.identity.aio import DefaultAzureCredential, ManagedIdentityCredential

    for extra, kind in (({}, DefaultAzureCredential), ({"credential": "managedidentity"}, ManagedIdentityCredential)):
        environment = {"accountName": "acme", "clientId": "00000000-0000-0000-0000-000000000001"} | extra
        account = StorageAccount.from_environment(
            {f"AzureWebJobsStorage__{name}": text for name, text in environment.items()}
        )
        rest = Rest(existing(account))
        assert isinstance(rest.credential(), kind)
        for service in SERVICES:
            assert rest.address(service) == f"https://acme.{service}.core.windows.net"
        await rest.close()


def test_an_address_that_tells_nothing_about_the_others_is_not_enough() -> None:
    with pytest.raises(SettingsError, match="AzureWebJobsStorage__queueServiceUri and AzureWebJobsStorage__blobServ"):
        StorageAccount.from_environment({"AzureWebJobsStorage__tableServiceUri": "https://tables.acme.example"})


def test_no_storage_is_none() -> None:
    assert StorageAccount.from_environment({"AzureWebJobsStorage": " "}) is None


def test_the_emulators_addresses_are_known() -> None:
    account = StorageAccount.from_environment({"AzureWebJobsStorage": "UseDevelopmentStorage=true"})
    assert account
    assert (account.connection_string, account.is_emulator) == (EMULATOR_CONNECTION, True)
    assert not StorageAccount(AZURE).is_emulator


def test_the_queue_has_the_name_that_the_trigger_is_bound_to() -> None:
    assert f"{PREFIX}-deliveries" == DELIVERIES_QUEUE


@pytest.mark.parametrize("storage", ["", "UseDevelopmentStorage=true"])
def test_opening_imports_neither_the_sdks_nor_the_cryptography(tmp_path: Path, storage: str) -> None:
    program = (
        "import sys; from connector.settings import Settings; from connector.storage import open_store\n"
        f"open_store(Settings(data_dir={str(tmp_path)!r}), {{'AzureWebJobsStorage': {storage!r}}})\n"
        "print(*(name for name in sys.modules if name.split('.')[0] in {'azure', 'cryptography', 'aiohttp'}))"
    )
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == ""
