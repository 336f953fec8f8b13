"""What every operation does on each kind of site, recorded by playing its example there.

`export` plays and writes `examples/outcomes.json`; docs/parity.md quotes it, and a contract test plays all of it again.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from workbench.generators.json_text import as_json

OUTCOMES = Path(__file__).parent / "examples" / "outcomes.json"
NO_ROUTE = "RouteNotFound"


@dataclass(frozen=True, slots=True)
class Site:
    """A kind of site that examples are played on, and what it stands for."""

    name: str
    profile: Literal["proven", "generous"]
    mutations: tuple[str, ...]
    meaning: str


SITES = (
    Site("proven", "proven", (), "only what the vendor's definitions and published flows prove, with a global API key"),
    Site("documented", "proven", ("documented_routes",), "its own OpenAPI documents list the routes that we assume"),
    Site("generous", "generous", (), "also every route, field and scheme that is assumed"),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The status of an answer, and its error code where it was refused."""

    status: int
    code: str = ""

    @property
    def works(self) -> bool:
        """Whether the operation did its job."""
        return self.status < 300

    def describe(self) -> str:
        """As a cell of the table."""
        if self.works:
            return "works"
        return "no route" if self.code == NO_ROUTE else f"refused: `{self.code}` ({self.status})"


Outcomes = Mapping[str, Mapping[str, Outcome]]


def recorded_outcomes() -> Outcomes:
    """What is on record: site name to operation id to outcome."""
    content: dict[str, Any] = json.loads(OUTCOMES.read_bytes()) if OUTCOMES.exists() else {}
    return {
        site: {operation: Outcome(**outcome) for operation, outcome in played.items()}
        for site, played in content.items()
    }


def remember_outcomes(outcomes: Outcomes) -> None:
    """Write what was played, when it differs from what is on record."""
    content = as_json(
        {
            site: {
                operation: {"status": outcome.status, **({"code": outcome.code} if outcome.code else {})}
                for operation, outcome in sorted(played.items())
            }
            for site, played in outcomes.items()
        }
    )
    if not OUTCOMES.exists() or OUTCOMES.read_bytes() != content:
        OUTCOMES.write_bytes(content)


def outcome_lines() -> list[str]:
    """The table of all operations by site, as Markdown."""
    outcomes = recorded_outcomes()
    lines = [f"- **{site.name}**: {site.meaning}" for site in SITES]
    lines += ["", "| Operation | " + " | ".join(site.name for site in SITES) + " |"]
    lines.append("| --- |" + " --- |" * len(SITES))
    missing = Outcome(0, "not played")
    for operation in sorted({name for played in outcomes.values() for name in played}):
        cells = (outcomes.get(site.name, {}).get(operation, missing).describe() for site in SITES)
        lines.append(f"| `{operation}` | " + " | ".join(cells) + " |")
    return lines
