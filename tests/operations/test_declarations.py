"""A mistake in a declaration: a type error where a type checker sees it, else one sentence when it is imported."""

from pathlib import Path
from typing import Any

import pytest
from mypy import api as mypy

from connector.operations.operation import action, registry, support
from tests.desk import ROOT

DECLARATION = '''\
from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.tickets import Ticket
from connector.operations.fields import TicketId
from connector.operations.operation import Effects, action, lookup, polling_trigger, support, webhook_trigger


{decorator}
async def get_experiment(dd: DeskDirector, ticket_id: TicketId) -> Ticket:
    """Get an experiment."""
    return await dd.fetch(api.GET_TICKET, Ticket, path={{"ticketId": ticket_id}})
'''
MISTAKES = {
    '@action("GetExperiment", "GET", "experiments/{ticketId}", anonymus=True)': "anonymus",
    '@action("GetExperiment", "GET", "experiments/{ticketId}", ouput=Ticket)': "ouput",
    '@action("GetExperiment", "GET", "experiments/{ticketId}", anonymous=True)': "anonymous",
    '@action("GetExperiment", "GTE", "experiments/{ticketId}")': "GTE",
    '@action("GetExperiment", "GET", "experiments/{ticketId}", effects="reads")': "effects",
    '@lookup("GetExperiment", "GET", "lookups/{ticketId}", hint="Do it.")': "hint",
    '@support("GetExperiment", "GET", "support/{ticketId}", notification=Ticket)': "notification",
    '@webhook_trigger("WhenX", "triggers/{ticketId}", title="When X", hint="Do X.", output=Ticket)': "notification",
    '@polling_trigger("WhenX", "GET", "triggers/{ticketId}", title="When X", output=Ticket)': "hint",
}


def test_an_unknown_or_missing_keyword_is_a_type_error(tmp_path: Path) -> None:
    """One run of mypy over a file a mistake: each has exactly one error, which names the keyword."""
    right = tmp_path / "right.py"
    right.write_text(DECLARATION.format(decorator='@action("GetExperiment", "GET", "experiments/{ticketId}")'))
    for number, decorator in enumerate(MISTAKES):
        (tmp_path / f"wrong_{number}.py").write_text(DECLARATION.format(decorator=decorator))

    files = [str(path) for path in sorted(tmp_path.glob("*.py"))]
    settings = ["--config-file", str(ROOT / "pyproject.toml"), "--no-pretty"]
    report, crash, _ = mypy.run([*settings, *files])

    errors = [line for line in report.splitlines() if ": error:" in line]
    assert crash == ""
    for number, named in enumerate(MISTAKES.values()):
        (only,) = [line for line in errors if f"wrong_{number}.py" in line]
        assert named in only
    assert len(errors) == len(MISTAKES)


async def misnamed(ticket: int) -> None:
    """Get an experiment."""


async def untyped(ticket_id) -> None:  # type: ignore[no-untyped-def]
    """Get an experiment."""


async def answers_nothing(ticket_id: int):  # type: ignore[no-untyped-def]
    """Get an experiment."""


async def undescribed(ticket_id: int) -> None:
    del ticket_id


@pytest.mark.parametrize(
    ("handler", "sentence"),
    [
        (
            misnamed,
            "misnamed has no parameter ticket_id for {ticketId} of its path experiments/{ticketId}; it has ticket",
        ),
        (untyped, "untyped needs a type for its parameter ticket_id"),
        (answers_nothing, "answers_nothing needs a return type: the model that it answers"),
        (undescribed, "undescribed needs a docstring, since makers and models read it"),
    ],
)
def test_a_wrong_function_is_one_sentence(handler: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match="GetExperiment") as raised:
        action("GetExperiment", "GET", "experiments/{ticketId}")(handler)

    assert str(raised.value) == f"operation GetExperiment: {sentence}"
    assert "GetExperiment" not in registry()


def test_an_id_is_taken_once_and_begins_with_a_verb() -> None:
    with pytest.raises(ValueError, match="MakeExperiment does not begin with a verb"):
        support("MakeExperiment", "GET", "experiments/{ticketId}")(misnamed)
