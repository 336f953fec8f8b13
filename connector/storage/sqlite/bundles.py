"""Bundles: deliveries of one event that have no row of their own yet.

Most deliveries are made at once and only once. So an event is stored with one row for all of its deliveries, a bundle,
whatever the number of flows; a delivery gets its row when it ends, or when there is more to note about it. A bundle is
leased like a delivery: with a receipt it is in hand until `due_at`; without one it is due.

Giving every delivery of a bundle its row (unbundling) is right at any time: rows keep the receipt and the lease. Those
of many bundles are inserted by flow, so that neighbours in the indexes are written together.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Final, NamedTuple, TypeAlias

from connector.storage.records import Claim, delivery_id
from connector.storage.sqlite.connection import Connection
from connector.storage.sqlite.lanes import first_due, wake_lanes
from connector.storage.sqlite.rows import INTO_DELIVERIES, DeliveryRow, insert_rows

BundleKey: TypeAlias = tuple[str, str]
"""The event and the receipt."""

UNBUNDLED_AT_ONCE: Final = 2_000
"""Deliveries that get their rows in one transaction, or some more: it takes about 50 milliseconds."""

INTO_BUNDLES: Final = "INSERT INTO bundles (event_id, receipt, site, flows, waiting, due_at, created_at)"
BUNDLED: Final = "SELECT event_id, receipt, waiting FROM bundles WHERE (event_id, receipt) IN (VALUES {keys})"
SHRINK: Final = "UPDATE bundles SET waiting = ? WHERE event_id = ? AND receipt = ?"
REMOVE: Final = "DELETE FROM bundles WHERE event_id = ? AND receipt = ?"
MATCHING: Final = (
    "SELECT event_id, receipt, site, flows, due_at, created_at FROM bundles WHERE {where} ORDER BY event_id, receipt"
)
IN_HAND: Final = "SELECT event_id, flows FROM bundles WHERE receipt <> '' AND due_at > ?"


class Bundle(NamedTuple):
    """Deliveries of one event to these flows."""

    event_id: str
    receipt: str
    site: str
    flows: Sequence[str]
    due_at: float
    created_at: float


def insert_bundles(connection: Connection, bundles: Sequence[Bundle]) -> None:
    """Store new bundles; that something is due in them is for the caller to note."""
    rows = [(*each[:3], json.dumps(each.flows), len(each.flows), *each[4:]) for each in bundles]
    insert_rows(connection, INTO_BUNDLES, rows)


def has_bundles(connection: Connection) -> bool:
    """Whether any delivery has no row."""
    return connection.execute("SELECT 1 FROM bundles LIMIT 1").fetchone() is not None


def unbundle_some(connection: Connection) -> bool:
    """Give many deliveries their rows; whether there are more without."""
    return _unbundle(connection, "TRUE")


def unbundle_due(connection: Connection, now: float) -> bool:
    """Give deliveries that are due, or whose lease has ended, their rows; whether there are more."""
    return _unbundle(connection, "due_at <= ?", now)


def unbundle_event(connection: Connection, event_id: str) -> None:
    """Give the deliveries of this event their rows."""
    _unbundle(connection, "event_id = ?", event_id)


def unbundle_delivery(connection: Connection, id_: str) -> None:
    """Give this delivery its row, and the others of its event."""
    _unbundle(connection, "substr(?, 1, length(event_id) + 1) = event_id || '.'", id_)


def unbundle_claim(connection: Connection, claim: Claim) -> None:
    """Give a delivery that was handed out its row, and those that were handed out with it."""
    _unbundle(connection, "event_id = ? AND receipt = ?", *bundle_of(claim))


def leases_in_bundles(connection: Connection, flow: str, now: float) -> int:
    """How many deliveries to a flow are leased and have no row."""
    in_hand = connection.execute(IN_HAND, (now,)).fetchall()
    ids = [delivery_id(event_id, flow) for event_id, flows in in_hand if flow in json.loads(flows)]
    ended = [id_ for id_ in ids if connection.execute("SELECT 1 FROM deliveries WHERE id = ?", (id_,)).fetchone()]
    return len(ids) - len(ended)


def bundle_of(claim: Claim) -> BundleKey:
    """The bundle that a claim is from, if it is from one."""
    return claim.event.id, claim.receipt


def bundled(connection: Connection, claims: Sequence[Claim]) -> dict[BundleKey, int]:
    """Of the bundles that claims are from, those that are there, and how many deliveries of each have not ended."""
    keys = list(dict.fromkeys(map(bundle_of, claims)))
    found = connection.execute(
        BUNDLED.format(keys=", ".join(["(?, ?)"] * len(keys))), [value for key in keys for value in key]
    )
    return {(event_id, receipt): waiting for event_id, receipt, waiting in found}


def take_out(connection: Connection, waiting: Mapping[BundleKey, int], ended: Counter[BundleKey]) -> None:
    """Note that so many deliveries of these bundles have ended and have rows; a bundle goes with its last one."""
    left = {key: waiting[key] - count for key, count in ended.items()}
    connection.executemany(SHRINK, [(count, *key) for key, count in left.items() if count])
    connection.executemany(REMOVE, [key for key, count in left.items() if not count])


def _unbundle(connection: Connection, where: str, *values: str | float) -> bool:
    """Of the bundles that match, the oldest ones; whether there are more."""
    bundles, rows, is_cut = list[BundleKey](), list[DeliveryRow](), False
    for event_id, receipt, site, flows, due_at, created_at in connection.execute(MATCHING.format(where=where), values):
        if len(rows) >= UNBUNDLED_AT_ONCE:
            is_cut = True
            break
        bundles.append((event_id, receipt))
        rows += [
            DeliveryRow(delivery_id(event_id, flow), event_id, flow, site, due_at, receipt, created_at, created_at)
            for flow in json.loads(flows)
        ]
    rows.sort(key=attrgetter("subscription_id"))
    insert_rows(connection, INTO_DELIVERIES, rows, "ON CONFLICT DO NOTHING")  # those that have ended have theirs
    connection.executemany(REMOVE, bundles)
    wake_lanes(connection, first_due((row.subscription_id, row.due_at) for row in rows))
    return is_cut
