"""Control routes that make things happen which no API call does, and that register and watch webhooks."""

from typing import Any

from workbench.simulator.auth import Access
from workbench.simulator.call import Call
from workbench.simulator.chat_shapes import chat_object
from workbench.simulator.chats import CLOSED, STATUSES, move_chat, open_chat
from workbench.simulator.event_types import EventKind, all_events
from workbench.simulator.form_shapes import result_object
from workbench.simulator.forms import submit
from workbench.simulator.hooks import SIGNATURE_STYLES, Hook, Webhook
from workbench.simulator.records import SurveyAnswer
from workbench.simulator.router import Routes
from workbench.simulator.shapes import Fields, flag, many, read, record, text, whole
from workbench.simulator.tenant import Tenant
from workbench.simulator.wire import bad_request, not_found
from workbench.simulator.workflows import new_hook

routes = Routes("/_control")
_EDITION: Fields = {"edition": text("Edition", enum=("tokity", "psa"))}
_CHAT: Fields = {
    **_EDITION,
    "id": text("Id of a chat to change"),
    "status": text("Status", enum=STATUSES),
    "contactId": whole("Contact"),
    "ticketId": whole("Ticket"),
    "type": text("Type", enum=("request", "push")),
}
_RESULT: Fields = {
    **_EDITION,
    "formId": whole("Form", required=True),
    "contactId": whole("Contact", required=True),
    "ticketId": whole("Ticket"),
    "answers": record("Answers by identifier"),
}
_SURVEY_ANSWER: Fields = {
    **_EDITION,
    "surveyId": whole("Survey", required=True),
    "ticketId": whole("Ticket", required=True),
    "contactId": whole("Contact", required=True),
    "score": whole("Score"),
    "comment": text("Comment"),
}
_WEBHOOK: Fields = {
    **_EDITION,
    "url": text("URL", required=True),
    "secret": text("Secret"),
    "events": many(text("Event type"), "Event types; all when absent"),
    "formId": whole("Form, for a form webhook"),
    "signature": text("How the digest is written", enum=SIGNATURE_STYLES),
}
_WORKFLOW: Fields = {**_EDITION, "isEnabled": flag("Is enabled", required=True)}
_DELIVERY: Fields = {"duplicates": whole("More copies of each"), "hold": whole("Collect, then send backwards")}
_NAMES: Fields = {**_EDITION, "names": record("Our name to theirs", required=True)}


def _tenant(call: Call, edition: str | None) -> Tenant:
    tenants = call.simulator.tenants
    if edition and edition not in tenants:
        raise not_found("Edition", edition)
    return tenants[edition] if edition else next(iter(tenants.values()))


@routes.post("/chats", allow=Access.OPEN)
def change_chat(call: Call) -> dict[str, Any]:
    """Open a chat for `contactId`, or move the chat `id` to `status`; raises the event."""
    values = read(_CHAT, call.body)
    tenant, events = _tenant(call, values.get("edition")), call.simulator.events
    if values.get("id"):
        chat = tenant.chats.get(values["id"])
        if chat is None:
            raise not_found("Chat session", values["id"])
        if chat.status in CLOSED or not values.get("status"):
            raise bad_request(status="An open chat and a status are needed.")
        move_chat(tenant, chat, values["status"])
        events.chat(tenant, EventKind.CHAT_STATUS_CHANGED, chat)
        return chat_object(tenant, chat)
    if values.get("contactId") not in tenant.contacts:
        raise bad_request(contactId="The contact does not exist.")
    chat = open_chat(tenant, values["contactId"], values.get("ticketId"), values.get("type") or "request")
    events.chat(tenant, EventKind.CHAT_CREATED, chat)
    return chat_object(tenant, chat)


@routes.post("/form-results", allow=Access.OPEN)
def submit_form(call: Call) -> dict[str, Any]:
    """A contact submits a form; raises the event."""
    values = read(_RESULT, call.body)
    tenant = _tenant(call, values.get("edition"))
    form = tenant.forms.get(values["formId"])
    if form is None or values["contactId"] not in tenant.contacts:
        raise bad_request(formId="The form or the contact does not exist.")
    result = submit(tenant, form, values["contactId"], values.get("ticketId"), values.get("answers") or {})
    call.simulator.events.form(tenant, result)
    return result_object(tenant, result)


