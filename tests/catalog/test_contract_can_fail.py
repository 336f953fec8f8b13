"""The contract tests can fail: a fact that is turned round shows in what the examples do.

Each case changes one trait of the proven profile and plays an example that rests on it; had the table of outcomes not
noticed, the contract test over it would be worth nothing.
"""

import pytest

from connector.catalog import operations
from tests.desk import Desk
from workbench.cli.recording import Recorder, outcome_of
from workbench.generators.outcomes import recorded_outcomes

RESTS_ON = [
    ("", "AddTicketNote", True),
    ("no_notes_in_update", "AddTicketNote", False),
    ("refused_notes", "AddTicketNote", False),
    ("no_members_in_update", "AssignTicket", False),
    ("date_filters", "WhenTicketIsUpdated", False),
    ("documented_routes", "ApproveTicket", False),
    ("any_scheme", "FindTimeEntries", False),
]


@pytest.mark.parametrize(("mutated", "operation", "is_same"), RESTS_ON, indirect=["mutated"])
def test_a_fact_that_is_turned_round_is_noticed(mutated: Desk, operation: str, *, is_same: bool) -> None:
    playing = Recorder(mutated.simulator, mutated.url, mutated.client)
    outcome = outcome_of(playing.play(operations()[operation]))

    assert (outcome == recorded_outcomes()["proven"][operation]) is is_same, outcome
