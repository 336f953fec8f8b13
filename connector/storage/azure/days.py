"""A table for each day (UTC), so that a day is over by deleting its table; and the rest, which has no such day.

The rest holds rows of version 1.0, events that came long after or before their day, and rows that outlive their day.
"""

import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from connector.storage.azure.database import Table, table_names
from connector.storage.azure.rest import Rest

DAY: Final = 86_400.0
NEAR_DAYS: Final = 1
"""Something of a day may be written to its table until the end of the next; later, it goes to the rest."""
KEPT_DAYS: Final = 2
"""A day's table is not deleted before this many days have passed since its end."""
KNOWN_TABLES: Final = 64


class Days:
    """The tables whose names begin with `name`."""

    def __init__(self, rest: Rest, name: str) -> None:
        self._rest = rest
        self._name = name
        self.rest = Table(rest, name)
        self._tables: dict[str, Table] = {}

    def table(self, moment: float) -> Table:
        """That of the day of this moment, whether it exists or not."""
        return self._of(day_of(moment))

    async def existing(self) -> list[tuple[float, Table]]:
        """The beginning of each day that has a table, with its table; the newest first."""
        names = sorted(await table_names(self._rest, self._name), reverse=True)
        days = [name.removeprefix(self._name) for name in names]
        return [(_began(day), self._of(day)) for day in days if len(day) == len("20261130") and day.isdigit()]

    async def over(self, before: float) -> list[tuple[float, Table]]:
        """The days that ended before (and are not too near to now), the oldest first."""
        limit = min(before, time.time() - KEPT_DAYS * DAY)
        return [(began, table) for began, table in reversed(await self.existing()) if began + DAY <= limit]

    def _of(self, day: str) -> Table:
        table = self._tables.get(day)
        if table is None:
            if len(self._tables) >= KNOWN_TABLES:
                self._tables.clear()
            table = self._tables[day] = Table(self._rest, self._name + day)
        return table


def is_near(moment: float) -> bool:
    """Whether the day of this moment is yesterday, today or tomorrow, so that its table is still written to."""
    return abs(int(moment // DAY) - int(time.time() // DAY)) <= NEAR_DAYS


def day_of(moment: float) -> str:
    """The day as it stands in the names of tables."""
    return _name(int(moment // DAY))


@lru_cache(KNOWN_TABLES)
def _name(day: int) -> str:
    return datetime.fromtimestamp(day * DAY, UTC).strftime("%Y%m%d")


def _began(day: str) -> float:
    return datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC).timestamp()
