"""What must survive a restart: subscriptions, events, deliveries, idempotency records.

`open_store` chooses where they live: the embedded SQLite file, or Azure Storage (or its emulator) when a storage
connection is set as Functions apps have it (`AzureWebJobsStorage`).
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from connector.settings import Settings

if TYPE_CHECKING:
    from connector.storage.protocol import Store

FILE_NAME = "connector.db"


def open_store(settings: Settings, environment: Mapping[str, str] = os.environ) -> "Store":
    """The store of this app; raises `SettingsError` when a setting is missing or cannot be used.

    Nothing is read, written or connected to before the first call; close the store to let go of it.
    """
    from connector.storage.azure.connection import StorageAccount
    from connector.storage.sealing import open_sealer

    account = StorageAccount.from_environment(environment)
    sealer = open_sealer(settings, environment, shared=account is not None and not account.is_emulator)
    if account is None:
        from connector.storage.sqlite import SqliteStore

        return SqliteStore(Path(settings.data_dir) / FILE_NAME, sealer, settings.budget_seconds)
    from connector.storage.azure.store import AzureStore

    return AzureStore(account, sealer, settings.budget_seconds)
