"""Marking deliveries as made, for all callers that share a commit at once: a statement for many of them."""

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from connector.storage.history import AttemptMade, with_attempt, write_attempts
from connector.storage.records import Claim, DeliveryState
from connector.storage.sqlite.bundles import bundle_of, bundled, take_out
from connector.storage.sqlite.connection import Connection
from connector.storage.sqlite.rows import INTO_DELIVERIES, DeliveryRow, Row, in_lots, inserted_rows

# No-op for a delivery whose lease was lost.
END: Final = (
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
        ended = _end_bundled(connection, lot)
        ended |= _end(connection, [taken for taken in lot if taken.claim.delivery.id not in ended])
        for claim, now, _ in lot:
            if claim.delivery.id in ended:
                ended.remove(claim.delivery.id)  # should it be there once more, that one ended nothing
                connection.counters.add(claim.delivery.site, delivered=1)
                connection.counters.note_lag(claim.delivery.site, now - claim.event.received_at)
    return [None] * len(calls)


def _end_bundled(connection: Connection, lot: Sequence[Taken]) -> set[str]:
    """Give those that are still in the bundle of their claim a row, as delivered; their ids."""
    waiting = bundled(connection, [taken.claim for taken in lot])
    mine = [taken for taken in lot if bundle_of(taken.claim) in waiting]
    if not mine:
        return set()
    ended = inserted_rows(connection, INTO_DELIVERIES, [_delivered(taken) for taken in mine])
    bundles = {taken.claim.delivery.id: bundle_of(taken.claim) for taken in mine}
    take_out(connection, waiting, Counter(bundles[id_] for id_ in ended))
    return ended


def _end(connection: Connection, lot: Sequence[Taken]) -> set[str]:
    """Mark those that have a row with the receipt of their claim; their ids."""
    if not lot:
        return set()
    rows = ", ".join(["(?, ?, ?, ?)"] * len(lot))
    values = [value for taken in lot for value in _row(taken)]
    return {row[0] for row in connection.execute(END.format(rows=rows), values)}


def _row(taken: Taken) -> Row:
    claim = taken.claim
    return claim.delivery.id, claim.receipt, taken.now, _history(taken)


def _delivered(taken: Taken) -> DeliveryRow:
    delivery = taken.claim.delivery
    return DeliveryRow(
        *(delivery.id, delivery.event_id, delivery.subscription_id, delivery.site, delivery.due_at, ""),
        *(delivery.created_at, delivery.pending_since),
        state=DeliveryState.DELIVERED.value,
        attempt=delivery.attempt + 1,
        finished_at=taken.now,
        history=_history(taken),
    )


def _history(taken: Taken) -> str:
    return write_attempts(with_attempt(taken.claim.delivery.history, taken.made))
