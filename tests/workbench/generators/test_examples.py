"""The worked examples: every operation has one, also one that nobody has written input for."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from pydantic import Field

from connector.catalog import operations
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.tickets import Ticket
from connector.operations.fields import Input, TicketId
from connector.operations.signature import signature_of
from workbench.generators import examples
from workbench.generators.examples import example_of
from workbench.generators.examples.inputs import INPUTS, USUAL


class Unheard(Input):
    """Input that nobody has written an example for."""

    board: str = Field(description="A board.")
    colours: list[str] = Field(description="Some colours.")
    size: Literal["small", "large"] = Field(description="A size.")
    weight: float = Field(description="A weight.")
    remark: str | None = Field(None, description="A remark.")


async def handler(dd: DeskDirector, ticket_id: TicketId, unheard: Unheard) -> Ticket:
    """Do what nobody has heard of."""
    raise NotImplementedError


def test_what_nobody_has_written_input_for_is_called_with_usual_values() -> None:
    operation = replace(operations()["GetTicket"], id="SetUnheard", method="POST", handler=handler)
    example = example_of(operation)

    assert example.path == {"ticketId": USUAL["ticketId"]}
    assert example.body == {"board": "Support", "colours": ["example"], "size": "small", "weight": 1.5}
    assert (example.status, example.answer) == (None, None)


@pytest.mark.parametrize("name", INPUTS)
def test_written_input_is_of_fields_that_there_are(name: str) -> None:
    operation = operations()[name]

    assert INPUTS[name].keys() <= {field.name for _, field in signature_of(operation).fields(operation)}


def test_what_was_recorded_just_now_is_quoted_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    operation = operations()["GetTicket"]
    before = example_of(operation)
    monkeypatch.setattr(examples, "ANSWERS", tmp_path / "answers.json")
    try:
        examples.remember({"GetTicket": {"status": 200, "answer": {"id": 1}}})
        assert example_of(operation).answer == {"id": 1} != before.answer
    finally:
        monkeypatch.undo()
        examples.remember(json.loads(examples.ANSWERS.read_bytes()))


def test_every_operation_has_an_answer_on_record() -> None:
    unplayed = [one.id for one in operations().values() if example_of(one).status is None]

    assert unplayed == [], "run `make export`; it says which examples fail"
