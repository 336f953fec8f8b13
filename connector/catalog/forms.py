"""Forms and their results: list, get, add one to a ticket, find results, get one with its answers."""

from typing import Annotated, Any

from pydantic import Field

from connector.deskdirector import endpoints as api
from connector.deskdirector.body_schemas import Body
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.content import content_of
from connector.deskdirector.entities.forms import Form, FormResultHead, FormSubmissions, TicketForm
from connector.deskdirector.entities.service import Choices
from connector.deskdirector.errors import NotFound
from connector.operations.field_model import IMPORTANT, DynamicSchema
from connector.operations.fields import ActingMember, Creating, FormRef, KeyText, Moment, ResultId, TicketId
from connector.operations.operation import Effects, action, lookup, support
from connector.operations.paging import FindInput
from connector.resolving.advanced_actions import ADD_FORM, call_advanced_action, find_advanced_action
from connector.resolving.dynamic_schemas import SchemaAnswer, tenant_schema
from connector.resolving.form_results import THE_BEGINNING, answers_in, result_of_ticket, tomorrow
from connector.resolving.lookup_cache import as_choices, listed
from connector.resolving.on_behalf_of import as_member
from connector.resolving.references import resolve

FormId = Annotated[FormRef, IMPORTANT, Field(title="Form", description="The form, by name or id.")]


class FormResult(FormResultHead):
    """What was answered in one form."""

    answers: Annotated[dict[str, Any], DynamicSchema("GetFormResultSchema", (("form", "formId"),))] = Field(
        default_factory=dict, description="The answers, each under the identifier of its question."
    )


class TicketFormResult(FormResultHead):
    """What was answered in a form of a ticket."""

    answers: dict[str, Any] = Field(
        default_factory=dict, description="The answers, each under the identifier of its question."
    )


class FormResultFilters(FindInput):
    """Which form results to find."""

    submitted_after: Annotated[Moment | None, IMPORTANT] = Field(
        None, description="Only results submitted at or after this time, in UTC."
    )
    submitted_before: Moment | None = Field(None, description="Only results submitted before this time, in UTC.")
    on_behalf_of: ActingMember = None


@lookup("ListForms", "GET", "lookups/forms")
async def list_forms(dd: DeskDirector) -> Choices:
    """List the forms with their ids."""
    return as_choices(await listed(dd, api.LIST_FORMS, pages=True))


@lookup("ListFormFieldChoices", "GET", "lookups/form-field-choices")
async def list_form_field_choices(
    dd: DeskDirector,
    form: FormId,
    field: Annotated[KeyText, Field(min_length=1, description="The identifier of the question; Get form gives it.")],
) -> Choices:
    """List the choices of a question of a form with their identifiers."""
    path = {"formId": await resolve(dd, "form", form), "fieldId": field}
    return as_choices(await listed(dd, api.LIST_FORM_FIELD_CHOICES, path=path))


class InlineForm(Creating):
    """A form to be put on a ticket."""

    form: Annotated[FormRef, IMPORTANT] = Field(min_length=1, description="The form, by name or id.")


@action("AddTicketForm", "POST", "tickets/{ticketId}/forms", effects=Effects.CREATES)
async def add_ticket_form(dd: DeskDirector, ticket_id: TicketId, inline: InlineForm) -> TicketForm:
    """Add a form to a ticket, for its contact to fill in.

    It uses an advanced action of the site whose name says so; a site without one refuses. Find form results shows what
    was submitted.
    """
    form_id = int(await resolve(dd, "form", inline.form))
    advanced = await find_advanced_action(dd, ADD_FORM)
    if advanced is None:
        raise NotFound(
            "RouteNotFound",
            "This site has no advanced action that adds a form to a ticket; List advanced actions shows what it has.",
        )
    ids = Body({"ticketId": ticket_id, "formId": form_id}, {"ticketId": "ticketId", "formId": "form"})
    await call_advanced_action(dd, advanced, ids)
    return TicketForm(ticket_id=ticket_id, form_id=form_id)


@action("GetForm", "GET", "forms/{formId}")
async def get_form(dd: DeskDirector, form_id: FormId, on_behalf_of: ActingMember = None) -> Form:
    """Get a form with its questions, their identifiers and their choices.

    List forms shows which forms there are, Find form results what was submitted.
    """
    user = await as_member(dd, on_behalf_of)
    return await dd.fetch(api.GET_FORM, Form, path={"formId": await resolve(dd, "form", form_id)}, user=user)


@action("FindFormResults", "POST", "find/forms/{formId}/results")
async def find_form_results(dd: DeskDirector, form_id: FormId, find: FormResultFilters) -> FormSubmissions:
    """Find the submissions of a form in a time range, with the tickets that they created.

    Returns one page of results without their answers: use Get form result for those. Give continuation back while
    hasMore is true.
    """
    # Both ends always: the only witness sends both, and one alone may mean anything.
    span = {"startTime": find.submitted_after or THE_BEGINNING, "endTime": find.submitted_before or tomorrow()}
    body = {**find.window, "timeRange": span}
    path = {"formId": await resolve(dd, "form", form_id)}
    user = await as_member(dd, find.on_behalf_of)
    return find.paged(await dd.fetch(api.FIND_FORM_RESULTS, FormSubmissions, path=path, body=body, user=user))


@action("GetFormResult", "GET", "forms/{formId}/results/{resultId}")
async def get_form_result(dd: DeskDirector, form_id: FormId, result_id: ResultId) -> FormResult:
    """Get the answers of one form result, each under the identifier of its question.

    Which answers there are depends on the form; questions without an answer are left out. Find form results gives the
    id, as does the event of a form.
    """
    form = int(await resolve(dd, "form", form_id))
    reply = await dd.call(api.GET_FORM_RESULT_V2, path={"formId": form, "resultId": result_id})
    result = reply.read(FormResult)
    result.id, result.form_id = result_id, form
    result.answers = answers_in(content_of(reply.json()))
    return result


@action("GetTicketFormResult", "GET", "tickets/{ticketId}/form-result")
async def get_ticket_form_result(
    dd: DeskDirector,
    ticket_id: TicketId,
    form: Annotated[
        FormRef | None, Field(description="The form, by name or id; when left out, the first ten forms are searched.")
    ] = None,
    on_behalf_of: ActingMember = None,
) -> TicketFormResult:
    """Get the answers of the form that created a ticket, or of a form that was added to it later.

    It needs a member, and takes at most 13 calls: it searches the results of each form from around the ticket's
    creation. Give the form to search all its results since then. Get form result takes an id.
    """
    user = await as_member(dd, on_behalf_of)
    found = await result_of_ticket(dd, ticket_id, await resolve(dd, "form", form) if form else None, user)
    path = {"formId": found.form_id, "resultId": found.result_id}
    reply = await dd.call(api.GET_FORM_RESULT_V2, path=path)
    result = reply.read(TicketFormResult)
    result.fill(id=found.result_id, form_id=found.form_id, ticket_id=ticket_id)
    result.answers = answers_in(content_of(reply.json()))
    return result


@support("GetFormResultSchema", "GET", "schemas/form-result")
async def get_form_result_schema(dd: DeskDirector, form: FormId) -> SchemaAnswer:
    """Get the schema of the answers of a form."""
    path = {"formId": await resolve(dd, "form", form)}
    return await tenant_schema(dd, api.GET_FORM_RESULT_SCHEMA2_V2, api.GET_FORM_RESULT_SCHEMA_V2, path=path)
