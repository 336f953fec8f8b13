"""docs/faults.md: what becomes of a call when something goes wrong, from the table in `faults`."""

from collections.abc import Iterator, Mapping, Sequence

from connector.operations.operation import Operation
from workbench.generators.faults import GROUPS, ONCE, REPEATABLE, Fault, Kind, Outcome
from workbench.generators.flow_answers import FLOW_ANSWERS, FlowAnswer

PAGE = "faults.md"
_HEAD = """\
# Faults

What becomes of a call when something goes wrong on the way, in DeskDirector or here. Each cell is the status and the
code that the caller gets, and how many times the request that does the work reached DeskDirector, when not once;
"done" is what the call answers without the fault. A fault hits that request, every time it is sent unless the row says
"once". Requests before and after it (names, the reason of a 401) are not counted. Where one kind of call differs from
the others of its column, it is named.

What follows:

- **429 and 503** have `Retry-After`. Power Automate and Logic Apps repeat them, and 502, by themselves: nothing was
  done, or doing it again does no harm.
- **424** (`OutcomeUnknown`) is repeated by no platform: the work may have been done. What can be recognised (tickets,
  notes, tasks, contacts) is looked for first, and the call answers what was found.
- **A repeat with the same idempotency key** gets the answer of what was done; after a 424 it is not done again; after
  any other error it is done as if for the first time. A trigger that could not be set up leaves no subscription.

Generated from `workbench/generators/faults.py`; `tests/test_fault_matrix.py` plays every cell, repeats included.
"""
_TABLE = """\
| Fault | Reads, updates, deletes, polls | Creates, sends, raw calls | Setting up a trigger |
| --- | --- | --- | --- |"""

_FLOWS = """\
## Events on their way to a flow

A delivery that fails is tried again after 5 s, 30 s, 2 min, 10 min, 30 min, then hourly, for a day; what other flows
get is not held up. `tests/relay/test_flow_answers.py` plays every row.

| The flow answers | The delivery is | When that lasts |
| --- | --- | --- |
"""


def render(operations: Mapping[str, Operation], host: str) -> dict[str, bytes]:
    """The page, by its path below `docs`."""
    del operations, host
    sections = ("\n".join((f"## {title}", "", _TABLE, *map(_row, faults))) for title, faults in GROUPS.items())
    return {PAGE: ("\n\n".join((_HEAD.rstrip(), *sections, _flows())) + "\n").encode()}


def _flows() -> str:
    rows = (f"| {row.what} | {_fate(row)} | {row.lasting or 'over'} |" for row in FLOW_ANSWERS)
    return "\n".join((_FLOWS.rstrip(), *rows))


def _fate(row: FlowAnswer) -> str:
    if row.becomes == "pending":
        return f"tried again in {row.wait:.0f} s"
    return "a dead letter; the subscription ends" if row.ends else row.becomes


def _row(fault: Fault) -> str:
    columns = ((fault.repeatable, REPEATABLE), (fault.once, ONCE), (fault.outcome("subscribe"), ()))
    return f"| {fault.what} | {' | '.join('; '.join(_cell(fault, *column)) for column in columns)} |"


def _cell(fault: Fault, usual: Outcome, kinds: Sequence[Kind]) -> Iterator[str]:
    yield _text(usual)
    others: dict[Outcome, list[str]] = {}
    for kind in kinds:
        if fault.outcome(kind) != usual:
            others.setdefault(fault.outcome(kind), []).append(kind)
    for outcome, named in others.items():
        yield f"{' and '.join(named)}: {_text(outcome)}"


def _text(outcome: Outcome) -> str:
    done = "done, found again" if outcome.is_found else "done"
    what = f"{outcome.status} `{outcome.code}`" if outcome.status else done
    sent = {0: ", not sent", 1: ""}.get(outcome.calls, f", {outcome.calls} requests")
    return what + sent
