"""Answers to surveys, out of DeskDirector's export."""

from typing import Any

import pytest

from connector.deskdirector.entities.surveys import survey_answers
from tests.desk import Desk
from workbench.simulator.records import SurveyAnswer

SPAN: dict[str, Any] = {"answeredAfter": "2000-01-01T00:00:00Z", "answeredBefore": "2100-01-01T00:00:00Z"}


@pytest.mark.parametrize("desk", ["proven", "generous"], indirect=True)
def test_answers_come_with_score_and_every_column(desk: Desk) -> None:
    member = next(iter(desk.tenant.members))
    ticket = next(one for one in desk.tenant.tickets.values() if one.contact_id)
    answer = SurveyAnswer(1, 7, ticket.id, ticket.contact_id or 0, desk.tenant.clock.now(), 4, "Quick")
    desk.tenant.survey_answers.append(answer)

    found = desk.call("FindSurveyAnswers", surveyId=7, onBehalfOf=str(member), **SPAN)

    assert found.status == 200, found.json
    assert found.json["total"] == 1
    first = found.json["results"][0]
    assert {"id", "answeredAt", "ticketId", "contact", "score"} <= first.keys()
    assert first["rating"] == 4.0
    assert {column["name"] for column in first["columns"]} >= {"Score", "Comment"}


def test_a_span_is_needed(desk: Desk) -> None:
    refused = desk.call("FindSurveyAnswers", surveyId=1)

    assert (refused.status, refused.code) == (400, "InvalidInput")


@pytest.mark.parametrize(
    ("score", "rating"),
    [("4/5", 4.0), ("4,5 of 5", 4.5), ("80%", 80.0), ("-1", -1.0), ("Good", None), ("", None), ("1.2.3", None)],
)
def test_a_score_that_begins_with_a_number_is_a_rating(score: str, rating: float | None) -> None:
    (answer,) = survey_answers(f"Score;Comment\n{score};Quick".encode(), 7)

    assert (answer.score, answer.rating) == (score or None, rating)
