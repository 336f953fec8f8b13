"""One difference between two versions."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Change:
    """A difference: `pointer` leads into the new document, or into the old one for what was removed.

    `breaking` means that flows made with the old version may fail; certification refuses it without a new revision.
    """

    pointer: str
    kind: str
    message: str
    breaking: bool

    def __str__(self) -> str:
        return f"{'BREAKING' if self.breaking else 'ok'} {self.kind}: {self.message}\n  {self.pointer}"


def changes_to_text(changes: Sequence[Change]) -> str:
    """The changes for a person: breaking ones first, two lines each, and a closing count."""
    ordered = sorted(changes, key=lambda change: not change.breaking)
    breaking = sum(change.breaking for change in changes)
    return "\n".join([*map(str, ordered), f"{len(changes)} change(s), {breaking} of them breaking."])


def changes_to_json(changes: Sequence[Change]) -> dict[str, Any]:
    """The changes for a program: `{"changes": [{pointer, kind, message, breaking}], "breaking": n}`."""
    return {
        "changes": [asdict(change) for change in changes],
        "breaking": sum(change.breaking for change in changes),
    }
