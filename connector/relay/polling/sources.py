"""The lists of DeskDirector that polling triggers read."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final, Literal, TypeVar

from connector.deskdirector import endpoints as api
from connector.deskdirector.body_schemas import schema_of
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.endpoint import Endpoint
from connector.deskdirector.entities.forms import FormSubmission
from connector.deskdirector.entities.surveys import SurveyAnswer, survey_answers
from connector.deskdirector.entities.tickets import Ticket
from connector.deskdirector.entities.time_entries import TimeEntry
from connector.deskdirector.errors import BadRequest, ConnectorError, Forbidden, Unauthorized
from connector.deskdirector.models import Entity
from connector.deskdirector.user_keys import User
from connector.relay.polling.items import TAKE, TICKS_PER_SECOND, Expand, Item, Reading, Source, dated, wire
from connector.relay.polling.pages import read_records
from connector.relay.polling.walk import CLOCK, Clock

PERIODS: Final = ("this_month", "last_month")
SHORT_PERIODS: Final = ("today", "this_week", "last_week")
FIRST_DAYS: Final = 7
"""How much of a survey's history the first poll reads, to know what is new afterwards."""
_DAY: Final = 86_400 * TICKS_PER_SECOND
_END_OF_TIME: Final = 2**56
"""Ticks since 1970, later than any ticket: positions in a list that goes back in time count back from here."""

Body = Mapping[str, Any]
E = TypeVar("E", bound=Entity)
ItemOf = Callable[[Ticket], Item[E] | None]
"""What a ticket counts as; None while it counts as nothing."""


def created(ticket: Ticket) -> Item[Ticket]:
    """A ticket as the event of its creation."""
    return Item(str(ticket.id), dated(ticket.created_at, ticket.updated_at), ticket)


def updated(ticket: Ticket) -> Item[Ticket]:
    """A ticket as the event of its last change."""
    at = dated(ticket.updated_at, ticket.created_at)
    return Item(f"{ticket.id}@{at or 0}", at, ticket)


async def takes(dd: DeskDirector, endpoint: Endpoint, name: str) -> bool:
    """Whether the site's own schema has a filter, by its default name; where no schema can be read, it may have."""
    schema = await schema_of(dd, endpoint)
    return schema is None or schema.takes(name, wire(0))


async def finds_changes(dd: DeskDirector) -> bool:
    """Whether a find shows which tickets changed; where that cannot be known, not if a member's view is there."""
    schema = await schema_of(dd, api.FIND_TICKETS)
    if schema is not None:
        return schema.takes("updatedAfter", wire(0))
    return (await dd.ask(api.COPILOT_TEST_CONNECTION)).status != HTTPStatus.OK


def found_tickets(
    dd: DeskDirector,
    body: Body,
    kind: Literal["created", "updated", "due"],
    item_of: ItemOf[E],
    *,
    late_seconds: int,
    is_filtered: bool,
    expand: Expand[E] | None = None,
) -> Source[E]:
    """The tickets that a find answers, by one of their dates; `body` under DeskDirector's default names."""

    async def read(since: int | None, skip: int) -> Reading[E]:
        span = {} if since is None or not is_filtered else {f"{kind}After": wire(max(0, since))}
        reply = await dd.call(api.FIND_TICKETS, body={**body, **span, "take": TAKE, "skip": skip})
        page = read_records(reply, Ticket, created)
        items: list[Item[E]] = []
        for record in page.items:
            item = Item[E](record.key, None) if record.content is None else item_of(record.content)
            items += [] if item is None else [item]
        return Reading(items, len(page.items), page.total)

    return Source(
        read,
        expand,
        is_filtered=is_filtered,
        is_dated=kind != "due",
        unfiltered=changes_not_offered if kind == "updated" else None,
        late_seconds=late_seconds,
    )


def changes_not_offered() -> BadRequest:
    """The error for a site where nothing shows which tickets changed."""
    return BadRequest(
        "ChangesNotOffered",
        "This site cannot be asked which tickets changed: its find has no filter for it, and the view of a member "
        "needs a personal API key. Connect with one, or use the trigger When a ticket event occurs.",
    )


