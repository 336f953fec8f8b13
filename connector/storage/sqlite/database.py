"""One SQLite file: a writer thread that shares commits among concurrent writes, and a reader thread beside it.

Every write waits for its commit to reach the disk (`synchronous=FULL`), which costs far more than the write itself.
So the writer takes all writes that are waiting into one transaction and acknowledges them together: under load the
disk is asked once for dozens of writes, alone a write waits for nobody. Several processes may open the same file.
"""

import asyncio
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar, cast

from connector.deskdirector.errors import Unavailable
from connector.storage.sqlite.connection import Connection, connect

log = logging.getLogger(__name__)

Item = TypeVar("Item")
Result = TypeVar("Result")
Work: TypeAlias = Callable[[Connection], Result]
WorkForMany: TypeAlias = Callable[[Connection, Sequence[Item]], Sequence[Result]]

SHARED_BY: Final = 256
"""At most this many writes share a commit, so that the first does not wait for a whole backlog."""
BUSY_SECONDS: Final = 5.0
"""How long to wait for another process's write before answering 503."""


class Database:
    """The file at `path`, made and brought to the present schema at first use. Usable from any event loop."""

    def __init__(self, path: Path, busy_seconds: float = BUSY_SECONDS) -> None:
        self._path = path
        self._busy_seconds = busy_seconds
        self._waiting: list[_Write] = []
        self._changed = threading.Condition()
        self._writer = threading.Thread(target=self._write_until_closed, name="sqlite-writer", daemon=True)
        self._reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite-reader")
        self._reading: Connection | None = None
        self._writing: Connection | None = None
        self._closed = False
        self._writer.start()

    async def write(self, work: Work[Result]) -> Result:
        """Run it in a transaction, shared with others; return its result once that is on the disk.

        The work runs in the writer thread and, when a neighbour in the transaction fails, once more: it must touch
        nothing but the database. An exception undoes its own writes only.
        """
        return await self.write_together(_each, work)

    async def write_together(self, work: "WorkForMany[Item, Result]", item: Item) -> Result:
        """The same for work that is cheaper for many at once: it gets the items of all callers that share the commit.

        It returns a result for each. When it fails, it is called again for each item alone.
        """
        write = _Write(work, item, asyncio.get_running_loop())
        with self._changed:
            if self._closed:
                raise _unavailable("it is closed")
            self._waiting.append(write)
            self._changed.notify()
        return cast("Result", await write.done)

    async def read(self, work: Work[Result]) -> Result:
        """Run it on committed data."""
        if self._closed:
            raise _unavailable("it is closed")
        return await asyncio.get_running_loop().run_in_executor(self._reader, self._read, work)

    async def close(self) -> None:
        """Finish the writes that are waiting, then let go of the file."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._changed.notify()
        await asyncio.to_thread(self._writer.join)
        await asyncio.get_running_loop().run_in_executor(self._reader, self._close_reading)
        self._reader.shutdown()

    # --- in the reader thread ---

    def _read(self, work: Work[Result]) -> Result:
        with _speaking_plainly():
            try:
                self._reading = self._reading or connect(self._path, self._busy_seconds)
                return work(self._reading)
            except sqlite3.DatabaseError:
                self._close_reading()
                raise

    def _close_reading(self) -> None:
        if self._reading is not None:
            self._reading.close()
            self._reading = None

    # --- in the writer thread ---

    def _write_until_closed(self) -> None:
        while batch := self._next_batch():
            self._commit(batch)
        self._close_writing()

    def _next_batch(self) -> "list[_Write]":
        """The waiting work, as soon as there is some; nothing when the database is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            batch = self._waiting[:SHARED_BY]
            del self._waiting[:SHARED_BY]
            return batch

    def _commit(self, batch: "list[_Write]") -> None:
        try:
            with _speaking_plainly():
                self._writing = self._writing or connect(self._path, self._busy_seconds)
                with _transaction(self._writing) as connection:
                    _work(connection, batch)
        except Unavailable as problem:
            self._close_writing()  # a fresh connection next time: the file may have been replaced or repaired
            for write in batch:
                write.problem = problem
        except Exception as problem:  # noqa: BLE001 - whatever a piece of work raises belongs to its caller
            if len(batch) > 1:
                for write in batch:
                    self._commit([write])
                return
            batch[0].problem = problem
        _settle(batch)

    def _close_writing(self) -> None:
        if self._writing is not None:
            self._writing.close()
            self._writing = None


class _Write:
    """An item of work, its outcome, and the future of its caller."""

    __slots__ = ("done", "item", "loop", "problem", "result", "work")

    def __init__(self, work: "WorkForMany[Any, Any]", item: Any, loop: asyncio.AbstractEventLoop) -> None:
        self.work = work
        self.item = item
        self.loop = loop
        self.done: asyncio.Future[Any] = loop.create_future()
        self.result: Any = None
        self.problem: Exception | None = None

    def settle(self) -> None:
        if self.done.done():  # its caller was cancelled meanwhile
            return
        if self.problem is None:
            self.done.set_result(self.result)
        else:
            self.done.set_exception(self.problem)


def _each(connection: Connection, works: "Sequence[Work[Result]]") -> "list[Result]":
    return [work(connection) for work in works]


def _work(connection: Connection, batch: list[_Write]) -> None:
    groups: dict[WorkForMany[Any, Any], list[_Write]] = {}
    for write in batch:
        groups.setdefault(write.work, []).append(write)
    for work, writes in groups.items():
        results = work(connection, [write.item for write in writes])
        for write, result in zip(writes, results, strict=True):
            write.result = result


def _settle(batch: list[_Write]) -> None:
    """Set every outcome, waking each event loop once."""
    for loop in {write.loop for write in batch}:
        mine = [write for write in batch if write.loop is loop]
        with suppress(RuntimeError):  # that loop was closed: nobody waits there any more
            loop.call_soon_threadsafe(_settle_in_loop, mine)


def _settle_in_loop(writes: list[_Write]) -> None:
    for write in writes:
        write.settle()


@contextmanager
def _transaction(connection: Connection) -> Iterator[Connection]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.counters.flush(connection)
        connection.execute("COMMIT")
    except BaseException:
        connection.counters.clear()
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def _speaking_plainly() -> Iterator[None]:
    """Turn errors of the file into 503; a mistake in our own SQL is raised as it is."""
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError):
        raise
    except (sqlite3.DatabaseError, OSError) as problem:
        log.warning("The embedded store failed: %s", problem)
        raise _unavailable(str(problem)) from problem


def _unavailable(reason: str) -> Unavailable:
    return Unavailable(
        "StorageUnavailable", f"The store cannot be used now ({reason}); nothing was saved. Try again.", retry_after=5
    )
