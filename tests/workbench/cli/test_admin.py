"""The operator's commands, as a person at a terminal meets them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from connector.settings import Settings
from connector.storage.sealing import Sealer
from connector.storage.sqlite import SqliteStore
from tests.desk import ROOT
from tests.storage.conftest import KEY, routed, subscription


def told(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What a command prints in a terminal of 80 columns."""
    return subprocess.run(
        [sys.executable, "-m", "workbench", *words],
        cwd=ROOT, env={**os.environ, "COLUMNS": "80", **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip


async def test_ids_are_whole_however_narrow_the_terminal(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "connector.db", Sealer([KEY]), Settings().budget_seconds)
    event = routed("a", site="a-site-with-a-rather-long-name.deskdirector.com")
    await store.outbox.accept([event], 0.0)
    await store.close()

    listed = told("events", "list", CONNECTOR_DATA_DIR=str(tmp_path), CONNECTOR_SECRETS_KEY=KEY)

    assert event.event.id in listed.stdout, listed.stdout + listed.stderr


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"CONNECTOR_DATA_DIR": "/dev/null/data"}, "CONNECTOR_DATA_DIR"),
        ({"CONNECTOR_SECRETS_KEY": "rubbish"}, "CONNECTOR_SECRETS_KEY"),
    ],
)
def test_a_setting_that_cannot_be_used_is_told_in_a_sentence(environment: dict[str, str], named: str) -> None:
    listed = told("subscriptions", "list", **environment)

    assert listed.returncode == 1
    assert named in listed.stderr
    assert "Traceback" not in listed.stderr


async def test_what_is_done_at_the_terminal_leaves_an_audit_line(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "connector.db", Sealer([KEY]), Settings().budget_seconds)
    waiting, _ = await store.subscriptions.add(subscription("waiting"))
    await store.outbox.accept([routed("waiting")], 0.0)
    await store.close()
    environment = {"CONNECTOR_DATA_DIR": str(tmp_path), "CONNECTOR_SECRETS_KEY": KEY}

    named = told("flows", "set", waiting.id, "--label", "VIP", "--per-minute", "30", **environment)
    sent = told("flows", "test", waiting.id, **environment)
    counted = told("deliveries", "replay", "--all", "--dry-run", **environment)
    unknown = told("flows", "set", "nobody", "--label", "x", **environment)
    lines = told("audit", "--json", **environment)

    assert (named.stdout.strip(), named.returncode) == ("VIP is new.", 0), named.stderr
    assert (sent.returncode, counted.returncode, unknown.returncode) == (0, 0, 1)
    assert "There is no subscription nobody." in unknown.stderr
    results = json.loads(lines.stdout)["results"]
    assert [(result["role"], result["what"]) for result in results] == [
        ("terminal", "flow.test"),
        ("terminal", "flow.change"),
    ]
