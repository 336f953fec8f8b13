"""What an operator learns of calls: one line for each that failed, none for successes, and numbers."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from connector.catalog import operations
from connector.deskdirector import endpoints as api
from connector.deskdirector.errors import BadRequest, ConnectorError, OutcomeUnknown, Unavailable
from connector.metrics import BUCKETS, MOST_SERIES, Metrics
from connector.operations.request import Request
from connector.serving.invoke import guarded, invoke
from connector.serving.response import Response
from tests.desk import Desk
from tests.upstream_servers import KEY, Upstream
from workbench.localhost import LocalHost

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


def read(text: str) -> Iterator[Any]:
    """The families, by the official parser."""
    yield from text_string_to_metric_families(text)  # type: ignore[no-untyped-call]


def lines_of(host: LocalHost, since: int) -> list[dict[str, Any]]:
    """The JSON lines in the host's log after a position."""
    found = re.findall(r"\{\"event\":.*\}", host.log[since:])
    return [json.loads(line) for line in found]


def test_a_failed_call_leaves_one_line_that_says_where_to_look(desk: Desk, host: LocalHost) -> None:
    since = len(host.log)
    headers = {"traceparent": PARENT, "x-ms-workflow-run-id": "08585-run"}
    desk.call("GetTicket", ticketId=next(iter(desk.tenant.tickets)))
    answer = desk.call("GetTicket", headers=headers, ticketId=99999999)
    (line,) = [line for line in lines_of(host, since) if line["event"] == "failed_call"]

    assert answer.headers["x-request-id"] == answer.json["requestId"] == TRACE
    assert line.pop("ms") >= 0
    assert line == {
        "event": "failed_call",
        "operation": "GetTicket",
        "status": 404,
        "code": "TicketNotFound",
        "site": desk.simulator.site,
        "requestId": TRACE,
        "traceId": TRACE,
        "flowRunId": "08585-run",
    }


async def line_of(error: ConnectorError, headers: dict[str, str], caplog: pytest.LogCaptureFixture) -> Any:
    async def fail() -> Response:
        raise error

    caplog.clear()
    caplog.set_level("INFO", "connector.calls")
    await guarded("GetTicket", Request("GET", "http://app/api/tickets/7", headers), fail)
    (record,) = [one for one in caplog.records if one.name == "connector.calls"]
    return record


@pytest.mark.parametrize(
    ("error", "level"),
    [
        (BadRequest("InvalidInput", "Wrong."), "INFO"),
        (OutcomeUnknown("OutcomeUnknown", "Unclear."), "WARNING"),
        (Unavailable("SiteUnreachable", "Away.", retry_after=5), "WARNING"),
    ],
)
async def test_what_the_caller_can_correct_is_no_warning(
    error: ConnectorError, level: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert (await line_of(error, {}, caplog)).levelname == level


@pytest.mark.parametrize(
    "name", ["dd-host", "x-request-id", "traceparent", "x-ms-workflow-run-id", "x-ms-client-request-id"]
)
async def test_a_key_in_a_wrong_header_is_not_logged(name: str, caplog: pytest.LogCaptureFixture) -> None:
    key = "not-a-secret-psa-key-7f3d0c5a91e84b26"
    record = await line_of(BadRequest("InvalidInput", key), {"dd-api-key": key, name: key}, caplog)

    assert key not in record.getMessage()
    assert json.loads(record.getMessage())["code"] == "InvalidInput"


@pytest.mark.parametrize("given", ["", "nonsense", f"00-{'0' * 32}-00f067aa0ba902b7-01", PARENT.upper(), PARENT + "-x"])
def test_a_malformed_trace_is_passed_over(desk: Desk, given: str) -> None:
    answer = desk.call("GetTicket", headers={"traceparent": given}, ticketId=99999999)

    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])
    assert answer.headers["x-request-id"] != TRACE


async def test_deskdirector_gets_the_trace_of_the_call(upstream: Upstream, tmp_path: Path) -> None:
    seen = []

    async def note(request: web.Request) -> web.Response:
        seen.append(request.headers.get("traceparent"))
        return web.json_response({"isAuthenticated": True})

    upstream.on(f"GET {api.TEST_CONNECTION.path}", note)
    headers = {"dd-host": upstream.host, "dd-api-key": KEY, "traceparent": PARENT}
    request = Request("GET", "http://app/api/connection/test", headers)
    answer = await invoke(operations()["TestConnection"], request, upstream.settings(data_dir=str(tmp_path)))

    assert answer.status < 500
    assert set(seen) == {PARENT}


@given(st.dictionaries(st.text(max_size=30), st.integers(1, 5), max_size=20), st.lists(st.floats(0, 100), max_size=20))
def test_the_official_reader_understands_the_numbers(counts: dict[str, int], seconds: list[float]) -> None:
    metrics = Metrics()
    for site, count in counts.items():
        for _ in range(count):
            metrics.count("connector_upstream_retries", site=site)
    for value in seconds:
        metrics.observe("connector_call_seconds", value)
    text = "\n".join([*metrics.openmetrics(), "# EOF"]) + "\n"
    families = {family.name: family for family in read(text)}

    assert {one.labels["site"]: one.value for one in families["connector_upstream_retries"].samples} == counts
    buckets = families["connector_call_seconds"].samples
    assert next(one.value for one in buckets if one.name.endswith("_count")) == len(seconds)
    assert [one.value for one in buckets if one.name.endswith("_bucket")] == [
        *(sum(value <= edge for value in seconds) for edge in BUCKETS),
        len(seconds),
    ]


def test_numbers_of_many_sites_stay_bounded() -> None:
    metrics = Metrics()
    for number in range(MOST_SERIES + 500):
        metrics.count("connector_upstream_retries", site=f"site-{number}")

    assert sum("retries_total" in line for line in metrics.openmetrics()) == MOST_SERIES + 1


def test_a_line_says_what_is_new_since_the_last_one() -> None:
    metrics = Metrics()
    metrics.count("connector_errors", code="InvalidInput")
    first = json.loads(metrics.line())
    metrics.count("connector_errors", code="InvalidInput")
    metrics.count("connector_errors", code="NotFound")

    assert first["errors"] == {"InvalidInput": 1}
    assert json.loads(metrics.line())["errors"] == {"InvalidInput": 1, "NotFound": 1}
    assert json.loads(metrics.line())["errors"] == {}


def test_an_operator_scrapes_the_process_and_the_relay(desk: Desk) -> None:
    desk.call("GetTicket", ticketId=next(iter(desk.tenant.tickets)))
    scraped = desk.client.get(f"{desk.url}/api/operator/metrics", headers={"accept": "application/openmetrics-text"})
    families = {family.name: family for family in read(scraped.text)}

    assert scraped.headers["content-type"].startswith("application/openmetrics-text")
    calls = {(one.labels["operation"], one.labels["status"]) for one in families["connector_calls"].samples}
    assert ("GetTicket", "200") in calls
    assert {"connector_upstream_calls", "connector_dead_letters", "connector_deliveries_pending"} <= families.keys()
    assert "results" in desk.send("GET", "/api/operator/metrics").json
