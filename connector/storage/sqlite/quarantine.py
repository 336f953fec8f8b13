"""Records that could not be read: moved where an operator finds them, and named in the log."""

import logging
from collections.abc import Sequence

from connector.storage.records import SetAside
from connector.storage.sqlite.connection import Connection

log = logging.getLogger(__name__)


def put_aside(connection: Connection, kind: str, key: str, raw: str, reason: str, now: float) -> None:
    """Keep it, unless the same trouble is kept already."""
    raw = raw.encode(errors="replace").decode()  # half a surrogate pair cannot be stored
    known = connection.execute("SELECT 1 FROM set_aside WHERE kind = ? AND key = ? AND raw = ?", (kind, key, raw))
    if known.fetchone() is None:
        log.error("A %s could not be read and was set aside: %s (%s).", kind, key, reason)
        connection.execute(
            "INSERT INTO set_aside (kind, key, raw, reason, at) VALUES (?, ?, ?, ?, ?)", (kind, key, raw, reason, now)
        )


def read_troubles(connection: Connection, take: int) -> Sequence[SetAside]:
    """What was set aside, newest first."""
    rows = connection.execute("SELECT kind, key, raw, reason, at FROM set_aside ORDER BY id DESC LIMIT ?", (take,))
    return [SetAside(*row) for row in rows]
