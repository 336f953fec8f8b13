"""What every operation does on each kind of site: the table in docs/parity.md is what is played now."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from connector.catalog import operations
from connector.operations.operation import Operation
from tests.desk import ROOT
from workbench.cli.recording import Recorder, outcome_of, recorder
from workbench.generators.outcomes import SITES, Site, outcome_lines, recorded_outcomes

EVERY = pytest.mark.parametrize("operation", operations().values(), ids=lambda one: one.id)
ON_EVERY_SITE = pytest.mark.parametrize("site", SITES, ids=lambda one: one.name)


@pytest.fixture(scope="module")
def playing() -> Iterator[dict[str, Recorder]]:
    with ExitStack() as stack:
        yield {site.name: stack.enter_context(recorder(ROOT, site)) for site in SITES}


@ON_EVERY_SITE
@EVERY
def test_what_is_on_record_is_what_happens(operation: Operation, site: Site, playing: dict[str, Recorder]) -> None:
    outcome = outcome_of(playing[site.name].play(operation))

    assert recorded_outcomes()[site.name][operation.id] == outcome, "run `make export`"
    assert outcome.works or outcome.code, "a refusal says its code"
    assert outcome.status < 500 or outcome.code


def test_every_operation_is_in_the_table() -> None:
    table = "\n".join(outcome_lines())

    assert [one.id for one in operations().values() if f"| `{one.id}` |" not in table] == []
    assert "not played" not in table
