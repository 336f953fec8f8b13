"""Deletes expired records in small transactions, renews seals, wakes lost deliveries."""

from collections.abc import Mapping
from functools import partial
from typing import Final

from connector.storage.documents import reseal
from connector.storage.event_ids import event_ids_from
from connector.storage.records import LONGEST_WAIT, Retention
from connector.storage.sealing import Sealer
from connector.storage.sqlite.bundles import unbundle_some
from connector.storage.sqlite.connection import Connection
from connector.storage.sqlite.database import Database
from connector.storage.sqlite.lanes import wake_lanes
from connector.storage.sqlite.rows import Row

AT_ONCE: Final = 500

# What is kept by age alone: the statement takes the moment before which it is over, and how many to delete.
BY_AGE: Final = {
    "idempotency": "DELETE FROM idempotency WHERE key IN (SELECT key FROM idempotency WHERE expires_at <= ? LIMIT ?)",
    "payloads": "DELETE FROM payloads WHERE name IN (SELECT name FROM payloads WHERE created_at < ? LIMIT ?)",
    "quarantine": "DELETE FROM quarantine WHERE id IN (SELECT id FROM quarantine WHERE at < ? LIMIT ?)",
    "marks": "DELETE FROM marks WHERE key IN (SELECT key FROM marks WHERE expires_at < ? LIMIT ?)",
    "journal": "DELETE FROM journal WHERE (kind, key) IN (SELECT kind, key FROM journal WHERE expires_at < ? LIMIT ?)",
    "health": "DELETE FROM flow_health WHERE subscription_id IN (SELECT subscription_id FROM flow_health"
    " WHERE max(last_success_at, last_failure_at) < ? LIMIT ?)",
    "subscriptions": "DELETE FROM subscriptions WHERE id IN (SELECT id FROM subscriptions WHERE ended_at < ? LIMIT ?)",
}

# Events (after one id, before another) with no pending delivery, and no dead letter unless that is over as well.
EVENTS_THAT_ARE_OVER: Final = """
    SELECT e.id FROM events e WHERE e.id > ? AND e.id < ? AND NOT EXISTS (
        SELECT 1 FROM deliveries d
        WHERE d.id >= e.id || '.' AND d.id < e.id || '/' AND d.event_id = e.id
          AND (d.state = 'pending' OR d.state = 'dead' AND e.id >= ?)
    ) AND NOT EXISTS (SELECT 1 FROM bundles b WHERE b.event_id = e.id) ORDER BY e.id LIMIT ?
"""

DOCUMENTS: Final = {
    "SELECT id, document FROM subscriptions": "UPDATE subscriptions SET document = ? WHERE id = ? AND document = ?",
    "SELECT id, document FROM registrations": "UPDATE registrations SET document = ? WHERE id = ? AND document = ?",
}


async def expire(database: Database, sealer: Sealer, now: float, retention: Retention) -> Mapping[str, int]:
    """See `Store.expire`."""
    over_before = {
        "idempotency": now,
        "payloads": now - retention.payloads,
        "quarantine": now - retention.quarantine,
        "marks": now,
        "journal": now,
        "health": now - retention.ended_subscriptions,
        "subscriptions": now - retention.ended_subscriptions,
    }
    counts = {kind: await _delete_by_age(database, BY_AGE[kind], before) for kind, before in over_before.items()}
    counts["events"] = await _delete_events(database, now, retention)
    while await database.write(unbundle_some):
        pass
    counts["woken"] = await database.write(partial(_wake_lost, now=now))
    counts["resealed"] = await _reseal(database, sealer)
    return counts


async def _delete_by_age(database: Database, statement: str, before: float) -> int:
    deleted = 0
    while count := await database.write(partial(_change, statement=statement, values=(before, AT_ONCE))):
        deleted += count
    return deleted


async def _delete_events(database: Database, now: float, retention: Retention) -> int:
    last, deleted = "", 0
    before, dead_before = event_ids_from(now - retention.events), event_ids_from(now - retention.dead_letters)

    def work(connection: Connection) -> list[str]:
        over = connection.execute(EVENTS_THAT_ARE_OVER, (last, before, dead_before, AT_ONCE)).fetchall()
        connection.executemany(
            "DELETE FROM deliveries WHERE id >= ?1 || '.' AND id < ?1 || '/' AND event_id = ?1", over
        )
        connection.executemany("DELETE FROM events WHERE id = ?", over)
        return [event_id for (event_id,) in over]

    while over := await database.write(work):
        last, deleted = over[-1], deleted + len(over)
    return deleted


def _wake_lost(connection: Connection, *, now: float) -> int:
    lost = connection.execute(
        "UPDATE deliveries SET due_at = ?, receipt = '' WHERE state = 'pending' AND due_at > ?"
        " RETURNING subscription_id",
        (now, now + LONGEST_WAIT),
    ).fetchall()
    wake_lanes(connection, {subscription_id: now for (subscription_id,) in lost})
    return len(lost)


async def _reseal(database: Database, sealer: Sealer) -> int:
    resealed = 0
    for select, update in DOCUMENTS.items():
        for key, document in await database.read(partial(_rows, select=select)):
            renewed = reseal(document, sealer)
            if renewed is not None:
                resealed += await database.write(partial(_change, statement=update, values=(renewed, key, document)))
    return resealed


def _rows(connection: Connection, *, select: str) -> list[Row]:
    return connection.execute(select).fetchall()


def _change(connection: Connection, *, statement: str, values: Row) -> int:
    return connection.execute(statement, values).rowcount
