"""Counts by minute for a day: what came in, what flows took, how late, and how each flow answers.

They are added up in memory and written to the journal every few seconds, an entry a minute and process, so that no
event costs a write of its own. A process that is killed loses its last seconds; nothing but these numbers depends on
them. Durations are kept as counts by power of the square root of two, from which a percentile is read to a fifth.
"""

import json
import math
import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from connector.deskdirector.errors import ConnectorError
from connector.storage.history import JournalEntry
from connector.storage.protocol import Journal

KIND: Final = "minutes"
KEPT_SECONDS: Final = 25 * 3600.0
MOST_FLOWS: Final = 500
"""Flows that are counted apart in one minute."""
MOST_REGISTRATIONS: Final = 2000
"""The same of registrations."""
MOST_ENTRIES: Final = 100_000
COUNTED: Final = ("accepted", "delivered", "failed", "dead")


@dataclass(slots=True)
class Counts:
    """Of one site or flow in one minute; `times` are lags of a site, durations of a flow, by step."""

    numbers: Counter[str] = field(default_factory=Counter)
    times: Counter[int] = field(default_factory=Counter)

    def add(self, other: "Counts") -> None:
        """Add up."""
        self.numbers.update(other.numbers)
        self.times.update(other.times)

    def percentile(self, share: float) -> int | None:
        """The time in milliseconds that this share of all is at most; None when there are none."""
        left = share * self.times.total()
        for step in sorted(self.times):
            left -= self.times[step]
            if left <= 0:
                return round(2 ** ((step + 0.5) / 2) - 1)
        return None


@dataclass(slots=True)
class Minute:
    """What one process counted in one minute."""

    sites: defaultdict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    flows: dict[str, Counts] = field(default_factory=dict)
    arrived: dict[str, float] = field(default_factory=dict)
    """When the newest event of a registration came."""

    def flow(self, name: str) -> Counts:
        """The counts of a flow; those beyond the limit share one that is not shown."""
        return self.flows.setdefault(name if name in self.flows or len(self.flows) < MOST_FLOWS else "", Counts())

    def document(self) -> str:
        """As it is kept."""
        arrived = {name: round(at, 3) for name, at in self.arrived.items()}
        content = {"sites": _written(self.sites), "flows": _written(self.flows), "arrived": arrived}
        return json.dumps(content, separators=(",", ":"))

    def arrive(self, registration_id: str, at: float) -> None:
        """Note the time of an event; of registrations beyond the limit it is not known."""
        if registration_id in self.arrived or len(self.arrived) < MOST_REGISTRATIONS:
            self.arrived[registration_id] = max(at, self.arrived.get(registration_id, 0.0))


class Series:
    """Counts of one process."""

    def __init__(self) -> None:
        self._process = secrets.token_hex(4)
        self._minutes: dict[int, Minute] = {}
        self._changed: set[int] = set()

    def accepted(self, now: float, site: str, count: int, registration_id: str = "") -> None:
        """Events were stored."""
        if count:
            minute = self._minute(now)
            minute.sites[site].numbers["accepted"] += count
            if registration_id:
                minute.arrive(registration_id, now)

    def delivered(self, now: float, site: str, flow: str, *, lag: float | None, seconds: float) -> None:
        """A flow took an event, `lag` seconds after its receipt (None: it was asked for late); it took `seconds`."""
        minute = self._minute(now)
        for counts, time in ((minute.sites[site], lag), (minute.flow(flow), seconds)):
            counts.numbers["delivered"] += 1
            if time is not None:
                counts.times[step_of(time)] += 1

    def failed(self, now: float, site: str, flow: str, *, seconds: float, is_dead: bool) -> None:
        """An attempt failed; `is_dead`: it was the last."""
        minute = self._minute(now)
        minute.flow(flow).times[step_of(seconds)] += 1
        for counts in (minute.sites[site], minute.flow(flow)):
            counts.numbers["failed"] += 1
            counts.numbers["dead"] += is_dead

    async def save(self, journal: Journal, now: float) -> None:
        """Write the new counts; minutes that are over are forgotten here."""
        present = _number(now)
        for number in sorted(self._changed):
            self._changed.discard(number)
            minute = self._minutes[number]
            entry = JournalEntry(KIND, f"{number:08d}-{self._process}", minute.document(), now + KEPT_SECONDS)
            try:
                await journal.put(entry)
            except ConnectorError:
                self._changed.add(number)
                raise
        for number in [minute for minute in self._minutes if minute < present and minute not in self._changed]:
            del self._minutes[number]

    def _minute(self, now: float) -> Minute:
        number = _number(now)
        self._changed.add(number)
        return self._minutes.setdefault(number, Minute())


async def read_minutes(journal: Journal, now: float, minutes: int) -> Mapping[int, Minute]:
    """The last minutes of all processes, by number; those in which nothing happened are left out."""
    first = _number(now) - minutes + 1
    found: dict[int, Minute] = {}
    for entry in await journal.list(KIND, first=f"{first:08d}", take=MOST_ENTRIES):
        minute, content = found.setdefault(int(entry.key[:8]), Minute()), json.loads(entry.document)
        for site, counts in content["sites"].items():
            minute.sites[site].add(_read(counts))
        for flow, counts in content["flows"].items():
            minute.flows.setdefault(flow, Counts()).add(_read(counts))
        for registration_id, at in content.get("arrived", {}).items():
            minute.arrived[registration_id] = max(at, minute.arrived.get(registration_id, 0.0))
    return found


async def show_series(journal: Journal, now: float, minutes: int, site: str = "") -> dict[str, Any]:
    """Arrays of one number a minute, oldest first."""
    found = await read_minutes(journal, now, minutes)
    first = _number(now) - minutes + 1
    points = [_of_site(found.get(first + number), site) for number in range(minutes)]
    shown: dict[str, Any] = {name: [point.numbers[name] for point in points] for name in COUNTED}
    shown |= {"lagP50Ms": [point.percentile(0.5) for point in points]}
    shown |= {"lagP95Ms": [point.percentile(0.95) for point in points]}
    return {"stepSeconds": 60, "startsAt": first * 60.0, "points": minutes, **shown}


async def flows_of_the_hour(journal: Journal, now: float) -> Mapping[str, Counts]:
    """How each flow answered within the last hour."""
    found: dict[str, Counts] = {}
    for minute in (await read_minutes(journal, now, 60)).values():
        for name, counts in minute.flows.items():
            found.setdefault(name, Counts()).add(counts)
    return found


def step_of(seconds: float) -> int:
    """The step that a time is counted in."""
    return int(2 * math.log2(max(0.0, seconds) * 1000 + 1))


def _of_site(minute: Minute | None, site: str) -> Counts:
    total = Counts()
    for name, counts in minute.sites.items() if minute else ():
        if site in ("", name):
            total.add(counts)
    return total


def _number(now: float) -> int:
    return int(now // 60)


def _written(counts: Mapping[str, Counts]) -> dict[str, list[Any]]:
    return {
        name: [*(each.numbers[number] for number in COUNTED), dict(each.times)] for name, each in counts.items() if name
    }


def _read(row: Sequence[Any]) -> Counts:
    times: Iterable[tuple[str, int]] = row[len(COUNTED)].items()
    return Counts(Counter(dict(zip(COUNTED, row, strict=False))), Counter({int(step): count for step, count in times}))
