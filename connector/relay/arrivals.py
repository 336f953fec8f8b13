"""When the newest event of each registration came, and how long it is usually silent.

It is read out of the counts by minute, so no event costs a write: every five minutes the upkeep adds the minutes that
are over to a few short documents, and a read in between adds the newest minutes in memory.

Whether a registration is silent is judged by minutes, not by events: a person who changes 500 tickets at once makes
one lively minute, not 500 reasons for an alarm.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, replace
from typing import Final

from connector.relay.relay import Relay
from connector.relay.series import Minute, read_minutes
from connector.storage.history import JournalEntry
from connector.storage.records import Registration, StaleRecord, digest

KIND: Final = "arrivals"
SHARDS: Final = 16
"""Documents that all registrations are spread over: 30,000 of them make 150 KB each."""
KEPT_SECONDS: Final = 365 * 86_400.0
OVER_AFTER: Final = 2
"""A minute is over when this many have begun since: every busy process has written its counts by then."""
READ_AGAIN: Final = 60
"""This many minutes before are read once more, for a process that wrote its last counts late."""
MOST_MINUTES: Final = 24 * 60
FADES_BY_HALF: Final = 4 * 7 * 86_400.0
"""What was usual counts half after four weeks."""
WATCHED_SECONDS: Final = 7 * 86_400.0
"""Nights and weekends have been seen after a week; until then nobody knows what is usual."""
MISSED: Final = 10.0
"""Events that should have come. Even when they come by chance, none of ten is one case in 20,000."""
LONGER: Final = 2.0
"""How much longer than ever before is a reason."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Of one registration; times in seconds, and minutes in which something came. All of them fade but the times."""

    watched_since: float = 0.0
    last_at: float = 0.0
    """When its newest event came; 0 when none has."""
    longest_gap: float = 0.0
    own: float = 0.0
    """Minutes in which it had an event."""
    site: float = 0.0
    """Minutes in which its site had any."""
    since: float = 0.0
    """Those of the site's minutes that came after its newest event."""


async def arrivals(relay: Relay) -> Mapping[str, Arrivals]:
    """Of every registration, up to now."""
    now = relay.clock()
    registrations = await relay.store.registrations.list()
    documents = await _documents(relay)
    minutes = await _minutes(relay, documents.values(), now)
    found: dict[str, Arrivals] = {}
    for shard in range(SHARDS):
        mine = [registration for registration in registrations if _shard(registration.id) == shard]
        found |= _added(_read(documents.get(shard)), mine, minutes, int(now // 60), now)[1]
    return found


async def keep_arrivals(relay: Relay) -> None:
    """Add the minutes that are over; safe to run in several processes."""
    now = relay.clock()
    over = int(now // 60) - OVER_AFTER
    registrations = await relay.store.registrations.list()
    documents = await _documents(relay)
    minutes = await _minutes(relay, documents.values(), now)
    for shard in range(SHARDS):
        mine = [registration for registration in registrations if _shard(registration.id) == shard]
        before = documents.get(shard)
        if not mine and before is None:
            continue
        document = _written(*_added(_read(before), mine, minutes, over, now))
        entry = JournalEntry(KIND, f"{shard:02d}", document, now + KEPT_SECONDS, before.version if before else "")
        try:
            await relay.store.journal.save(entry)
        except StaleRecord:
            continue  # another process has just done so


def why_silent(known: Arrivals, now: float, quiet_minutes: int) -> str:
    """Why its silence is a reason for an alarm, as the end of a sentence; "" when it is none."""
    silent = now - known.last_at
    if not (quiet_minutes and known.last_at and known.own >= MISSED and silent >= quiet_minutes * 60):
        return ""
    missed = known.since * known.own / max(known.own, known.site - known.since)
    if missed >= MISSED:
        return (
            f"although its site is active: others came in {known.since:.0f} minutes since then, "
            f"in {missed:.0f} of which it should have come too"
        )
    usual = max(known.longest_gap, quiet_minutes * 60.0)
    if now - known.watched_since >= WATCHED_SECONDS and silent >= LONGER * usual:
        return f"and it is not usually silent for more than {lasting(usual)}"
    return ""


def lasting(seconds: float) -> str:
    """A duration in words: minutes up to two hours, then hours, then days."""
    for limit, unit, size in ((7200.0, "minutes", 60.0), (172_800.0, "hours", 3600.0)):
        if seconds < limit:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86_400:.0f} days"


Kept = tuple[int, dict[str, Arrivals]]
"""The last minute that was counted, and the state by then."""


def _added(
    kept: Kept, registrations: Iterable[Registration], minutes: Mapping[int, Minute], last: int, now: float
) -> Kept:
    """What is known of these registrations with the minutes up to `last`; of others, nothing is kept."""
    done, known = kept
    fade = 0.5 ** (max(0, last - done) * 60 / FADES_BY_HALF) if done else 1.0
    numbers = sorted(number for number in minutes if number <= last)
    found = {}
    for registration in registrations:
        arrivals = known.get(registration.id) or Arrivals(watched_since=now)
        for number in numbers:
            arrivals = _with_minute(arrivals, registration, minutes[number], is_new=number > done)
        found[registration.id] = _faded(arrivals, fade)
    return max(done, last), found


def _with_minute(arrivals: Arrivals, registration: Registration, minute: Minute, *, is_new: bool) -> Arrivals:
    """With one minute; its events count when it `is_new`, and may come late in any case."""
    came = minute.arrived.get(registration.id, 0.0)
    is_site_active = registration.site in minute.sites and minute.sites[registration.site].numbers["accepted"] > 0
    if is_new and (came or is_site_active):
        since = 0.0 if came else arrivals.since + 1
        arrivals = replace(arrivals, own=arrivals.own + bool(came), site=arrivals.site + 1, since=since)
    if came > arrivals.last_at:
        gap = came - arrivals.last_at if arrivals.last_at else 0.0
        arrivals = replace(arrivals, last_at=came, longest_gap=max(arrivals.longest_gap, gap))
    return arrivals


def _faded(arrivals: Arrivals, fade: float) -> Arrivals:
    """With older counts weighing less."""
    return replace(
        arrivals,
        longest_gap=arrivals.longest_gap * fade,
        own=arrivals.own * fade,
        site=arrivals.site * fade,
        since=arrivals.since * fade,
    )


async def _documents(relay: Relay) -> dict[int, JournalEntry]:
    return {int(entry.key): entry for entry in await relay.store.journal.list(KIND)}


async def _minutes(relay: Relay, documents: Iterable[JournalEntry], now: float) -> Mapping[int, Minute]:
    """The counts since the oldest of these, and a while before."""
    await relay.series.save(relay.store.journal, now)
    present = int(now // 60)
    done = min((_read(entry)[0] for entry in documents), default=0)
    return await read_minutes(relay.store.journal, now, min(MOST_MINUTES, present - done + 1 + READ_AGAIN))


def _shard(registration_id: str) -> int:
    return int(digest(registration_id)[:2], 16) % SHARDS


def _written(done: int, known: Mapping[str, Arrivals]) -> str:
    rows = {name: [round(number, 3) for number in astuple(each)] for name, each in known.items()}
    return json.dumps({"until": done, "registrations": rows}, separators=(",", ":"))


def _read(entry: JournalEntry | None) -> Kept:
    if entry is None:
        return 0, {}
    content = json.loads(entry.document)
    return int(content["until"]), {name: Arrivals(*row) for name, row in content["registrations"].items()}
