"""The explanation kept with an event and its deliveries: a summary, verdicts, the newest attempts.

Each is one short JSON text inside the record that it belongs to, so that it costs no write of its own. Records of
earlier versions have none of them; a text that cannot be read counts as none.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, TypeVar

KEPT_ATTEMPTS: Final = 8
KEPT_VERDICTS: Final = 50
LONGEST_TITLE: Final = 200
LONGEST_REASON: Final = 160
LONGEST_EXCERPT: Final = 300

Value = TypeVar("Value")

_written = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False).encode
"""Made once: `json.dumps` with options makes an encoder for every call."""


class AttemptKind(StrEnum):
    """How an attempt ended."""

    ANSWER = "answer"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    """By our own check of the address, so nothing was sent."""


@dataclass(frozen=True, slots=True)
class AttemptMade:
    """One attempt: its start, outcome and duration; `excerpt` is the begin of a text answer."""

    at: float
    kind: AttemptKind
    status: int = 0
    ms: int = 0
    excerpt: str = ""


class Wanted(StrEnum):
    """Whether a flow wants an event."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    """It could not be judged when the event came; it is judged again before the delivery."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a waiting flow gets an event or does not; `condition` is the name of the one that decided."""

    subscription_id: str
    wanted: Wanted
    condition: str = ""
    because: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """An event in a line. `waiting` flows were judged at `judged_at`, `wanted` of them want it or may want it.

    `judged_at` is 0 for events of earlier versions.
    """

    kind: str = ""
    title: str = ""
    judged_at: float = 0.0
    waiting: int = 0
    wanted: int = 0
    is_test: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """The deliveries of one event: how many in which state, the most attempts at a flow, the slowest last attempt.

    `failing` are those of the pending ones that have failed at least once.
    """

    pending: int = 0
    failing: int = 0
    delivered: int = 0
    cancelled: int = 0
    dead: int = 0
    attempts: int = 0
    ms: int = 0


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """A small JSON document of the operator's side; `version` belongs to the store: as read, "" when new."""

    kind: str
    key: str
    document: str
    expires_at: float
    version: str = field(default="", compare=False)


NO_TALLY: Final = Tally()
NO_SUMMARY: Final = Summary()


def with_attempt(attempts: Sequence[AttemptMade], made: AttemptMade | None) -> tuple[AttemptMade, ...]:
    """The newest attempts, with one more."""
    return (*attempts, made)[-KEPT_ATTEMPTS:] if made else tuple(attempts)


def write_attempts(attempts: Sequence[AttemptMade]) -> str:
    """As they are stored; the duration stands at index 3, where the stores look for it."""
    rows = [
        [round(attempt.at, 3), attempt.kind.value, attempt.status, attempt.ms, attempt.excerpt] for attempt in attempts
    ]
    return _written(rows) if rows else ""


def read_attempts(text: str) -> tuple[AttemptMade, ...]:
    """What `write_attempts` wrote."""
    return _read(text, (), lambda rows: tuple(AttemptMade(row[0], AttemptKind(row[1]), *row[2:5]) for row in rows))


def write_verdicts(verdicts: Sequence[Verdict]) -> str:
    """As they are stored, at most `KEPT_VERDICTS`."""
    rows = [
        [verdict.subscription_id, verdict.wanted.value, verdict.condition, verdict.because]
        for verdict in verdicts[:KEPT_VERDICTS]
    ]
    return _written(rows) if rows else ""


def read_verdicts(text: str) -> tuple[Verdict, ...]:
    """What `write_verdicts` wrote."""
    return _read(text, (), lambda rows: tuple(Verdict(row[0], Wanted(row[1]), *row[2:4]) for row in rows))


def write_summary(summary: Summary) -> str:
    """As it is stored."""
    if summary is NO_SUMMARY:
        return ""
    numbers = [round(summary.judged_at, 3), summary.waiting, summary.wanted, int(summary.is_test)]
    return _written([summary.kind, summary.title, *numbers])


def read_summary(text: str) -> Summary:
    """What `write_summary` wrote."""
    return _read(text, NO_SUMMARY, lambda row: Summary(*[*row[:5], bool(row[5])]))


def last_ms(text: str) -> int:
    """How long the last of stored attempts took."""
    attempts = read_attempts(text)
    return attempts[-1].ms if attempts else 0


def _read(text: str, nothing: Value, build: Callable[[Any], Value]) -> Value:
    if not text:
        return nothing
    try:
        return build(json.loads(text))
    except (ValueError, TypeError, IndexError, KeyError):
        return nothing
