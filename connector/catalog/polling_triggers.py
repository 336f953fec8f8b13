"""Flows that poll for form results, time entries and answers to surveys.

The first call returns nothing, whatever there is; later ones return what has come since, oldest first, each item once.
"""

from collections.abc import Callable
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from pydantic import Field, StringConstraints

from connector.catalog.forms import FormId
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.connection import MAX_ID
from connector.deskdirector.entities.forms import FormSubmission
from connector.deskdirector.entities.surveys import SurveyAnswer
from connector.deskdirector.entities.time_entries import TimeEntry
from connector.deskdirector.models import Entity
from connector.operations.field_model import IMPORTANT, INTERNAL
from connector.operations.fields import ActingMember
from connector.operations.operation import polling_trigger
from connector.operations.request import OperationResponse, Request
from connector.relay.polling.items import Source
from connector.relay.polling.poll import poll
from connector.relay.polling.sources import form_results, survey_results, time_entries
from connector.relay.polling.states import States, room_beside
from connector.relay.relay import shared_relay
from connector.resolving.on_behalf_of import as_member
from connector.resolving.references import resolve
from connector.settings import Settings

StateText = Annotated[str, StringConstraints(max_length=5_000)]
"""Ours stay far shorter, and an address of over 64 KB reaches no server."""
State = Annotated[
    StateText | None, INTERNAL, Field(description="Where the previous check ended; the platform fills it in.")
]

T = TypeVar("T", bound=Entity)


class FormResultBatch(Entity):
    """Form results that a flow has not seen."""

    results: list[FormSubmission] = Field(default_factory=list, description="The form results, oldest first.")


class TimeEntryBatch(Entity):
    """Time entries that a flow has not seen."""

    results: list[TimeEntry] = Field(default_factory=list, description="The time entries, oldest first.")


class SurveyAnswerBatch(Entity):
    """Answers to a survey that a flow has not seen."""

    results: list[SurveyAnswer] = Field(default_factory=list, description="The answers, oldest first.")


@polling_trigger(
    "WhenFormIsSubmitted",
    "GET",
    "triggers/form-results",
    title="When a form is submitted",
    hint="To see it work now, submit the form in the client portal and wait for a minute.",
    output=FormResultBatch,
)
async def when_form_is_submitted(
    dd: DeskDirector, request: Request, form: FormId, on_behalf_of: ActingMember = None, state: State = None
) -> OperationResponse:
    """This operation triggers when a form is submitted; Get form result then gives the answers.

    With the form's own webhook, When a webhook fires reacts at once.
    """
    form_id = int(await resolve(dd, "form", form))
    source = form_results(dd, form_id, await as_member(dd, on_behalf_of), late_seconds=late_seconds(dd))
    return await polled(dd.settings, request, state, source, lambda found: FormResultBatch(results=found))


@polling_trigger(
    "WhenTimeEntryIsAdded",
    "GET",
    "triggers/time-entries",
    title="When a time entry is added",
    hint="To see it work now, log time on a ticket and wait for a minute.",
    output=TimeEntryBatch,
)
async def when_time_entry_is_added(
    dd: DeskDirector, request: Request, on_behalf_of: ActingMember = None, state: State = None
) -> OperationResponse:
    """This operation triggers when a member logs time for work done in this month or the last.

    It follows the member whose connection this is, or the one given as onBehalfOf.
    """
    source = time_entries(dd, await as_member(dd, on_behalf_of), late_seconds=late_seconds(dd))
    return await polled(dd.settings, request, state, source, lambda found: TimeEntryBatch(results=found))


@polling_trigger(
    "WhenSurveyIsAnswered",
    "GET",
    "triggers/survey-answers",
    title="When a survey is answered",
    hint="To see it work now, answer the survey as a contact and wait for a minute.",
    output=SurveyAnswerBatch,
)
async def when_survey_is_answered(
    dd: DeskDirector,
    request: Request,
    survey_id: Annotated[
        int,
        IMPORTANT,
        Field(ge=1, le=MAX_ID, description="The id of the survey: the number in its address in the admin portal."),
    ],
    on_behalf_of: ActingMember = None,
    state: State = None,
) -> OperationResponse:
    """This operation triggers when a contact answers a survey.

    The columns of DeskDirector's export are recognised by name; all of them are under columns as well.
    """
    source = survey_results(dd, survey_id, await as_member(dd, on_behalf_of), late_seconds=late_seconds(dd))
    return await polled(dd.settings, request, state, source, lambda found: SurveyAnswerBatch(results=found))


def late_seconds(dd: DeskDirector) -> int:
    """How far a trigger looks back."""
    return dd.settings.late_minutes * 60


async def polled(
    settings: Settings, request: Request, state: str | None, source: Source[T], batch: Callable[[list[T]], Entity]
) -> OperationResponse:
    """`202` when nothing is new, else `200` with a batch; `Location` is where the platform polls next."""
    query = {name: value for name, value in request.query.items() if name not in ("state", "code")}
    address = f"{request.address(request.url_path)}?{urlencode({**query, 'state': ''})}"
    states = States(lambda: shared_relay(settings).store.payloads, room_beside(address))
    answer = await poll(state, source, states)
    headers = {"Location": address + answer.state, "Retry-After": str(answer.wait_seconds)}
    return (
        OperationResponse(batch(answer.items), 200, headers) if answer.items else OperationResponse(None, 202, headers)
    )
