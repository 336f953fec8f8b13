"""The store for one machine: one SQLite file, many processes."""

from connector.storage.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
