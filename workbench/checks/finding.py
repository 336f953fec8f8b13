"""What a check reports, and how it is printed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault in one place: `pointer` is the JSON pointer inside `file` (empty for the file as a whole)."""

    file: str
    pointer: str
    rule: str
    severity: Severity
    message: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}#{self.pointer}" if self.pointer else self.file
        return f"{place}\n  {self.severity} {self.rule}: {self.message}\n  {self.remedy}"


def to_text(findings: Sequence[Finding]) -> str:
    """The findings for a person: three lines each (place, fault, remedy) and a closing count."""
    count = _count(findings)
    closing = "No findings." if not findings else f"{count['error']} error(s), {count['warning']} warning(s)."
    return "\n".join([*map(str, findings), closing])


def to_json(findings: Sequence[Finding]) -> dict[str, Any]:
    """The findings for a program: `{"findings": [{file, pointer, rule, …}], "errors": n, "warnings": n}`."""
    count = _count(findings)
    return {
        "findings": [asdict(finding) for finding in findings],
        "errors": count["error"],
        "warnings": count["warning"],
    }


def exit_code(findings: Sequence[Finding], *, strict: bool = False) -> int:
    """1 when an error was found, with `strict` also when a warning was; else 0.

    A warning is advice that certified connectors get away with; our own files are held to `strict`.
    """
    return int(any(strict or finding.severity == "error" for finding in findings))


def _count(findings: Sequence[Finding]) -> Counter[Severity]:
    return Counter(finding.severity for finding in findings)
