"""The outcome of reading a site's documents: small, plain, and kept as JSON."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from connector.deskdirector.discovery.matching import Match, OtherShape, Verdict

SIGN_IN = "The swagger page needs a sign-in: save its documents in a browser and give doctor the files."
FORMAT = 1
"""The version of the kept format; findings of any other version are read from the site again."""


@dataclass(frozen=True, slots=True)
class DocumentReport:
    """One document: where it stands, how many operations it has, or why it was not read."""

    name: str
    path: str
    operations: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    """The findings of a site. `matches` are by endpoint, best first; `problems` are sentences."""

    matches: Mapping[str, tuple[Match, ...]] = field(default_factory=dict)
    documents: tuple[DocumentReport, ...] = ()
    other_shapes: tuple[OtherShape, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def operations(self) -> int:
        """How many operations all documents have."""
        return sum(document.operations for document in self.documents)

    @property
    def names(self) -> str:
        """The documents that were read: `v2, v4`."""
        return ", ".join(document.name for document in self.documents if not document.problem)

    def exact(self, endpoint: str) -> Match | None:
        """The match that may be used without a person's word."""
        return next((one for one in self.matches.get(endpoint, ()) if one.verdict is Verdict.EXACT), None)

    def hint(self, endpoint: str) -> str:
        """For the error of a missing route: what the site's documents have instead, a sentence; "" when unread."""
        if matches := self.matches.get(endpoint):
            return f"It lists {matches[0].route}, which looks alike; have the operator look at it."
        if not self.operations:
            return "That page needs a sign-in, so its documents were not read." if SIGN_IN in self.problems else ""
        return f"None was found in the {self.operations} operations of its documents {self.names}."

    def to_json(self) -> bytes:
        """As they are stored."""
        return json.dumps({"format": FORMAT, **asdict(self)}, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, content: bytes) -> "Findings | None":
        """The kept findings; None when their format is another or they are broken: the site is then read again."""
        try:
            kept = json.loads(content)
            if kept["format"] != FORMAT:
                return None
            matches = {name: tuple(_match(one) for one in listed) for name, listed in kept["matches"].items()}
            documents = tuple(DocumentReport(**one) for one in kept["documents"])
            shapes = tuple(OtherShape(**one) for one in kept["other_shapes"])
            return cls(matches, documents, shapes, tuple(map(str, kept["problems"])))
        except (ValueError, TypeError, KeyError, AttributeError):
            return None


def _match(kept: Mapping[str, object]) -> Match:
    match = Match(**kept)  # type: ignore[arg-type]
    return Match(**{**asdict(match), "verdict": Verdict(match.verdict)})
