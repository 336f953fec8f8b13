"""What a repeated idempotency key means, decided the same way in every store."""

from dataclasses import dataclass
from enum import StrEnum

from connector.storage.records import BegunState


class Progress(StrEnum):
    """How far the work behind a key is."""

    STARTED = "started"
    FINISHED = "finished"
    UNKNOWN = "unknown"
    REPEATED = "repeated"
    """Begun a second time, after the first outcome stayed unknown."""


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What is kept about a key besides its answer."""

    fingerprint: str
    progress: Progress
    begun_at: float
    expires_at: float

    def meaning(self, fingerprint: str, now: float, budget_seconds: float) -> BegunState:
        """What somebody who begins with this key again must do; STARTED when the record is over."""
        if self.expires_at <= now:
            return BegunState.STARTED
        if self.fingerprint != fingerprint:
            return BegunState.MISMATCH
        if self.progress is Progress.FINISHED:
            return BegunState.REPLAY
        if self.progress is Progress.UNKNOWN or now - self.begun_at > budget_seconds:
            return BegunState.UNKNOWN
        return BegunState.IN_PROGRESS