@routes.post("/survey-answers", allow=Access.OPEN)
def answer_survey(call: Call) -> dict[str, Any]:
    """A contact answers a survey about a ticket; raises the event."""
    values = read(_SURVEY_ANSWER, call.body)
    tenant = _tenant(call, values.get("edition"))
    if values["ticketId"] not in tenant.tickets or values["contactId"] not in tenant.contacts:
        raise bad_request(ticketId="The ticket or the contact does not exist.")
    answer = SurveyAnswer(
        tenant.next_number(),
        values["surveyId"],
        values["ticketId"],
        values["contactId"],
        tenant.clock.now(),
        values.get("score") or 5,
        values.get("comment") or "",
    )
    tenant.survey_answers.append(answer)
    call.simulator.events.survey(tenant, answer)
    return {"id": answer.id}


@routes.post("/webhooks", allow=Access.OPEN)
def add_webhook(call: Call) -> dict[str, Any]:
    """What an admin does on the webhook page of the portal, or on that of a form; one with the same URL is changed."""
    values = read(_WEBHOOK, call.body)
    tenant = _tenant(call, values.get("edition"))
    there = (one.hook for one in tenant.webhooks.values() if one.hook.url == values["url"])
    hook = next(there, None) or new_hook(tenant, "webhook", values["url"])
    hook.on_failure, hook.secret = "pause", values.get("secret") or ""
    hook.signature = values.get("signature") or "hex"
    events = [EventKind.FORM_SUBMITTED] if values.get("formId") else _chosen_events(tenant, values.get("events"))
    tenant.webhooks[hook.id] = Webhook(hook, tuple(events), values.get("formId"))
    return {"id": hook.id}


def _chosen_events(tenant: Tenant, ids: list[str] | None) -> list[EventKind]:
    known = {event.id: event_kind for event_kind, event in all_events(tenant.profile).items()}
    if unknown := next((key for key in ids or [] if key not in known), None):
        raise bad_request(events=f"The event type '{unknown}' does not exist.")
    return [known[key] for key in ids] if ids else list(known.values())


@routes.on("DELETE", "/webhooks/{webhookId}", allow=Access.OPEN)
def remove_webhook(call: Call) -> dict[str, Any]:
    """Take a webhook away."""
    for tenant in call.simulator.tenants.values():
        if tenant.webhooks.pop(call.params["webhookId"], None):
            return {}
    raise not_found("Webhook", call.params["webhookId"])


@routes.post("/workflows/{workflowId}", allow=Access.OPEN)
def enable_workflow(call: Call) -> dict[str, Any]:
    """What an admin does on the workflow page: switch off or on; on revives suspended actions."""
    values = read(_WORKFLOW, call.body)
    tenant = _tenant(call, values.get("edition"))
    workflow = tenant.workflows.get(call.params["workflowId"])
    if workflow is None:
        raise not_found("Workflow", call.params["workflowId"])
    workflow.enable(enabled=values["isEnabled"])
    return {"id": workflow.id, "isEnabled": workflow.is_enabled}


@routes.get("/hooks", allow=Access.OPEN)
def hooks(call: Call) -> dict[str, Any]:
    """Every webhook, workflow action and advanced subscription with its state, by edition."""
    now = call.simulator.clock.now()

    def described(hooks: list[tuple[str, Hook]]) -> list[dict[str, Any]]:
        return [{"of": owner, **hook.describe(now)} for owner, hook in hooks]

    return {
        edition: {
            "webhooks": described([("", webhook.hook) for webhook in tenant.webhooks.values()]),
            "actions": described([(w.id, hook) for w in tenant.workflows.values() for hook in w.actions.values()]),
            "advanced": described([(s.event_type, s.hook) for s in tenant.advanced_subscriptions.values()]),
        }
        for edition, tenant in call.simulator.tenants.items()
    }


@routes.post("/deliveries", allow=Access.OPEN)
def spoil_deliveries(call: Call) -> dict[str, Any]:
    """`duplicates` more copies of every notification; `hold` the next ones and send them in the opposite order."""
    values = read(_DELIVERY, call.body)
    courier = call.simulator.courier
    courier.duplicates = max(values.get("duplicates") or 0, 0)
    if values.get("hold") is not None:
        courier.hold(max(values["hold"], 0))
    return {"duplicates": courier.duplicates}


@routes.get("/deliveries", allow=Access.OPEN)
def deliveries(call: Call) -> dict[str, Any]:
    """Recorded delivery attempts, oldest first (the newest 5,000 are kept)."""
    return {"results": [delivery.describe() for delivery in call.simulator.courier.recorded]}


@routes.post("/names", allow=Access.OPEN)
def rename_fields(call: Call) -> dict[str, Any]:
    """Give fields other names (see `names.py`); an empty object gives the first ones back."""
    values = read(_NAMES, call.body)
    if not all(isinstance(name, str) and name for name in values["names"].values()):
        raise bad_request(names="Every name must be a text.")
    _tenant(call, values.get("edition")).renamed = values["names"]
    return {"names": values["names"]}