def member_tickets(
    dd: DeskDirector,
    query: Mapping[str, Any],
    user: User | None,
    item_of: ItemOf[E],
    *,
    matches: Callable[[Ticket], bool],
    late_seconds: int,
    expand: Expand[E] | None = None,
    refusal: Callable[[], ConnectorError] = changes_not_offered,
) -> Source[E]:
    """The tickets that a member sees, newest first, as the surface of the Tech connector has them.

    It does not page; where an answer has fewer than there are, those created before the oldest one are asked for next.
    Positions are therefore ticks, counted back from `_END_OF_TIME`.
    """

    async def read(since: int | None, position: int) -> Reading[E]:
        del since
        end = {"endTime": wire(_END_OF_TIME - position)} if position else {}
        try:
            reply = await dd.call(api.COPILOT_FIND_TICKETS, query={**query, **end}, user=user)
        except (Forbidden, Unauthorized):
            raise refusal() from None
        page = read_records(reply, Ticket, lambda ticket: Item(str(ticket.id), None, ticket))
        tickets = [item.content for item in page.items if item.content is not None]
        items: list[Item[E]] = [Item(item.key, None) for item in page.items if item.content is None]
        items += [item for ticket in tickets if matches(ticket) and (item := item_of(ticket)) is not None]
        times = [at for ticket in tickets if (at := dated(ticket.created_at)) is not None]
        if not times or (page.total or 0) <= len(page.items):
            return Reading(items, len(page.items), is_all=True)
        return Reading(items, len(page.items), next=_before(min(times), position))

    return Source(read, expand, is_filtered=False, is_dated=False, late_seconds=late_seconds)


def _before(oldest: int, position: int) -> int:
    """The position that follows one whose page ends with a ticket of that time: always further on.

    A second is read again, since neither is published whether the end is taken in, nor how finely; of a second with
    more tickets than a page, only its end.
    """
    for end in (oldest + TICKS_PER_SECOND, oldest + 1):
        if _END_OF_TIME - end > position:
            return _END_OF_TIME - end
    return max(position + 1, _END_OF_TIME - oldest)


def form_results(
    dd: DeskDirector, form_id: int, user: User | None, *, late_seconds: int, clock: Clock = CLOCK
) -> Source[FormSubmission]:
    """The results of a form."""

    async def read(since: int | None, skip: int) -> Reading[FormSubmission]:
        # Both ends, since one alone is not proven; a day more, since the clocks may differ.
        end = wire(round(clock.now() * TICKS_PER_SECOND) + _DAY)
        body = {"timeRange": {"startTime": wire(max(0, since or 0)), "endTime": end}, "take": TAKE, "skip": skip}
        reply = await dd.call(api.FIND_FORM_RESULTS, path={"formId": form_id}, body=body, user=user)
        page = read_records(reply, FormSubmission, _submission)
        return Reading(page.items, len(page.items), page.total)

    return Source(read, late_seconds=late_seconds)


def _submission(found: FormSubmission) -> Item[FormSubmission]:
    return Item(str(found.id), dated(found.submitted_at), found)


def time_entries(dd: DeskDirector, user: User | None, *, late_seconds: int) -> Source[TimeEntry]:
    """A member's time entries of this month and the last; shorter periods too where an answer has not all."""

    async def period(name: str) -> tuple[list[Item[TimeEntry]], bool]:
        reply = await dd.call(api.FIND_TIME_ENTRIES, query={"period": name}, user=user)
        page = read_records(reply, TimeEntry, _entry)
        return page.items, (page.total or 0) <= len(page.items)

    async def read(since: int | None, skip: int) -> Reading[TimeEntry]:
        del since, skip
        items: dict[str, Item[TimeEntry]] = {}
        are_all = True
        for name in PERIODS:
            found, is_all = await period(name)
            items |= {item.key: item for item in found}
            are_all &= is_all
        for name in () if are_all else SHORT_PERIODS:
            items |= {item.key: item for item in (await period(name))[0]}
        return Reading(list(items.values()), len(items), is_all=True)

    return Source(read, is_filtered=False, is_dated=False, read_cost=5, late_seconds=late_seconds)


def _entry(found: TimeEntry) -> Item[TimeEntry]:
    return Item(str(found.id), dated(found.created_at, found.ended_at), found)


def survey_results(
    dd: DeskDirector, survey_id: int, user: User | None, *, late_seconds: int, clock: Clock = CLOCK
) -> Source[SurveyAnswer]:
    """The answers to a survey since a time, as the CSV export has them: all at once."""

    async def read(since: int | None, skip: int) -> Reading[SurveyAnswer]:
        del skip
        now = round(clock.now() * TICKS_PER_SECOND)
        span = (now - FIRST_DAYS * _DAY if since is None else since, now + _DAY)
        query = {"format": "powerbi", "start": wire(span[0]), "end": wire(span[1])}
        reply = await dd.call(api.EXPORT_SURVEY_RESULTS, path={"surveyId": survey_id}, query=query, user=user)
        answers = survey_answers(reply.content, survey_id)
        items = [Item(answer.id, dated(answer.answered_at), answer) for answer in answers]
        return Reading(items, len(items), is_all=True)

    return Source(read, is_dated=False, late_seconds=late_seconds)
