"""A connection to the embedded store: how it is opened."""

import os
import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from connector.storage.sqlite.counters import Counters
from connector.storage.sqlite.schema import migrate

CACHE_KB: Final = 32 * 1024
"""Holds the inner pages of every index with some 200,000 deliveries pending."""
CHECKPOINT_PAGES: Final = 4_000
"""The log is copied into the file every 16 MB: pages that change often are then copied once."""
STATEMENTS: Final = 512
"""Prepared statements that are kept; inserts of many rows have one for each number of rows."""


class Connection(sqlite3.Connection):
    """Counts what its transaction did, so that counting costs one statement a site."""

    counters: Counters


def connect(path: Path, busy_seconds: float) -> Connection:
    """Open the file, made when it is missing and brought to the present schema."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))  # it holds people's data: not for other users
    connection = sqlite3.connect(
        path,
        timeout=busy_seconds,
        isolation_level=None,
        check_same_thread=False,
        factory=Connection,
        cached_statements=STATEMENTS,
    )
    try:
        connection.counters = Counters()
        connection.text_factory = _tolerant  # one damaged text must not fail a query that reads a hundred rows
        _use_wal(connection, time.monotonic() + busy_seconds)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KB}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _use_wal(connection: sqlite3.Connection, deadline: float) -> None:
    """Switch a new file over; SQLite does not wait by itself when another process is doing so too."""
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as problem:
            if problem.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _tolerant(raw: bytes) -> str:
    return raw.decode(errors="replace")
