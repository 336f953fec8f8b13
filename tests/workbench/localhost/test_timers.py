"""Timer functions run by the host."""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.workbench.localhost.conftest import QUEUES
from workbench.localhost import LocalHost
from workbench.localhost.timers import TimerMemory


def settings(data_dir: Path, nightly: str = "0 0 3 * * *") -> Mapping[str, str]:
    return {
        "CONNECTOR_DATA_DIR": str(data_dir),
        "WORK_QUEUE": "work",
        "ECHO_QUEUE": "echo",
        "NIGHTLY": nightly,
        "AzureWebJobsStorage": "",
    }


def runs(host: LocalHost, timer: str, number: int) -> list[bool]:
    """Wait until a timer ran that often, then tell for each run whether it was past due."""
    deadline = time.monotonic() + 300
    while True:
        entries = httpx.get(host.url + "/seen").json()
        found = [entry["past_due"] for entry in entries if entry.get("timer") == timer]
        if len(found) >= number:
            return found
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_timer_runs_at_start_when_it_asks_for_it_and_by_hand_when_an_operator_does(tmp_path: Path) -> None:
    with LocalHost(QUEUES, settings(tmp_path)) as host:
        assert runs(host, "at_start", 1) == [False]
        assert httpx.post(host.url + "/admin/functions/nightly", json={}).status_code == 202
        assert runs(host, "nightly", 1) == [False]


def test_a_timer_runs_on_its_schedule(tmp_path: Path) -> None:
    with LocalHost(QUEUES, settings(tmp_path, "* * * * * *")) as host:
        assert runs(host, "nightly", 2) == [False, False]


def test_a_run_that_was_missed_while_the_host_was_down_is_made_up_for(tmp_path: Path) -> None:
    last = datetime.now(UTC) - timedelta(days=2)
    (tmp_path / "timers.json").write_text(json.dumps({"nightly": last.isoformat()}))
    with LocalHost(QUEUES, settings(tmp_path)) as host:
        assert runs(host, "nightly", 1) == [True]
    with LocalHost(QUEUES, settings(tmp_path)) as host:
        runs(host, "at_start", 1)
        assert runs(host, "nightly", 0) == []


def test_a_disabled_timer_stays_silent(tmp_path: Path) -> None:
    switched_off = {**settings(tmp_path, "* * * * * *"), "AzureWebJobs.at_start.Disabled": "true"}
    with LocalHost(QUEUES, switched_off) as host:
        runs(host, "nightly", 1)
        assert runs(host, "at_start", 0) == []


def test_a_schedule_that_cannot_be_read_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    wanted = pytest.raises(RuntimeError, match="The timer nightly cannot be served: 'every night' is not a schedule")
    with wanted, LocalHost(QUEUES, settings(tmp_path, "every night")):
        pytest.fail("it started")


def test_a_broken_memory_is_reported_and_started_afresh(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "data" / "timers.json"
    path.parent.mkdir()
    path.write_text("{")
    memory = TimerMemory(path)
    assert "cannot be read" in caplog.text
    moment = datetime(2026, 11, 24, tzinfo=UTC)
    memory.remember("a", moment)
    assert (TimerMemory(path).last("a"), TimerMemory(path).last("b")) == (moment, None)
