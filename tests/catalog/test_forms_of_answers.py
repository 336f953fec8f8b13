"""Whatever form a site answers in, the product answers the same: every example, under every mutation of form."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from connector.catalog import operations
from tests.desk import ROOT
from workbench.cli.recording import Recorder, recorder
from workbench.generators.outcomes import SITES

FORMS = [
    *("text_ids", "pascal_case", "half_pascal", "zoneless_dates", "ticks_dates", "null_first", "named_envelopes"),
    *("clamped_pages", "page_counts", "bodiless", "gzip", "chunks"),
]
AS_IT_IS = (
    *("SendApiRequest", "CallAdvancedAction", "AdvancedEventResponseHandle"),
    *("GetFormResult", "GetTicketFormResult", "GetSyncErrors"),
)
"""What hands on, as it is, an object whose fields only the site knows."""
LESS_TOLD = {"bodiless": ("CreateContactNotification", "CreateMemberNotification")}
"""What answers less where the site says less: a notification without a body has no id."""
MAY_DIFFER = (
    "requestId",
    "continuation",
    "nextLink",
    "total",
    "hasMore",
    "additionalFields",
    "recordsRead",
    "upstreamCalls",
)
"""Tokens, counts that some forms do not tell, what reading cost, and the site's own fields under its own names."""
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?")
DOCUMENTED = next(site for site in SITES if site.name == "documented")


@pytest.fixture(scope="module")
def playing() -> Iterator[Recorder]:
    with recorder(ROOT, DOCUMENTED) as running:
        yield running


@pytest.fixture(scope="module")
def usual(playing: Recorder) -> dict[str, Any]:
    """What every example answers where the form is the usual one."""
    return play_all(playing, ())


def play_all(playing: Recorder, mutations: tuple[str, ...]) -> dict[str, Any]:
    playing.simulator.become("proven", ("documented_routes", *mutations))
    compared = (one for one in operations().values() if not one.is_trigger and one.id not in AS_IT_IS)
    return {operation.id: comparable(playing.play(operation)) for operation in compared}


def comparable(value: Any) -> Any:
    """An answer without what may differ: tokens and counts; dates to the second, as one of the forms has them."""
    match value:
        case list():
            return [comparable(item) for item in value]
        case dict():
            return {name: comparable(inner) for name, inner in value.items() if name not in MAY_DIFFER}
        case str() if DATE.fullmatch(value):
            return value[:19]
    return value


@pytest.mark.parametrize("form", FORMS)
def test_every_operation_answers_the_same(playing: Recorder, usual: dict[str, Any], form: str) -> None:
    played = play_all(playing, (form,))

    different = [name for name in usual if played[name] != usual[name] and name not in LESS_TOLD.get(form, ())]
    assert different == []
