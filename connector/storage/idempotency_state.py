"""Idempotency keys: what beginning with one means, decided the same way in every store."""

from dataclasses import dataclass, field
from enum import StrEnum


class BegunState(StrEnum):
    """What the caller of `Idempotency.begin` must do."""

    STARTED = "started"  # you are the first: do the work, then finish, forget or mark_unknown
    REPLAY = "replay"  # it was done: give `answer` again
    IN_PROGRESS = "in_progress"  # another is at it: wait or answer 409
    MISMATCH = "mismatch"  # the key was used with another request: answer 422
    UNKNOWN = "unknown"  # the outcome is unknown: answer 424


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """The answer of an operation, as it was first given."""

    status: int
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Begun:
    """The outcome of `Idempotency.begin`; `answer` is there for REPLAY only.

    `begun_at` is when the key was first begun; `is_repeated` says that the work was begun a second time since.
    """

    state: BegunState
    answer: StoredAnswer | None = None
    begun_at: float = 0.0
    is_repeated: bool = False


class Progress(StrEnum):
    """How far the work behind a key is."""

    STARTED = "started"
    FINISHED = "finished"
    UNKNOWN = "unknown"
    REPEATED = "repeated"
    """Begun a second time, after the first outcome stayed unknown."""


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """The record of a key, without its answer."""

    fingerprint: str
    progress: Progress
    begun_at: float
    expires_at: float

    def meaning(self, fingerprint: str, now: float, budget_seconds: float) -> BegunState:
        """What a repeat of this key must do; STARTED when the record has expired."""
        if self.expires_at <= now:
            return BegunState.STARTED
        if self.fingerprint != fingerprint:
            return BegunState.MISMATCH
        if self.progress is Progress.FINISHED:
            return BegunState.REPLAY
        if self.progress is Progress.UNKNOWN or now - self.begun_at > budget_seconds:
            return BegunState.UNKNOWN
        return BegunState.IN_PROGRESS
