"""A misspelt keyword of a call is a type error, not a surprise at run time."""

import re
import subprocess
import sys

import pytest

from tests.desk import ROOT

PRELUDE = """
from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.tickets import Ticket

async def use(dd: DeskDirector) -> None:
"""

RIGHT = (
    'await dd.fetch(api.GET_TICKET, Ticket, path={"ticketId": 7})',
    'await dd.call(api.GET_TICKET, path={"ticketId": 7}, query=None, body=None, user=None)',
    "await dd.ask(api.TEST_CONNECTION, query=None)",
)
WRONG = (
    'await dd.fetch(api.GET_TICKET, Ticket, pth={"ticketId": 7})',
    'await dd.fetch(api.GET_TICKET, Ticket, path={"ticketId": 7}, usr=None)',
    'await dd.fetch(api.GET_TICKET, Ticket, path={"ticketId": 7}, user="contact:3")',
    'await dd.call(api.GET_TICKET, pth={"ticketId": 7})',
    'await dd.call("GET /tickets/7")',
    "await dd.ask(api.TEST_CONNECTION, body=None)",
)


@pytest.fixture(scope="module")
def wrong_lines(tmp_path_factory: pytest.TempPathFactory) -> set[int]:
    """The lines with a type error."""
    snippet = tmp_path_factory.mktemp("typing") / "snippet.py"
    snippet.write_text(PRELUDE.lstrip() + "".join(f"    {line}\n" for line in RIGHT + WRONG))
    command = [sys.executable, "-m", "mypy", "--config-file", "pyproject.toml", "--no-error-summary", str(snippet)]
    output = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    return {int(line) for line in re.findall(r"snippet\.py:(\d+): error:", output)}


def line_of(statement: str) -> int:
    return PRELUDE.lstrip().count("\n") + (RIGHT + WRONG).index(statement) + 1


@pytest.mark.parametrize("statement", RIGHT)
def test_a_call_with_its_own_keywords_passes(statement: str, wrong_lines: set[int]) -> None:
    assert line_of(statement) not in wrong_lines


@pytest.mark.parametrize("statement", WRONG)
def test_a_call_with_a_wrong_keyword_is_a_type_error(statement: str, wrong_lines: set[int]) -> None:
    assert line_of(statement) in wrong_lines
