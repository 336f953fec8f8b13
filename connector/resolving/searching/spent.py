"""What an answer has cost so far, and why it may not be the whole truth."""

from dataclasses import dataclass, field

from connector.deskdirector.models import Entity

MOST_CALLS = 15
"""Calls that one search spends on reading records (names and schemas are looked up besides, and remembered)."""


@dataclass(slots=True)
class Spent:
    """Calls and records so far; `reasons` are sentences that say why the answer is not complete."""

    calls: int = 0
    records: int = 0
    reasons: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    """What there is to say besides, of an answer that is complete."""
    not_known: list[str] = field(default_factory=list)
    is_ordered: bool = True
    """Whether the order that was asked for could be made: if not, others may belong on a page than those that are."""

    @property
    def left(self) -> int:
        """How many more calls there may be."""
        return max(0, MOST_CALLS - self.calls)

    def read(self, records: int) -> None:
        """Count one call that answered this many records."""
        self.calls += 1
        self.records += records

    def incomplete(self, reason: str) -> None:
        """Say why the answer is not complete, once."""
        if reason not in self.reasons:
            self.reasons.append(reason)

    def tell(self, answer: Entity) -> None:
        """Put all of it into the answer, which has the fields of `Coverage`."""
        answer.fill(
            is_complete=self.is_ordered and not self.reasons,
            upstream_calls=self.calls,
            records_read=self.records,
            not_known=sorted(set(self.not_known)) or None,
        )
        sentences = [*self.reasons, *self.remarks]
        if sentences:
            kept = getattr(answer, "notice", None)
            answer.fill(notice=" ".join([*([kept] if kept else []), *sentences]))
