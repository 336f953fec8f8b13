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


WITHOUT_EVIDENCE = {
    # Nobody has published a route for these.
    "AddTimeEntry": "RouteNotFound",
    "ApproveTicket": "RouteNotFound",
    "DeclineTicket": "RouteNotFound",
    "SetContactPermissions": "RouteNotFound",
    "UpdateContact": "RouteNotFound",
    "ListTicketAttachments": "RouteNotFound",
    "GetTicketAttachment": "RouteNotFound",
    "AddTicketAttachment": "RouteNotFound",
    # Proven only with an agent's personal token.
    "ListTicketNotes": "RouteNotFound",
    "FindTimeEntries": "UserKeyRefused",
    "WhenTimeEntryIsAdded": "UserKeyRefused",
    # No find has a proven filter by the time of a change.
    "WhenTicketIsUpdated": "ChangesNotOffered",
    "WhenNoteIsAdded": "ChangesNotOffered",
    # Only a member's view says who wrote last, and that with a personal token.
    "WhenTicketWaits": "PersonalKeyNeeded",
}
"""What cannot work where only the proven exists, and the code that says so."""


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


@EVERY
def test_everything_that_has_evidence_works_where_only_the_proven_exists(operation: Operation) -> None:
    assert recorded_outcomes()["proven"][operation.id].code == WITHOUT_EVIDENCE.get(operation.id, "")


@EVERY
def test_what_is_missing_there_says_that_the_route_is_a_preview(operation: Operation) -> None:
    if recorded_outcomes()["proven"][operation.id].code == "RouteNotFound":
        assert operation.is_preview or operation.id == "ListTicketNotes"  # which also stands on the Tech surface


@EVERY
def test_what_a_sites_documents_list_works_there(operation: Operation) -> None:
    outcomes = recorded_outcomes()

    assert outcomes["generous"][operation.id].works
    assert outcomes["documented"][operation.id].works or outcomes["proven"][operation.id].code != "RouteNotFound"


def test_every_operation_is_in_the_table() -> None:
    table = "\n".join(outcome_lines())

    assert [one.id for one in operations().values() if f"| `{one.id}` |" not in table] == []
    assert "not played" not in table
