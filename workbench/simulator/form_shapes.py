"""How forms and their results are written: on the connector surface by field, in legacy v2 in named envelopes."""

from typing import Any

from workbench.simulator.clock import wire
from workbench.simulator.records import Form, FormField, FormResult
from workbench.simulator.shapes import Fields, flag, many, moment, record, reference, text, whole
from workbench.simulator.tenant import Tenant

_CHOICE: Fields = {"name": text("Name"), "identifier": text("Identifier"), "selected": flag("Is selected")}
ENVELOPE: Fields = {
    "id": whole("Id", large=True),
    "form": reference("Form"),
    "ticket": reference("Ticket"),
    "submittedBy": reference("Submitted by"),
    "submittedAt": moment("Submitted at"),
}
CHOICE_TYPES = ("single_choice", "multiple_choice", "api_single_select", "api_multi_select")


def result_fields(form: Form) -> Fields:
    """V2: one property for each field of the form that can be answered, named by its identifier."""
    return {**ENVELOPE, **{field.identifier: text(field.name) for field in answerable(form)}}


def legacy_result_fields(_: Form) -> Fields:
    """V1: the same for every form, a list of fields."""
    field: Fields = {
        "name": text("Name"),
        "identifier": text("Identifier"),
        "type": text("Type"),
        "value": text("Value"),
        "choices": many(record("Choice", _CHOICE), "Choices"),
    }
    return {**ENVELOPE, "fields": many(record("Field", field), "Fields")}


def answerable(form: Form) -> list[FormField]:
    """The fields that take an answer; a statement only shows a text."""
    return [field for field in form.fields if field.type != "statement"]


def _envelope(tenant: Tenant, result: FormResult) -> dict[str, Any]:
    form = tenant.forms[result.form_id]
    ticket = tenant.tickets.get(result.ticket_id or 0)
    return {
        "id": result.id,
        "form": {"id": form.id, "name": form.name},
        "ticket": {"id": ticket.id, "name": ticket.name} if ticket else None,
        "submittedBy": {"id": result.contact_id, "name": tenant.contacts[result.contact_id].name},
        "submittedAt": wire(result.submitted_on),
    }


def result_object(tenant: Tenant, result: FormResult) -> dict[str, Any]:
    """A result V2; what was not answered is null, chosen entries are names joined with `;`."""
    form = tenant.forms[result.form_id]
    stored = result.answers
    answers = {field.identifier: _answer_text(field, stored.get(field.identifier)) for field in answerable(form)}
    return _envelope(tenant, result) | answers


def _answer_text(field: FormField, answer: str | None) -> str | None:
    if answer is None or field.type not in CHOICE_TYPES:
        return answer
    return ";".join(field.choices.get(choice, choice) for choice in answer.split(";"))


def legacy_result_object(tenant: Tenant, result: FormResult) -> dict[str, Any]:
    """A result V1."""
    form = tenant.forms[result.form_id]
    return _envelope(tenant, result) | {"fields": [_answered(field, result) for field in answerable(form)]}


def _answered(field: FormField, result: FormResult) -> dict[str, Any]:
    """A field with its answer; a choice field has its answer among `choices`, as `selected`."""
    answer = result.answers.get(field.identifier)
    chosen = set((answer or "").split(";")) if field.type in CHOICE_TYPES else set()
    return {
        "name": field.name,
        "identifier": field.identifier,
        "type": field.type,
        "value": None if field.type in CHOICE_TYPES else answer,
        "choices": [
            {"name": name, "identifier": key, "selected": True} for key, name in field.choices.items() if key in chosen
        ],
    }


def stored_form(form: Form) -> dict[str, Any]:
    """A form of legacy v2."""
    return {
        "entityId": form.id,
        "name": form.name,
        "description": form.description,
        "titleFormat": form.title_format,
        "fields": [_stored_field(field) for field in form.fields],
        "readOnly": form.read_only,
    }


def _stored_field(field: FormField) -> dict[str, Any]:
    return {
        "name": field.name,
        "description": field.description,
        "identifier": field.identifier,
        "type": field.type,
        "required": field.required,
        "choices": [{"name": name, "identifier": key} for key, name in field.choices.items()],
        "meta": {"render": field.render} if field.render else {},
    }


def stored_result(tenant: Tenant, result: FormResult) -> dict[str, Any]:
    """A result of legacy v2: the form's sections with the answers in them."""
    form = tenant.forms[result.form_id]
    sections = [{"name": form.name, "fields": [_answered(field, result) for field in answerable(form)]}]
    return {
        "entityId": result.id,
        "form": {"entityId": form.id, "name": form.name, "sections": sections},
        "ticket": {"entityId": result.ticket_id} if result.ticket_id else None,
        "contact": {"entityId": result.contact_id, "name": tenant.contacts[result.contact_id].name},
        "submittedAt": wire(result.submitted_on),
    }
