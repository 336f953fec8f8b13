"""The help desk as a whole, and who the connection is."""

from collections.abc import Awaitable
from contextlib import suppress
from datetime import UTC, datetime

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.connection import DD_ACCESS_TOKEN
from connector.deskdirector.entities.help_desk import Board, CurrentContact, HelpDesk
from connector.deskdirector.entities.people import Member
from connector.deskdirector.errors import BadRequest, Forbidden, NotFound
from connector.operations.operation import action
from connector.resolving.lookup_cache import listed
from connector.resolving.me import own_member
from connector.resolving.references import id_in
from connector.resolving.searching.counting import count_tickets
from connector.resolving.searching.criteria import is_overdue
from connector.resolving.searching.order import lowest_last
from connector.resolving.searching.search import gathered_tickets
from connector.resolving.searching.spent import Spent
from connector.resolving.ticket_inputs import TicketCriteria, TicketFilters
from connector.runtime import together

MOST_BOARDS = 20
"""Boards whose statuses are listed."""


@action("GetHelpDesk", "GET", "help-desk")
async def get_help_desk(dd: DeskDirector) -> HelpDesk:
    """Get who you are, the boards with their statuses, the priorities, and how many tickets are open.

    Begin here: it says who 'me' is, if the connection is a member's. It takes about six calls and one for each board;
    the lists are cached for minutes. notKnown names what this connection may not see.
    """
    desk = HelpDesk(site=dd.site.name)
    reasons = [
        await _part_of(desk, "boards", _lists(dd, desk)),
        await _part_of(desk, "member", _who(dd, desk)),
        await _part_of(desk, "openTickets", _counts(dd, desk)),
    ]
    desk.notice = " ".join(dict.fromkeys(filter(None, reasons))) or None
    return desk


async def _part_of(desk: HelpDesk, part: str, work: Awaitable[str]) -> str:
    """What there is to say about a part; that a connection may not see it is no failure of the rest."""
    try:
        return await work
    except (BadRequest, Forbidden, NotFound) as refusal:
        desk.not_known = [*(desk.not_known or ()), part]
        return refusal.message


async def _lists(dd: DeskDirector, desk: HelpDesk) -> str:
    boards, priorities = await together(listed(dd, api.LIST_BOARDS), listed(dd, api.LIST_PRIORITIES))
    shown = list(boards)[:MOST_BOARDS]
    lists = await together(*(listed(dd, api.LIST_STATUSES, query={"boardId": board.id}) for board in shown))
    names = {one.id: [status.name for status in found] for one, found in zip(shown, lists, strict=True)}
    desk.boards = [Board(id=id_in(board.id), name=board.name, statuses=names.get(board.id, [])) for board in boards]
    desk.priorities = sorted((priority.name for priority in priorities), key=lambda name: (lowest_last(name), name))
    return f"The statuses of the first {MOST_BOARDS} boards only are listed." if len(boards) > MOST_BOARDS else ""


async def _who(dd: DeskDirector, desk: HelpDesk) -> str:
    if dd.connection.scheme == DD_ACCESS_TOKEN:
        with suppress(Forbidden, NotFound):  # It is the token of a member then.
            desk.contact = (await dd.fetch(api.GET_CURRENT_CONTACT, CurrentContact)).name
            return ""
    desk.member_id = await own_member(dd)
    with suppress(Forbidden):  # A personal key does not open that route everywhere; the id is known all the same.
        member = await dd.fetch(api.GET_MEMBER, Member, path={"memberId": desk.member_id})
        desk.member, desk.member_email = member.name, member.email
    return ""


async def _counts(dd: DeskDirector, desk: HelpDesk) -> str:
    open_ones = await count_tickets(dd, TicketCriteria.model_construct(is_closed=False), None)
    desk.open_tickets = open_ones.total
    if desk.member_id is None or not open_ones.is_complete:
        return open_ones.notice or ""
    spent, now = Spent(), datetime.now(UTC)
    mine = await gathered_tickets(
        dd, TicketFilters.model_construct(is_closed=False, assigned_to=str(desk.member_id)), spent
    )
    if spent.reasons:
        return spent.reasons[0]
    desk.my_open_tickets = len(mine)
    if mine and not any(ticket.due_at for ticket in mine):
        desk.not_known = [*(desk.not_known or ()), "myOverdueTickets"]
        return "DeskDirector gave dueAt for none of your open tickets, so that it is not known which are overdue."
    desk.my_overdue_tickets = sum(is_overdue(ticket, now) for ticket in mine)
    return ""
