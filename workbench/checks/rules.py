"""A rule is a generator of faults; a rulebook names the rules and turns their faults into findings.

    book: RuleBook[Definition] = RuleBook()

    @book.rule("DefaultResponseHasSchema")
    def schema_on_default(definition: Definition) -> Faults:
        \"\"\"Describe the default response without a schema; put schemas on 200 or 201.\"\"\"
        ...
        yield pointer, "The default response of 'GetTicket' has a schema."

The docstring IS the remedy that people read, so a rule says once what it wants.
"""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from workbench.checks.finding import Finding, Severity

Subject = TypeVar("Subject")

# JSON pointer and message; a third element names the file when a rule looks at several.
Fault = tuple[str, str] | tuple[str, str, str]
Faults = Iterator[Fault]
Check = Callable[[Subject], Faults]


@dataclass(frozen=True, slots=True)
class Rule(Generic[Subject]):
    """One thing that must hold of a subject."""

    name: str
    severity: Severity
    remedy: str
    faults: Check[Subject]


class RuleBook(Generic[Subject]):
    """The rules of one kind of subject, by name, in the order in which they were written."""

    def __init__(self) -> None:
        self.rules: dict[str, Rule[Subject]] = {}

    def rule(self, name: str, *, severity: Severity = "error") -> Callable[[Check[Subject]], Check[Subject]]:
        """Register the decorated generator under `name`; its docstring becomes the remedy."""

        def register(faults: Check[Subject]) -> Check[Subject]:
            remedy = " ".join((inspect.getdoc(faults) or "").split())
            if not remedy or name in self.rules:
                raise ValueError(f"Rule {name} needs a docstring that says how to fix it, and a name of its own.")
            self.rules[name] = Rule(name, severity, remedy, faults)
            return faults

        return register

    def check(self, subject: Subject, file: str = "") -> list[Finding]:
        """Every finding of every rule, each once (a shared schema is reached from many operations)."""
        findings: dict[Finding, None] = {}
        for rule in self.rules.values():
            for at, message, *other in rule.faults(subject):
                findings[Finding(other[0] if other else file, at, rule.name, rule.severity, message, rule.remedy)] = (
                    None
                )
        return list(findings)
