"""Counters per site: added up within a transaction and written once, before its COMMIT."""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import fields
from typing import Final

from connector.storage.records import SiteCounters

COUNTED: Final = tuple(spec.name for spec in fields(SiteCounters) if spec.name not in {"site", "lag_seconds"})
ADDITIONS: Final = ", ".join(f"{name} = {name} + ?" for name in COUNTED)
COLUMNS: Final = ", ".join(("site", *COUNTED, "lag_seconds"))
SELECT: Final = f"SELECT {COLUMNS} FROM counters WHERE ? IN ('', site) ORDER BY site"  # noqa: S608 (our own names)


class Counters:
    """What one transaction has counted so far."""

    def __init__(self) -> None:
        self._changes: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._lags: dict[str, float] = {}

    def add(self, site: str, **changes: int) -> None:
        """Count: `add(site, accepted=1)`."""
        self._changes[site].update(changes)

    def note_lag(self, site: str, seconds: float) -> None:
        """Keep how long the latest delivered event had waited."""
        self._lags[site] = max(0.0, seconds)

    def flush(self, connection: sqlite3.Connection) -> None:
        """Add the changes to the table; the last thing before COMMIT."""
        for site, changes in self._changes.items():
            connection.execute("INSERT OR IGNORE INTO counters (site) VALUES (?)", (site,))
            connection.execute(
                f"UPDATE counters SET lag_seconds = coalesce(?, lag_seconds), {ADDITIONS} WHERE site = ?",  # noqa: S608
                (self._lags.get(site), *(changes[name] for name in COUNTED), site),
            )
        self.clear()

    def clear(self) -> None:
        """Drop the changes: the transaction was rolled back."""
        self._changes.clear()
        self._lags.clear()


def read_counters(connection: sqlite3.Connection, site: str) -> Sequence[SiteCounters]:
    """The counters of a site ("" for all), by site."""
    return [SiteCounters(*row) for row in connection.execute(SELECT, (site,))]
