"""Leasing due deliveries, fairly among destinations, at a cost that does not grow with the backlog.

`lanes` has a row for each destination with pending deliveries and a lower bound of when the first is due. A claim
walks the lanes that may be due, oldest first, and takes a few deliveries of each by index: a destination with
200,000 pending costs as much as one with two. A lease is a due time in the future with a receipt beside it, so that
a lost lease needs no cleaning up.
"""

import json
import secrets
from collections.abc import Mapping
from typing import Final

from connector.storage.records import Claim
from connector.storage.sqlite.bundles import leases_in_bundles, unbundle_delivery, unbundle_due
from connector.storage.sqlite.connection import Connection
from connector.storage.sqlite.lanes import settle_lane, wake_lanes
from connector.storage.sqlite.quarantine import quarantine
from connector.storage.sqlite.rows import (
    EVENT_WIDTH,
    SELECT_DELIVERIES_WITH_EVENTS,
    Row,
    in_lots,
    read_delivery,
    read_event,
)

IS_FIRST_OF_GROUP: Final = (
    "(d.group_key = '' OR NOT EXISTS (SELECT 1 FROM deliveries p WHERE p.subscription_id = d.subscription_id"
    " AND p.group_key = d.group_key AND p.group_key <> '' AND p.state = 'pending' AND p.id < d.id))"
)
"""No event of the same group (ticket) waits before it; event ids sort by receipt."""
DUE_OF_LANE: Final = (
    f"{SELECT_DELIVERIES_WITH_EVENTS} WHERE d.subscription_id = ? AND d.state = 'pending' AND d.due_at <= ?"
    f" AND {IS_FIRST_OF_GROUP} ORDER BY d.due_at LIMIT ?"
)
LEASES_OF_LANE: Final = "SELECT count(*) FROM deliveries WHERE subscription_id = ? AND receipt <> '' AND due_at > ?"


def claim_due(
    connection: Connection,
    now: float,
    limit: int,
    lease_seconds: float,
    per_destination: int,
    exclude: Mapping[str, float],
    limits: Mapping[str, int],
) -> tuple[list[Claim], bool]:
    """See `Outbox.claim_due`; and whether more is due than could be looked at."""
    is_cut = unbundle_due(connection, now)
    rows: list[Row] = []
    visited: list[str] = []
    lanes = connection.execute("SELECT subscription_id FROM lanes WHERE next_due <= ? ORDER BY next_due", (now,))
    for (lane,) in lanes:
        if len(rows) >= limit:
            break
        if exclude.get(lane, 0.0) > now:
            continue
        free = limits.get(lane, -1)
        if free < 0:
            (leases,) = connection.execute(LEASES_OF_LANE, (lane, now)).fetchone()
            free = per_destination - leases - leases_in_bundles(connection, lane, now)
        if free > 0:
            free = min(free, limit - len(rows))
            rows.extend(connection.execute(DUE_OF_LANE, (lane, now, free)))
            visited.append(lane)
    claims = _lease(connection, rows, now, lease_seconds)
    for lane in () if is_cut else visited:  # of one that has more in bundles, the first is due
        settle_lane(connection, lane)
    return claims, is_cut


def claim_one(connection: Connection, delivery_id: str, now: float, lease_seconds: float, receipt: str) -> Claim | None:
    """See `Outbox.claim`."""
    unbundle_delivery(connection, delivery_id)
    if receipt:
        row = connection.execute(
            f"{SELECT_DELIVERIES_WITH_EVENTS} WHERE d.id = ? AND d.receipt = ?", (delivery_id, receipt)
        ).fetchone()
        return _claim(row, receipt) if row and _has_event(row) else None
    due = connection.execute(
        f"{SELECT_DELIVERIES_WITH_EVENTS} WHERE d.id = ? AND d.state = 'pending' AND d.due_at <= ?"
        f" AND {IS_FIRST_OF_GROUP}",
        (delivery_id, now),
    ).fetchall()
    claims = _lease(connection, due, now, lease_seconds)
    return claims[0] if claims else None


def wake(connection: Connection, subscription_id: str, now: float, since: float) -> int:
    """See `Outbox.wake`."""
    woken = connection.execute(
        "UPDATE deliveries SET due_at = min(?, pending_since)"
        " WHERE subscription_id = ? AND state = 'pending' AND receipt = '' AND due_at > ? AND pending_since >= ?",
        (now, subscription_id, now, since),
    ).rowcount
    if woken:
        wake_lanes(connection, {subscription_id: now})
    return woken


def _lease(connection: Connection, rows: list[Row], now: float, lease_seconds: float) -> list[Claim]:
    receipt = secrets.token_hex(8)
    claims = []
    for row in rows:
        if _has_event(row):
            claims.append(_claim(row, receipt))
        else:
            _quarantine_orphan(connection, row, now)
    for lot in in_lots(claims):
        connection.execute(
            f"UPDATE deliveries SET receipt = ?, due_at = ? WHERE id IN ({', '.join('?' * len(lot))})",  # noqa: S608
            (receipt, now + lease_seconds, *(claim.delivery.id for claim in lot)),
        )
    return claims


def _claim(row: Row, receipt: str) -> Claim:
    return Claim(read_delivery(row[EVENT_WIDTH:]), read_event(row[:EVENT_WIDTH]), receipt)


def _has_event(row: Row) -> bool:
    return row[0] is not None


def _quarantine_orphan(connection: Connection, row: Row, now: float) -> None:
    delivery = read_delivery(row[EVENT_WIDTH:])
    quarantine(connection, "delivery", delivery.id, json.dumps(row[EVENT_WIDTH:]), "its event is missing", now)
    connection.execute("DELETE FROM deliveries WHERE id = ?", (delivery.id,))
    connection.counters.add(delivery.site, cancelled=1)
