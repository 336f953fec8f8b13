"""docs/relay.md names tests, commands, routes and settings that exist, and the numbers of the code."""

import re
from dataclasses import fields
from pathlib import Path

from typer.main import get_command
from typer.testing import CliRunner

from connector.relay.normalise import MAX_EVENTS, SAME_DATE_SECONDS, SAME_UNDATED_SECONDS
from connector.relay.relay import QUEUE_SLOTS
from connector.serving.admin_routes import OPERATOR_ROUTES
from connector.settings import PREFIX, Settings
from workbench.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "relay.md").read_text()


def test_every_test_that_is_named_exists() -> None:
    named = re.findall(r"`((?:\w+/)?)(test_\w+\.py)::(\w+)`", TEXT)
    assert len(named) > 30
    for folder, file, name in named:
        path = ROOT / "tests" / (folder or "relay") / file
        assert re.search(rf"\bdef {name}\b", path.read_text()), f"{path}::{name}"


def test_every_promise_has_a_test() -> None:
    promises = TEXT.partition("## What is promised")[2].partition("What is not promised")[0]
    bullets = re.split(r"\n- ", promises)[1:]
    assert len(bullets) > 10
    assert [bullet for bullet in bullets if "::test_" not in bullet] == []


def test_every_operators_route_is_described() -> None:
    table = TEXT.partition("## What operators do")[2]
    for route in OPERATOR_ROUTES:
        first = route.path.partition("/")[0]
        assert first in table or first in ("webhooks", "grants"), route.path


def test_every_command_that_is_named_exists() -> None:
    table = TEXT.partition("## What operators do")[2].partition("**Alerts**")[0]
    groups = get_command(app).commands  # type: ignore[attr-defined]
    named = re.findall(r"`([a-z-]+) (list|show|replay|purge|pause|resume|remove)\b", table)
    assert len(named) > 12
    for group, command in named:
        assert command in groups[group].commands, f"{group} {command}"
    assert CliRunner().invoke(app, ["flows", "--help"]).exit_code == 0


def test_every_setting_that_is_named_exists() -> None:
    names = {PREFIX + spec.name.upper() for spec in fields(Settings)}
    assert set(re.findall(rf"`({PREFIX}[A-Z_]+)`", TEXT)) - names == set()


def test_the_numbers_are_those_of_the_code() -> None:
    for number in (f"{MAX_EVENTS:,}", f"{SAME_DATE_SECONDS / 60:.0f} minutes", f"{SAME_UNDATED_SECONDS:.0f} seconds"):
        assert number in TEXT.replace("\n  ", " "), number
    assert f"{QUEUE_SLOTS} deliveries" in TEXT
