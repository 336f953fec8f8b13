"""Which form result belongs to a ticket, and what of a result is an answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector, User
from connector.deskdirector.entities.forms import FormSubmissions
from connector.deskdirector.entities.tickets import Ticket
from connector.deskdirector.errors import NotFound
from connector.resolving.lookup_cache import listed
from connector.resolving.ticket_statuses import ticket_of
from connector.runtime import together

THE_BEGINNING: Final = "2000-01-01T00:00:00Z"
"""Before any DeskDirector."""
MOST_FORMS: Final = 10
_TAKE: Final = 1000
"""As many as the one published caller asks for."""
_HEAD: Final = frozenset(("id", "entityid", "resultid", "formid", "ticketid", "submittedat", "submittedon"))
_REFERENCES: Final = frozenset(("form", "ticket", "submittedby", "contact"))


@dataclass(frozen=True, slots=True)
class ResultOfTicket:
    """Where the result is."""

    form_id: int
    result_id: int


def answers_in(content: Mapping[str, Any]) -> dict[str, Any]:
    """The answers in a form result, without the fields about the result itself.

    A question may be called like that too: then its answer is a text, where the result's own reference is an object.
    """
    return {name: value for name, value in content.items() if value is not None and not _is_head(name, value)}


def _is_head(name: str, value: Any) -> bool:
    key = name.replace("_", "").casefold()
    if key in _REFERENCES:
        return isinstance(value, Mapping) and any(part.casefold() in ("id", "entityid") for part in value)
    return key in _HEAD


async def result_of_ticket(
    dd: DeskDirector, ticket_id: int, form_id: int | str | None, user: User | None
) -> ResultOfTicket:
    """The newest result that belongs to a ticket, of one form or of the first ten; `NotFound` where none does."""
    ticket = await ticket_of(dd, ticket_id)
    forms = list(await listed(dd, api.LIST_FORMS, pages=True)) if form_id is None else []
    ids = [int(form.id) for form in forms if form.id.isdecimal()][:MOST_FORMS] if form_id is None else [int(form_id)]
    span = _span(ticket, is_open=form_id is not None)
    pages = await together(*(_results(dd, id_, span, user) for id_ in ids))
    for one, page in zip(ids, pages, strict=True):
        fitting = [submission.id for submission in page.results if submission.ticket_id == ticket_id]
        if fitting:
            return ResultOfTicket(one, max(fitting))
    are_all = len(forms) <= MOST_FORMS and all((page.total or 0) <= len(page.results) for page in pages)
    hint = "" if are_all else " Not all could be looked at: give 'form'."
    raise NotFound(
        "FormResultNotFound",
        f"No result of the {len(ids)} forms looked at belongs to ticket {ticket_id}; a ticket need not be made by a "
        f"form, and a form that was put on it later is found with 'form'.{hint}",
    )


async def _results(dd: DeskDirector, form_id: int, span: Mapping[str, str], user: User | None) -> FormSubmissions:
    body = {"timeRange": dict(span), "take": _TAKE, "skip": 0}
    return await dd.fetch(api.FIND_FORM_RESULTS, FormSubmissions, path={"formId": form_id}, body=body, user=user)


def _span(ticket: Ticket, *, is_open: bool) -> Mapping[str, str]:
    """A day around the ticket's creation, or everything since."""
    created = datetime.fromisoformat(ticket.created_at) if ticket.created_at else None
    day = timedelta(days=1)
    start = _wire(created - day) if created else THE_BEGINNING
    end = _wire(created + day) if created and not is_open else tomorrow()
    return {"startTime": start, "endTime": end}


def tomorrow() -> str:
    """An end behind which nothing was sent off; a day more than now, since the clocks may differ."""
    return _wire(datetime.now(UTC) + timedelta(days=1))


def _wire(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
