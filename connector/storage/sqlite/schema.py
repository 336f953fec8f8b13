"""The tables of the embedded store, as the steps that led to them; `PRAGMA user_version` counts the steps taken."""

import sqlite3
from typing import Final

from connector.deskdirector.errors import Unavailable

STEPS: Final = (
    """
    CREATE TABLE subscriptions (
        id TEXT PRIMARY KEY, site TEXT NOT NULL, registration_id TEXT NOT NULL, callback_hash TEXT NOT NULL,
        created_at REAL NOT NULL, ended_at REAL, version INTEGER NOT NULL, document TEXT NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX live_callbacks ON subscriptions (callback_hash) WHERE ended_at IS NULL;
    CREATE INDEX subscriptions_of_registration ON subscriptions (registration_id);
    CREATE INDEX subscriptions_of_site ON subscriptions (site);

    CREATE TABLE registrations (
        id TEXT PRIMARY KEY, site TEXT NOT NULL, version INTEGER NOT NULL, document TEXT NOT NULL
    ) STRICT;

    CREATE TABLE events (
        id TEXT PRIMARY KEY, site TEXT NOT NULL, type TEXT NOT NULL, registration_id TEXT NOT NULL,
        occurred_at REAL NOT NULL, received_at REAL NOT NULL, dedupe_key TEXT NOT NULL, payload BLOB NOT NULL
    ) STRICT;
    CREATE INDEX events_of_site ON events (site, id);
    CREATE UNIQUE INDEX one_event_per_key ON events (site, dedupe_key) WHERE dedupe_key <> '';

    -- While a delivery is leased, `receipt` is not '' and `due_at` is the end of the lease.
    CREATE TABLE deliveries (
        id TEXT PRIMARY KEY, event_id TEXT NOT NULL, subscription_id TEXT NOT NULL, site TEXT NOT NULL,
        state TEXT NOT NULL, attempt INTEGER NOT NULL, due_at REAL NOT NULL, receipt TEXT NOT NULL,
        created_at REAL NOT NULL, finished_at REAL, reason TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX due ON deliveries (subscription_id, due_at) WHERE state = 'pending';
    CREATE INDEX leased ON deliveries (subscription_id, due_at) WHERE receipt <> '';
    CREATE INDEX dead ON deliveries (event_id) WHERE state = 'dead';

    -- One row for each destination that has pending deliveries; none of them is due before `next_due`.
    CREATE TABLE lanes (subscription_id TEXT PRIMARY KEY, next_due REAL NOT NULL) STRICT, WITHOUT ROWID;
    CREATE INDEX lanes_by_due ON lanes (next_due);

    CREATE TABLE counters (
        site TEXT PRIMARY KEY, accepted INTEGER NOT NULL DEFAULT 0, duplicates INTEGER NOT NULL DEFAULT 0,
        queued INTEGER NOT NULL DEFAULT 0, delivered INTEGER NOT NULL DEFAULT 0, retried INTEGER NOT NULL DEFAULT 0,
        cancelled INTEGER NOT NULL DEFAULT 0, dead INTEGER NOT NULL DEFAULT 0, lag_seconds REAL NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE idempotency (
        key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, state TEXT NOT NULL, begun_at REAL NOT NULL,
        expires_at REAL NOT NULL, status INTEGER, body BLOB
    ) STRICT;
    CREATE INDEX idempotency_by_expiry ON idempotency (expires_at);

    CREATE TABLE payloads (name TEXT PRIMARY KEY, data BLOB NOT NULL, created_at REAL NOT NULL) STRICT;

    CREATE TABLE set_aside (
        id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, key TEXT NOT NULL, raw TEXT NOT NULL,
        reason TEXT NOT NULL, at REAL NOT NULL
    ) STRICT;
    """,
    "ALTER TABLE set_aside RENAME TO quarantine",
    """
    ALTER TABLE events ADD COLUMN subject TEXT NOT NULL DEFAULT '';
    ALTER TABLE events ADD COLUMN readable INTEGER NOT NULL DEFAULT 1;
    CREATE INDEX events_of_subject ON events (site, subject, id) WHERE subject <> '';

    ALTER TABLE deliveries ADD COLUMN unchecked INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE deliveries ADD COLUMN group_key TEXT NOT NULL DEFAULT '';
    ALTER TABLE deliveries ADD COLUMN pending_since REAL NOT NULL DEFAULT 0;
    UPDATE deliveries SET pending_since = created_at;
    CREATE INDEX ordered ON deliveries (subscription_id, group_key, id) WHERE state = 'pending' AND group_key <> '';
    CREATE INDEX deliveries_of_subscription ON deliveries (subscription_id, event_id);

    CREATE TABLE marks (key TEXT PRIMARY KEY, expires_at REAL NOT NULL) STRICT, WITHOUT ROWID;

    CREATE TABLE flow_health (
        subscription_id TEXT PRIMARY KEY, last_success_at REAL NOT NULL, last_failure_at REAL NOT NULL,
        failing_since REAL NOT NULL, reason TEXT NOT NULL, rate REAL NOT NULL
    ) STRICT, WITHOUT ROWID;
    """,
    "ALTER TABLE flow_health ADD COLUMN missing_since REAL NOT NULL DEFAULT 0",
    """
    DROP INDEX live_callbacks;
    CREATE UNIQUE INDEX live_callbacks ON subscriptions (callback_hash, site) WHERE ended_at IS NULL
    """,
    """
    ALTER TABLE events ADD COLUMN summary TEXT NOT NULL DEFAULT '';
    ALTER TABLE events ADD COLUMN verdicts TEXT NOT NULL DEFAULT '';
    ALTER TABLE deliveries ADD COLUMN history TEXT NOT NULL DEFAULT '';

    CREATE TABLE journal (
        kind TEXT NOT NULL, key TEXT NOT NULL, document TEXT NOT NULL, version INTEGER NOT NULL,
        expires_at REAL NOT NULL, PRIMARY KEY (kind, key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX journal_by_expiry ON journal (expires_at);
    """,
    """
    -- Deliveries that have no row: of one event, leased together or due; `waiting` of them have not ended.
    CREATE TABLE bundles (
        event_id TEXT NOT NULL, receipt TEXT NOT NULL, site TEXT NOT NULL, flows TEXT NOT NULL,
        waiting INTEGER NOT NULL, due_at REAL NOT NULL, created_at REAL NOT NULL, PRIMARY KEY (event_id, receipt)
    ) STRICT, WITHOUT ROWID
    """,
)


def migrate(connection: sqlite3.Connection) -> None:
    """Take the steps that are missing, each in a transaction; several processes may do so at once."""
    while (version := _version(connection)) < len(STEPS):
        connection.execute("BEGIN IMMEDIATE")
        try:
            if _version(connection) == version:  # no other process has migrated it
                for statement in STEPS[version].split(";\n"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {version + 1}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
    if version > len(STEPS):
        raise Unavailable(
            "StorageTooNew",
            f"The store in use was made by a newer version (schema {version}, known {len(STEPS)}); update this app.",
            retry_after=300,
        )


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
