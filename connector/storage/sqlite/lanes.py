"""`lanes` has a row for each destination with something pending, and a lower bound of when the first of it is due."""

from collections.abc import Iterable, Mapping
from typing import Final

from connector.storage.sqlite.connection import Connection
from connector.storage.sqlite.rows import insert_rows

WAKE_EARLIER: Final = (
    "ON CONFLICT (subscription_id) DO UPDATE SET next_due = excluded.next_due WHERE excluded.next_due < next_due"
)


def wake_lanes(connection: Connection, due: Mapping[str, float]) -> None:
    """Note that these destinations have something due, and when."""
    insert_rows(connection, "INSERT INTO lanes (subscription_id, next_due)", list(due.items()), WAKE_EARLIER)


def first_due(deliveries: Iterable[tuple[str, float]]) -> dict[str, float]:
    """When the first delivery of each destination is due."""
    due: dict[str, float] = {}
    for destination, due_at in deliveries:
        due[destination] = min(due_at, due.get(destination, due_at))
    return due


def settle_lane(connection: Connection, lane: str) -> None:
    """Set the lane's bound to when its first delivery is due (or its first lease ends); no deliveries, no lane."""
    (next_due,) = connection.execute(
        "SELECT min(due_at) FROM deliveries WHERE subscription_id = ? AND state = 'pending'", (lane,)
    ).fetchone()
    if next_due is None:
        connection.execute("DELETE FROM lanes WHERE subscription_id = ?", (lane,))
    else:
        connection.execute("UPDATE lanes SET next_due = ? WHERE subscription_id = ?", (next_due, lane))
