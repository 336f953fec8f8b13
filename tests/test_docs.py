"""What hand-written pages say of the code is so: names exist, snippets parse, commands and calls work as they stand."""

import json
import re
import shlex
import subprocess
import sys
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

import function_app
from connector.deskdirector.endpoints import ENDPOINTS
from connector.settings import ENDPOINT_PREFIX, Settings
from tests.desk import ROOT, Desk
from workbench.cli.app import app
from workbench.generators import export as exporting

GENERATED = {ROOT / "docs" / path for path in exporting.rendered(renders=exporting.DOCUMENTS)}
HISTORY = ("CHANGELOG.md", "docs/decisions/")
"""What was once so; names in it may be gone."""
TRACKED = subprocess.check_output(["git", "ls-files", "*.md"], cwd=ROOT, text=True).splitlines()
PAGES = [name for name in TRACKED if ROOT / name not in GENERATED and not name.startswith(HISTORY)]
EVERY_PAGE = pytest.mark.parametrize("name", PAGES)
TRIGGERS = [function.get_trigger() for function in function_app.app.get_functions()]
ROUTES: list[str] = [trigger.route for trigger in TRIGGERS if trigger is not None and hasattr(trigger, "route")]
APP = r"YOUR-APP\.azurewebsites\.net|127\.0\.0\.1:7071"


def text_of(name: str) -> str:
    return (ROOT / name).read_text()


def fenced(name: str, *languages: str) -> list[str]:
    """The blocks of a page in these languages."""
    blocks = re.findall(r"^ *```(\w*)\n(.*?)^ *```$", text_of(name), re.DOTALL | re.MULTILINE)
    return [block for language, block in blocks if language in languages]


def commands(name: str) -> list[str]:
    """What a page tells to type, a command a line; `…` stands for what the reader fills in."""
    typed = []
    for block in fenced(name, "console"):
        joined = re.sub(r" *\\\n *", " ", block)
        typed += re.findall(r"^\$ (.+)$", joined, re.MULTILINE)
    return typed


@EVERY_PAGE
def test_every_setting_that_a_page_names_exists(name: str) -> None:
    known = {f"CONNECTOR_{spec.name.upper()}" for spec in fields(Settings)}
    known |= {f"{ENDPOINT_PREFIX}{endpoint}" for endpoint in ENDPOINTS}
    named = set(re.findall(r"\bCONNECTOR_[A-Z][A-Z_]*[A-Z]\b(?![_*…<])", text_of(name)))

    assert named - known == set()


@EVERY_PAGE
def test_every_file_that_a_page_names_exists(name: str) -> None:
    roots = [
        ROOT / folder for folder in (".", "connector", "connector/relay", "workbench", "tests", "tests/relay", "docs")
    ]
    named = re.findall(r"`((?:[\w.-]+/)+[\w.-]+\.(?:py|md|json|yaml|yml|bicep|toml|kql|ps1))(?:::\w+)?`", text_of(name))
    made = ("build/", ".vscode/", ".cursor/")
    named = [path for path in named if not path.startswith(made) and "RESOURCE" not in path]

    assert [path for path in named if not any((root / path).exists() for root in roots)] == []


@EVERY_PAGE
def test_every_make_target_and_command_that_a_page_names_exists(name: str) -> None:
    makefile = text_of("Makefile")
    for target in re.findall(r"(?:`|\$ )make ([a-z-]+)", text_of(name)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for line in re.findall(r"(?:python -m workbench|deskdirector-connector) ([a-z][^`\n$)]*)", text_of(name)):
        words = re.match(r"[a-z-]+(?: [a-z][a-z-]*)?", line)
        assert words
        first, _, second = words[0].partition(" ")
        shown = help_of(first)
        if second and re.search(rf"^\W*{re.escape(second)} ", shown, re.MULTILINE):
            shown = help_of(first, second)
        assert [option for option in re.findall(r"(?<!\S)--[a-z-]+", line) if option not in shown] == [], line


@cache
def help_of(*command: str) -> str:
    shown = CliRunner(env={"COLUMNS": "300", "TERM": "dumb"}).invoke(app, [*command, "--help"])
    assert shown.exit_code == 0, command
    return shown.output


@EVERY_PAGE
def test_every_snippet_can_be_read(name: str) -> None:
    for block in fenced(name, "json"):
        json.loads(re.sub(r",\s*…|…", "", block))
    for block in fenced(name, "yaml"):
        yaml.safe_load(block)
    for block in fenced(name, "python"):
        compile(block, name, "exec")
    for command in commands(name):
        assert shlex.split(command, comments=True)


@EVERY_PAGE
def test_every_address_of_the_app_that_a_page_names_exists(name: str) -> None:
    shapes = [re.sub(r"\{\*[^}]+\}", ".*", route) for route in ROUTES]
    shapes = [re.sub(r"\{[^}]+\}", "[^/]+", shape) for shape in shapes]
    named = re.findall(
        r"(?:YOUR-APP\.azurewebsites\.net|127\.0\.0\.1:7071|[`\s(])/((?:api|mcp)/[\w/{}-]+)", text_of(name)
    )

    assert [path for path in named if not any(re.fullmatch(shape, path.rstrip("/")) for shape in shapes)] == []


@pytest.mark.parametrize("name", [name for name in PAGES if any("curl " in line for line in commands(name))])
def test_every_call_that_a_page_shows_works(name: str, desk: Desk) -> None:
    for command in commands(name):
        if "curl " not in command:
            continue
        line = command
        for shown, real in (
            (rf"https?://(?:{APP})", desk.url),
            (r"acme\.deskdirector\.com|127\.0\.0\.1:7070", desk.simulator.site),
            (r"not-a-secret-psa-key-\w+|\$DD_API_KEY|YOUR-KEY", desk.simulator.psa_key),
            (r"\$FUNCTION_KEY", "none"),
        ):
            line = re.sub(shown, real, line)
        answer = subprocess.check_output(["bash", "-c", line], timeout=300, text=True)

        assert "error" not in json.loads(answer), f"{command}\n{answer}"


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(tmp_path / "site")]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert built.returncode == 0, built.stderr
    assert (tmp_path / "site" / "search" / "search_index.js").exists()
