"""The queries of infra/queries: shown in docs/operate.md as they are, and true to the lines that the app writes."""

import json
import logging
import re

import pytest

from connector.deskdirector.errors import Unavailable
from connector.metrics import Metrics
from connector.operations.request import Request
from connector.relay.alerts import Alert, _line
from connector.relay.state_line import state_line
from connector.serving.reporting import report_failure
from connector.storage.records import SiteCounters
from tests.desk import ROOT

QUERIES = {path.stem: path.read_text() for path in sorted((ROOT / "infra" / "queries").glob("*.kql"))}
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
HOSTS_OWN = {"requests": {"name", "duration", "itemCount", "timestamp"}, "union": {"operation_Id", "timestamp"}}
"""Columns of the records that the host writes, by the word that a query of them begins with."""


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> dict[str, str]:
    """A line of each kind, as the app writes it, by its event."""
    caplog.set_level(logging.INFO)
    headers = {"dd-host": "acme.deskdirector.com", "traceparent": TRACE, "x-ms-workflow-run-id": "08585"}
    request = Request("GET", "http://127.0.0.1/api/tickets/7", headers)
    report_failure("GetTicket", Unavailable("AppBusy", "Later.", retry_after=5), request, "r1", 0.1)
    metrics = Metrics()
    metrics.count("connector_shed", limit="connection")
    metrics.observe("connector_call_seconds", 0.04)
    waiting = SiteCounters("acme.deskdirector.com", queued=3, delivered=1, lag_seconds=0.5)
    alert = Alert("FlowFailing", "5b1c", "acme.deskdirector.com", "It fails.")
    written = [*caplog.messages, metrics.line(), state_line([waiting]), _line(alert)]
    return {json.loads(line)["event"]: line for line in written}


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_uses_what_the_lines_have(name: str, lines: dict[str, str]) -> None:
    query = QUERIES[name]
    event = re.search(r"""startswith '(\{"event":"(\w+)")'""", query)
    if event is None:
        assert query.split()[0] in HOSTS_OWN
        return
    line = lines[event[2]]
    assert line.startswith(event[1]), "a query finds a line by how it begins"
    used = set(re.findall(r"\be\.(\w+)", query))
    assert used
    assert used <= json.loads(line).keys()


def test_the_page_shows_every_query_as_it_is() -> None:
    page = (ROOT / "docs" / "operate.md").read_text()
    shown = re.findall(r"```kusto\n(.*?)```", page, re.DOTALL)
    assert sorted(shown) == sorted(QUERIES.values())


def test_the_page_shows_lines_with_the_fields_that_they_have(lines: dict[str, str]) -> None:
    page = (ROOT / "docs" / "operate.md").read_text()
    shown = [json.loads(line) for line in re.findall(r'^\{"event".*\}$', page, re.MULTILINE)]
    assert {line["event"] for line in shown} == lines.keys()
    for line in shown:
        assert list(line) == list(json.loads(lines[line["event"]])), line["event"]


def test_the_template_loads_files_that_exist_and_all_that_need_no_input() -> None:
    loaded = re.findall(
        r"loadTextContent\('queries/([\w-]+)\.kql'\)", (ROOT / "infra" / "monitoring.bicep").read_text()
    )
    needs_input = {name for name, query in QUERIES.items() if re.search(r'"[A-Z ]+"', query)}
    assert set(loaded) == QUERIES.keys() - needs_input
    assert needs_input == {"flow-run", "reported-call"}


def test_half_and_most_of_the_calls_of_a_minute_are_told_by_the_edges_of_buckets() -> None:
    metrics = Metrics()
    for seconds in (*(0.01,) * 60, *(0.2,) * 38, 7, 100):
        metrics.observe("connector_call_seconds", seconds)
    assert json.loads(metrics.line())["call_seconds"] == {"count": 100, "p50": 0.025, "p95": 0.25}
    metrics.observe("connector_call_seconds", 100)
    assert json.loads(metrics.line())["call_seconds"] == {"count": 1, "p50": 60.0, "p95": 60.0}
    assert json.loads(metrics.line())["call_seconds"] == {}
