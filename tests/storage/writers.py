"""A process that works on a store; `python -m tests.storage.writers <what> <directory>`.

`accept` accepts events, 16 at a time, and prints the id of each once it is accepted; `fill` does so until the disk (a
limit on file size) is full; `share` accepts 60 events and delivers whatever it can claim, printing what it delivered.
"""

import asyncio
import resource
import signal
import sys
import time
from pathlib import Path

from connector.deskdirector.errors import Unavailable
from connector.storage.sealing import Sealer
from connector.storage.sqlite import SqliteStore
from tests.storage.conftest import KEY, routed


def say(word: object) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


async def accept(store: SqliteStore) -> None:
    async def go_on() -> None:
        while True:
            wanted = routed("flow", payload=b"x" * 2_000)
            await store.outbox.accept([wanted], time.time())
            say(wanted.event.id)

    await asyncio.gather(*(go_on() for _ in range(16)))


async def fill(store: SqliteStore) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
    try:
        await accept(store)
    except Unavailable as problem:
        say(problem.status)


async def share(store: SqliteStore) -> None:
    for _ in range(60):
        await store.outbox.accept([routed("one", "two")], time.time())
    while claims := await store.outbox.claim_due(time.time(), 8, 60, per_destination=50):
        for claim in claims:
            await store.outbox.ack(claim, time.time())
            say(claim.delivery.id)


async def main() -> None:
    store = SqliteStore(Path(sys.argv[2]) / "connector.db", Sealer([KEY]), 90)
    await {"accept": accept, "fill": fill, "share": share}[sys.argv[1]](store)
    await store.close()


if __name__ == "__main__":
    asyncio.run(main())
