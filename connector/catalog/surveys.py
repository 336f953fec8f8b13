"""Survey answers: find. When a survey is answered is among the events."""

from typing import Annotated

from pydantic import Field

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.connection import MAX_ID
from connector.deskdirector.entities.surveys import SurveyAnswers, survey_answers
from connector.operations.field_model import ADVANCED, IMPORTANT
from connector.operations.fields import ActingMember, BoardRef, CompanyRef, MemberRef, Moment
from connector.operations.operation import action
from connector.operations.paging import FindInput
from connector.resolving.on_behalf_of import as_member
from connector.resolving.references import resolve


class SurveyAnswerFilters(FindInput):
    """Which answers to find; filters given together must all match."""

    survey_id: Annotated[int, IMPORTANT] = Field(
        ge=1, le=MAX_ID, description="The id of the survey: the number in its address in the admin portal."
    )
    answered_after: Annotated[Moment, IMPORTANT] = Field(description="Only answers given at or after this time.")
    answered_before: Annotated[Moment, IMPORTANT] = Field(description="Only answers given before this time.")
    board: Annotated[BoardRef | None, ADVANCED] = Field(None, description="Only answers about tickets on this board.")
    company: Annotated[CompanyRef | None, ADVANCED] = Field(
        None, description="Only answers of contacts of this company."
    )
    member: Annotated[MemberRef | None, ADVANCED] = Field(None, description="Only answers about this member.")
    on_behalf_of: ActingMember = None


@action("FindSurveyAnswers", "POST", "find/survey-answers")
async def find_survey_answers(dd: DeskDirector, find: SurveyAnswerFilters) -> SurveyAnswers:
    """Find the answers that contacts gave to a survey between two times, with score and comment.

    DeskDirector exports them as a table: its columns are recognised by name, and all of them are under columns as well.
    When a survey is answered starts a flow for each.
    """
    narrowed = {
        name: [await resolve(dd, noun, text)] if text else None
        for name, noun, text in (
            ("boards", "board", find.board),
            ("companies", "company", find.company),
            ("members", "member", find.member),
        )
    }
    query = {"format": "powerbi", "start": find.answered_after, "end": find.answered_before, **narrowed}
    user = await as_member(dd, find.on_behalf_of)
    reply = await dd.call(api.EXPORT_SURVEY_RESULTS, path={"surveyId": find.survey_id}, query=query, user=user)
    answers = list(survey_answers(reply.content, find.survey_id))
    return find.paged_here(SurveyAnswers(results=answers, total=len(answers)))
