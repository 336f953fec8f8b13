"""What goes over the wire, against the vendor's two published definitions: method, path, query and body.

Every example is played on a site that has only what is proven, and every request that reached it is compared. The tests
of the catalog compare those that they make, too (`tests/catalog/conftest.py`).
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from connector.catalog import operations
from connector.operations.operation import Operation
from tests.desk import ROOT
from tests.vendor_data import needs_vendor_data
from tests.wire import SURFACES, disagreements
from workbench.cli.recording import Recorder, recorder
from workbench.generators.outcomes import SITES
from workbench.simulator import RecordedCall

pytestmark = needs_vendor_data
PROVEN = next(site for site in SITES if site.name == "proven")
EVERY = pytest.mark.parametrize("operation", operations().values(), ids=lambda one: one.id)


@pytest.fixture(scope="module")
def playing() -> Iterator[Recorder]:
    with recorder(ROOT, PROVEN) as running:
        yield running


@EVERY
def test_every_request_is_one_that_the_vendor_publishes(operation: Operation, playing: Recorder) -> None:
    playing.simulator.calls.clear()
    playing.play(operation)

    for call in list(playing.simulator.calls):
        if call.path.startswith(SURFACES) and call.status not in {401, 404, 405}:
            assert disagreements(call, playing.simulator) == []


def test_a_request_that_is_not_published_is_noticed(playing: Recorder) -> None:
    prefix = SURFACES[0]

    def noticed(method: str, path: str, query: Mapping[str, str], body: Any) -> str:
        call = RecordedCall(method, prefix + path, query, "DdApi", body)
        return " ".join(disagreements(call, playing.simulator))

    assert "not published" in noticed("POST", "tickets/1/notes", {}, {})
    assert "not published" in noticed("PUT", "tickets/1", {}, {})
    assert "requestTypeId" in noticed("POST", "tickets", {}, {"name": "A"})
    assert "boardName" in noticed("GET", "service/statuses", {"boardId": "1", "boardName": "x"}, None)
    assert "createdAfter" in noticed("POST", "tickets/find", {}, {"createdAfter": "2026-01-01"})
    assert "url" in noticed("POST", "ticket-workflows", {"type": "ticket.new"}, {"description": "A"})
    assert noticed("PATCH", "tickets/10026", {}, {"noteContent": "A", "noteIsInternal": True}) == ""
