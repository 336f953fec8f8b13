"""Queues in one SQLite file: what the local host uses when no storage connection is set.

One thread owns the only connection. Whatever is waiting when a transaction ends goes into the next one, so that under
load many writers share one fsync, and each gets its answer only after that fsync.
"""

import asyncio
import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeVar

from workbench.localhost.queues import LARGEST_MESSAGE, QueueMessage

T = TypeVar("T")

# AUTOINCREMENT, because an id that is used again would let an old claim delete a new message.
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    body BLOB NOT NULL,
    inserted_at INTEGER NOT NULL,    -- milliseconds since 1970
    visible_at INTEGER NOT NULL,     -- milliseconds since 1970
    dequeue_count INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS due ON messages (queue, visible_at);
"""
INSERT: Final = "INSERT INTO messages (queue, body, inserted_at, visible_at) VALUES "
COMPANY_SECONDS: Final = 0.002
"""How long a commit that follows close upon another waits for more to do, since each costs a few hundred microseconds:
one every two milliseconds under load, while what comes alone waits for nobody."""
MOST_ROWS: Final = 200
"""Rows of one statement. Each statement gives up the interpreter, so what waits goes into as few as can be."""
CLAIM: Final = """
UPDATE messages SET visible_at = ?, dequeue_count = dequeue_count + 1
WHERE id IN (SELECT id FROM messages WHERE queue = ? AND visible_at <= ? ORDER BY visible_at LIMIT ?)
RETURNING id, body, inserted_at, dequeue_count
"""
# Each claim raises the count, so the count is the receipt.
HIDE: Final = "UPDATE messages SET visible_at = ? WHERE id = ? AND dequeue_count = ?"
DELETE: Final = "DELETE FROM messages WHERE (id, dequeue_count) IN (VALUES "


_Rows = Sequence[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class _Work:
    """Something to do inside a transaction, and who waits for it: `run`, or a statement of many rows."""

    run: Callable[[sqlite3.Connection], Any]
    into: str
    rows: _Rows
    loop: asyncio.AbstractEventLoop
    future: "asyncio.Future[Any]"


class SqliteQueues:
    """A `QueueBackend` in the file `path`; several processes may use the same file."""

    def __init__(self, path: Path) -> None:
        self._connection = _open(path)
        self._waiting: SimpleQueue[_Work | None] = SimpleQueue()
        self._closing = False
        self._writer = threading.Thread(target=self._write, name="sqlite-queues", daemon=True)
        self._writer.start()

    async def put(self, queue: str, messages: Sequence[bytes], delay: float = 0.0) -> None:
        """Store messages; returns after the commit that holds them. Raises `ValueError` for one that is too large."""
        if any(len(body) > LARGEST_MESSAGE for body in messages):
            raise ValueError(f"A queue message holds at most {LARGEST_MESSAGE} bytes.")
        now = _now()
        rows = [(queue, body, now, now + round(delay * 1000)) for body in messages]
        await self._transact(_nothing, INSERT, rows)

    async def claim(self, queue: str, count: int, visibility: float) -> list[QueueMessage]:
        """Take up to `count` visible messages, oldest first."""
        now = _now()
        parameters = (now + round(visibility * 1000), queue, now, count)
        rows = await self._transact(lambda connection: connection.execute(CLAIM, parameters).fetchall())
        return [_message(queue, *row) for row in sorted(rows)]

    async def hide(self, message: QueueMessage, seconds: float) -> None:
        """Renew a claim, or with 0 seconds give it back."""
        parameters = (_now() + round(seconds * 1000), int(message.id), int(message.receipt))
        await self._transact(lambda connection: connection.execute(HIDE, parameters))

    async def delete(self, message: QueueMessage) -> None:
        """Remove a claimed message."""
        await self._transact(_nothing, DELETE, [(int(message.id), int(message.receipt))])

    async def close(self) -> None:
        """Commit pending work, then close the file; it cannot be used afterwards."""
        self._closing = True
        self._waiting.put(None)
        await asyncio.to_thread(self._writer.join)

    async def _transact(self, run: Callable[[sqlite3.Connection], T], into: str = "", rows: _Rows = ()) -> T:
        if self._closing:
            raise RuntimeError("The queues are closed.")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._waiting.put(_Work(run, into, rows, loop, future))
        return await future

    def _write(self) -> None:
        open_for_work, ended = True, 0.0
        while open_for_work:
            batch = [self._waiting.get()]
            if time.monotonic() - ended < COMPANY_SECONDS:
                time.sleep(COMPANY_SECONDS)
            with contextlib.suppress(Empty):
                while True:
                    batch.append(self._waiting.get_nowait())
            open_for_work = None not in batch
            work = [item for item in batch if item is not None]
            if work:
                self._commit(work)
                ended = time.monotonic()
        self._connection.close()

    def _commit(self, batch: list[_Work]) -> None:
        """Do all of it in one transaction; when that fails, none of it happened and every waiter hears why."""
        failure: Exception | None = None
        try:
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                for into in (DELETE, INSERT):
                    _change(self._connection, into, [row for work in batch if work.into == into for row in work.rows])
                results = [work.run(self._connection) for work in batch]
        except Exception as problem:  # noqa: BLE001  handed to the waiters; a dead thread would leave them waiting
            failure, results = problem, [None] * len(batch)
        for loop in {work.loop for work in batch}:
            mine = [(work.future, result) for work, result in zip(batch, results, strict=True) if work.loop is loop]
            loop.call_soon_threadsafe(_settle, mine, failure)


def _nothing(connection: sqlite3.Connection) -> None:
    """What is to do besides rows."""


def _change(connection: sqlite3.Connection, into: str, rows: _Rows) -> None:
    """Insert or delete rows, many to a statement."""
    for start in range(0, len(rows), MOST_ROWS):
        some = rows[start : start + MOST_ROWS]
        places = ", ".join([f"({', '.join('?' * len(some[0]))})"] * len(some))
        connection.execute(into + places + (")" if into == DELETE else ""), [value for row in some for value in row])


def _settle(waiters: Sequence[tuple["asyncio.Future[Any]", Any]], failure: Exception | None) -> None:
    for future, result in waiters:
        if future.done():  # its caller was cancelled
            continue
        if failure is not None:
            future.set_exception(failure)
        else:
            future.set_result(result)


def _open(path: Path) -> sqlite3.Connection:
    """Open or make the file, readable by its owner only: messages may carry what customers wrote."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.executescript(SCHEMA)
    return connection


def _message(queue: str, identity: int, body: bytes, inserted_at: int, dequeue_count: int) -> QueueMessage:
    return QueueMessage(
        queue=queue,
        id=str(identity),
        body=body,
        dequeue_count=dequeue_count,
        inserted_at=datetime.fromtimestamp(inserted_at / 1000, UTC),
        receipt=str(dequeue_count),
    )


def _now() -> int:
    return time.time_ns() // 1_000_000
