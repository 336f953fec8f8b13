"""What was posted, what was promised by a 202, and what arrived at the flow."""

from collections import defaultdict
from dataclasses import dataclass, field

from workbench.simulator import Received


@dataclass
class Ledger:
    """Events go by their number."""

    posted: set[int] = field(default_factory=set)
    accepted: set[int] = field(default_factory=set)
    refused: int = 0
    """Attempts that got no 202: reset connections, 503 …"""
    kills: int = 0

    def verdict(self, received: list[Received]) -> "Verdict":
        """Compare with what the flow accepted."""
        ids: defaultdict[int, set[str]] = defaultdict(set)
        for one in received:
            ids[int(one.body["id"])].add(one.headers["x-dd-event-id"])
        return Verdict(
            posted=len(self.posted),
            accepted=len(self.accepted),
            delivered=len(ids),
            repeats=len(received) - len(ids),
            lost=sorted(self.accepted - ids.keys()),
            invented=sorted(ids.keys() - self.posted),
            ambiguous=sorted(number for number, names in ids.items() if len(names) > 1),
            refused=self.refused,
            kills=self.kills,
        )


@dataclass(frozen=True)
class Verdict:
    """The counts of a run. `repeats` are allowed (at least once), as long as they carry the same event id."""

    posted: int
    accepted: int
    delivered: int
    repeats: int
    lost: list[int]
    invented: list[int]
    ambiguous: list[int]
    refused: int
    kills: int

    @property
    def is_clean(self) -> bool:
        """Nothing lost, nothing invented, no event under two ids."""
        return not (self.lost or self.invented or self.ambiguous)

    def __str__(self) -> str:
        return (
            f"posted {self.posted}, accepted {self.accepted}, delivered {self.delivered} (and {self.repeats} repeats); "
            f"lost {len(self.lost)}, invented {len(self.invented)}, under two ids {len(self.ambiguous)}; "
            f"{self.kills} kills, {self.refused} attempts without 202"
        )
