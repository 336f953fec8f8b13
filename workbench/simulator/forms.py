"""Forms: pickers and results on the connector surface, and the legacy `ddform` routes that need a member's token."""

from collections.abc import Callable
from typing import Any

from workbench.simulator.auth import Access
from workbench.simulator.call import Call
from workbench.simulator.form_shapes import legacy_result_object, result_object, stored_form, stored_result
from workbench.simulator.records import Form, FormField, FormResult
from workbench.simulator.router import Routes
from workbench.simulator.service import listed_page
from workbench.simulator.shapes import Fields, flag, many, moment, read, record, text, whole
from workbench.simulator.tenant import Tenant
from workbench.simulator.wire import CONNECTOR, INT64, bad_request, not_found

routes = Routes()
LEGACY = "/api/v2/ddform/forms/{formId}"
DYNAMIC = "/api/v2/ddforms/dynamic"
DYNAMIC_LIMIT = 30
LEGACY_MAX_TAKE = 1000

_FIND_RESULTS: Fields = {
    "skip": whole("Skip"),
    "take": whole("Take"),
    "timeRange": record("Time range", {"startTime": moment("Start"), "endTime": moment("End")}),
}
_FIELD: Fields = {
    "name": text("Name", required=True),
    "description": text("Description"),
    "identifier": text("Identifier", required=True),
    "type": text("Type", required=True),
    "required": flag("Required"),
    "choices": many(
        record("Choice", {"name": text("Name", required=True), "identifier": text("Identifier", required=True)}),
        "Choices",
    ),
    "meta": record("Meta", {"render": text("Render")}),
}
_REPLACE: Fields = {
    "form": record(
        "Form",
        {
            "name": text("Name", required=True),
            "description": text("Description"),
            "titleFormat": text("Title format"),
            "fields": many(record("Field", _FIELD), "Fields"),
            "readOnly": flag("Read only"),
        },
        required=True,
    )
}


def form_of(call: Call) -> Form:
    """The form that the path names."""
    key = call.number("formId")
    form = call.tenant.forms.get(key)
    if form is None:
        raise not_found("Form", key)
    return form


def _result_of(call: Call) -> FormResult:
    form, key = form_of(call), call.number("resultId", INT64)
    result = form.results.get(key)
    if result is None:
        raise not_found("Form result", key)
    return result


@routes.get(f"{CONNECTOR}/forms", allow=Access.STAFF)
def list_forms(call: Call) -> dict[str, Any]:
    """Forms, for pickers."""
    return listed_page(call, list(call.tenant.forms.values()))


@routes.get(f"{CONNECTOR}/forms/{{formId}}/fields/{{fieldId}}/choices", allow=Access.STAFF)
def list_choices(call: Call) -> dict[str, Any]:
    """The choices of one field, by its identifier."""
    for field in form_of(call).fields:
        if field.identifier == call.params["fieldId"]:
            choices = [{"id": key, "name": name} for key, name in field.choices.items()]
            return {"results": choices, "totalResults": len(choices)}
    raise not_found("Field", call.params["fieldId"])


@routes.get(f"{CONNECTOR}/forms/{{formId}}/results/{{resultId}}", allow=Access.STAFF)
def get_result(call: Call) -> dict[str, Any]:
    """A result V1, deprecated."""
    return legacy_result_object(call.tenant, _result_of(call))


@routes.get(f"{CONNECTOR}/v2/forms/{{formId}}/results/{{resultId}}", allow=Access.STAFF)
def get_result_v2(call: Call) -> dict[str, Any]:
    """A result V2."""
    return result_object(call.tenant, _result_of(call))


@routes.get(LEGACY, allow=Access.MEMBER)
def get_form(call: Call) -> dict[str, Any]:
    """A form, in its envelope."""
    return {"form": stored_form(form_of(call))}


@routes.on("PUT", LEGACY, allow=Access.MEMBER)
def replace_form(call: Call) -> dict[str, Any]:
    """The whole form again; its results stay."""
    form = form_of(call)
    values = read(_REPLACE, call.body)["form"]
    fields = [_field(field) for field in values.get("fields") or []]
    if len({field.identifier for field in fields}) != len(fields):
        raise bad_request(fields="Identifiers must be unique.")
    form.name, form.description = values["name"], values.get("description") or ""
    form.title_format, form.read_only = values.get("titleFormat") or "", bool(values.get("readOnly"))
    form.fields = fields
    return {"form": stored_form(form)}


def _field(values: dict[str, Any]) -> FormField:
    return FormField(
        values["identifier"],
        values["name"],
        values["type"],
        bool(values.get("required")),
        {choice["identifier"]: choice["name"] for choice in values.get("choices") or []},
        values.get("description") or "",
        (values.get("meta") or {}).get("render") or "",
    )


@routes.get(f"{LEGACY}/results/{{resultId}}", allow=Access.MEMBER)
def get_stored_result(call: Call) -> dict[str, Any]:
    """A result, in its envelope."""
    return {"result": stored_result(call.tenant, _result_of(call))}


@routes.post(f"{LEGACY}/results/find", allow=Access.MEMBER, reads=True)
def find_results(call: Call) -> dict[str, Any]:
    """Results of a time range (start inclusive, end exclusive), oldest first; up to 1,000 at once and no count."""
    form, values = form_of(call), read(_FIND_RESULTS, call.body)
    span = values.get("timeRange") or {}
    start, end = span.get("startTime") or 0, span.get("endTime")
    results = [
        result
        for result in form.results.values()
        if result.submitted_on >= start and (end is None or result.submitted_on < end)
    ]
    first = values.get("skip") or 0
    last = first + min(values.get("take") or 50, LEGACY_MAX_TAKE)
    return {"results": [stored_result(call.tenant, result) for result in results[first:last]]}


@routes.get(f"{DYNAMIC}/contacts", allow=Access.QUERY_TOKEN)
def dynamic_contacts(call: Call) -> dict[str, Any]:
    """The built-in source of contacts: those of the caller's company, or all for a member."""
    contacts = list(call.tenant.contacts.values())
    if call.caller.access is Access.CONTACT:
        contacts = [contact for contact in contacts if contact.company_id == call.caller.contact.company_id]
    return _suggestions(call, lambda: [(str(contact.id), contact.name) for contact in contacts])


@routes.get(f"{DYNAMIC}/priorities", allow=Access.QUERY_TOKEN, assumed=True)
def dynamic_priorities(call: Call) -> dict[str, Any]:
    """The built-in source of priorities (assumed path)."""
    return _suggestions(call, lambda: [(str(key), priority.name) for key, priority in call.tenant.priorities.items()])


def _suggestions(call: Call, choices: Callable[[], list[tuple[str, str]]]) -> dict[str, Any]:
    term = call.query.get("term", "")
    matches = [(key, name) for key, name in choices() if term.lower() in name.lower()]
    return {
        "value": [{"name": name, "identifier": key} for key, name in matches[:DYNAMIC_LIMIT]],
        "request": {"term": term, "ticketId": call.query.get("ticketId")},
    }


def submit(tenant: Tenant, form: Form, contact_id: int, ticket_id: int | None, answers: dict[str, Any]) -> FormResult:
    """A contact submits a form; result ids are larger than an int32."""
    known = {field.identifier for field in form.fields}
    key = 5_000_000_000 + tenant.next_number()
    texts = {name: str(value) for name, value in answers.items() if name in known and value is not None}
    form.results[key] = FormResult(key, form.id, ticket_id, contact_id, tenant.clock.now(), dict(texts))
    return form.results[key]
