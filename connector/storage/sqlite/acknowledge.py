"""Marking deliveries as made, for all callers that share a commit at once: a statement for many of them."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from connector.storage.history import AttemptMade, with_attempt, write_attempts
from connector.storage.records import Claim
from connector.storage.sqlite.connection import Connection
from connector.storage.sqlite.rows import in_lots

# No-op for a delivery whose lease was lost.
DELIVERED: Final = (
    "WITH taken (id, receipt, finished_at, history) AS (VALUES {rows})"
    " UPDATE deliveries SET state = 'delivered', receipt = '', finished_at = taken.finished_at, attempt = attempt + 1,"
    " reason = '', history = taken.history FROM taken"
    " WHERE deliveries.id = taken.id AND deliveries.receipt = taken.receipt AND state = 'pending'"
    " RETURNING deliveries.id"
)


class Taken(NamedTuple):
    """A claim whose flow accepted the event, at a moment."""

    claim: Claim
    now: float
    made: AttemptMade | None


def acknowledge(connection: Connection, calls: Sequence[Sequence[Taken]]) -> list[None]:
    """See `Outbox.ack_all`."""
    for lot in in_lots([taken for call in calls for taken in call]):
        rows = ", ".join(["(?, ?, ?, ?)"] * len(lot))
        values = [value for taken in lot for value in _row(taken)]
        changed = {row[0] for row in connection.execute(DELIVERED.format(rows=rows), values)}
        for claim, now, _ in lot:
            if claim.delivery.id in changed:
                connection.counters.add(claim.delivery.site, delivered=1)
                connection.counters.note_lag(claim.delivery.site, now - claim.event.received_at)
    return [None] * len(calls)


def _row(taken: Taken) -> tuple[str, str, float, str]:
    claim = taken.claim
    history = write_attempts(with_attempt(claim.delivery.history, taken.made))
    return claim.delivery.id, claim.receipt, taken.now, history
