"""Finds tickets by everything that Find tickets offers, whatever of it the site's own find knows."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from connector.deskdirector import endpoints as api
from connector.deskdirector.body_schemas import Body, schema_of
from connector.deskdirector.client import DeskDirector, User
from connector.deskdirector.entities.tickets import Ticket, Tickets
from connector.deskdirector.errors import BadRequest, Forbidden
from connector.resolving.on_behalf_of import as_member
from connector.resolving.request_bodies import translated
from connector.resolving.searching.criteria import Criterion, Judge, of_notes, of_vips
from connector.resolving.searching.last_notes import MOST_NOTED, sees_as_member, with_last_notes
from connector.resolving.searching.order import ordered
from connector.resolving.searching.plan import Plan, implied, member_criteria, member_query, plan_of, takes_contacts
from connector.resolving.searching.reading import TAKE, FoundTickets, Gathered, SeenTickets
from connector.resolving.searching.sifting import Sieve
from connector.resolving.searching.spent import MOST_CALLS, Spent
from connector.resolving.searching.vips import vip_contacts
from connector.resolving.ticket_inputs import TicketFilters


async def find_tickets(dd: DeskDirector, find: TicketFilters) -> Tickets:
    """The page of tickets that `find` asks for."""
    search = await _search_of(dd, find)
    if search.is_plain:
        return await search.plain_page()
    if search.can_go_on:
        return await search.next_page()
    return await search.ranked_page()


async def gathered_tickets(dd: DeskDirector, find: TicketFilters, spent: Spent) -> list[Ticket]:
    """All tickets that match `find`, as far as they may be read; `spent` says whether those are all."""
    search = await _search_of(dd, find, spent)
    found = await search.collect(lambda _: False)
    search.say_if_not_all(found)
    return search.matching(found)


async def total_of(dd: DeskDirector, find: TicketFilters, spent: Spent) -> int | None:
    """How many tickets match, in one call; None where that takes reading them."""
    search = await _search_of(dd, find, spent)
    if not search.is_plain or search.plan.criteria:
        return None
    body = Body({**search.plan.bodies[0], "take": 1, "skip": 0}, search.plan.called)
    page = await dd.fetch(api.FIND_TICKETS, Tickets, body=body)
    spent.read(len(page.results))
    return page.total


@dataclass(slots=True)
class _Search:
    """One search: its plan, and its cost."""

    dd: DeskDirector
    find: TicketFilters
    spent: Spent
    plan: Plan
    user: User | None = None
    is_as_member: bool = False
    tests: list[Criterion] = field(default_factory=list)
    """What the last note of a ticket has to be like."""

    @property
    def is_plain(self) -> bool:
        """Whether the site's own page is the answer."""
        return self.plan.is_plain and not (self.is_as_member or self.find.sort or self.find.is_about_notes)

    @property
    def can_go_on(self) -> bool:
        """Whether the next page may begin where the reading of this one ended: in the order of the site's one list."""
        return len(self.plan.bodies) == 1 and not (self.is_as_member or self.find.sort)

    async def plain_page(self) -> Tickets:
        body = Body({**self.plan.bodies[0], **self.find.window}, self.plan.called)
        page = await self.dd.fetch(api.FIND_TICKETS, Tickets, body=body)
        if self.plan.criteria and not all(map(Judge(self.plan.criteria).passes, page.results)):
            return await self.next_page()  # The site passes over a filter.
        return self.find.paged(page)

    async def next_page(self) -> Tickets:
        """What matches from where the last page ended; an answer may have few or none, and still go on."""
        wanted = self.find.window["take"]
        judge = Judge(self.plan.criteria)
        sieve = Sieve(self._reader(0).page, judge.keep, self.spent)
        found = await sieve.sift(self.find, min(wanted, MOST_NOTED) if self.find.is_about_notes else wanted)
        if self.find.is_about_notes:
            found.matches, found.places = await self._noted(found.matches, found.places)
        judge.conclude(self.spent)
        return sieve.answer(self.find, Tickets(results=found.matches), found)

    async def ranked_page(self) -> Tickets:
        """The asked window of all that match, in order."""
        first, take = self.find.window["skip"], self.find.window["take"]

        def enough(read: Iterable[Ticket]) -> bool:
            return sum(map(Judge(self.plan.criteria).passes, read)) > first + take

        found = await self.collect(enough)
        matches = self.matching(found)
        if not (found.is_prefix and first + take < len(matches)):
            self.say_if_not_all(found)  # Else those that were left out come after this page.
        if self.find.is_about_notes and not self.is_as_member:
            matches = await self._noted_ranked(matches, is_needed=bool(self.tests))
        is_all = found.is_all and not self.spent.reasons
        answer = self.find.windowed(Tickets(results=matches), matches, is_all=is_all)
        self.spent.tell(answer)
        return answer

    async def collect(self, enough: Callable[[Iterable[Ticket]], bool]) -> Gathered:
        """The tickets of all finds that the search is divided into."""
        if self.is_as_member:
            return await SeenTickets(self.dd, member_query(self.find), self.user, self.spent).collect()
        found = Gathered(is_all=True, is_prefix=len(self.plan.bodies) == 1)
        for place in range(len(self.plan.bodies)):
            if not self.spent.left:
                self.spent.incomplete("There are too many combinations of these filters to ask for each; give fewer.")
                return replace(found, is_all=False, is_prefix=False)
            part = await self._reader(place).collect(self.find.sort, enough)
            found.tickets |= part.tickets
            found.total = (found.total or 0) + (part.total or 0) or None
            found.is_all &= part.is_all
            found.is_prefix &= part.is_prefix
        return found

    def matching(self, found: Gathered) -> list[Ticket]:
        """Those that pass all tests, in order."""
        tests = [*self.plan.criteria, *(self.tests if self.is_as_member else ())]
        judge = Judge(tests)
        matches = judge.keep(found.tickets.values())
        judge.conclude(self.spent)
        return ordered(matches, self.find.sort, self.spent)

    def _reader(self, place: int) -> FoundTickets:
        return FoundTickets(self.dd, self.plan.bodies[place], self.plan.called, self.spent)

    def say_if_not_all(self, found: Gathered) -> None:
        """Say how many tickets were read, where that were not all."""
        if not found.is_all:
            of_all = f" of {found.total}" if found.total else ""
            self.spent.incomplete(
                f"Only {len(found.tickets)}{of_all} tickets were read, within {MOST_CALLS} calls; narrow the filters, "
                "e.g. by board, company, isClosed or dates."
            )

    async def _noted(self, matches: Sequence[Ticket], places: Sequence[int]) -> tuple[list[Ticket], list[int]]:
        noted = await self._with_last_notes(matches)
        kept = [
            (ticket, place)
            for ticket, place in zip(noted, places, strict=True)
            if all(test.holds(ticket) for test in self.tests)
        ]
        return [ticket for ticket, _ in kept], [place for _, place in kept]

    async def _noted_ranked(self, matches: list[Ticket], *, is_needed: bool) -> list[Ticket]:
        """The matches with their last notes: those that are shown, or those that have to be judged by them."""
        first, take = self.find.window["skip"], self.find.window["take"]
        if is_needed:
            noted = await self._with_last_notes(matches)
            if len(noted) < len(matches):
                self.spent.incomplete(
                    f"The notes of only the first {len(noted)} of {len(matches)} tickets were read; narrow the "
                    "filters, or connect with a member's personal API key, which sees the last note of every ticket."
                )
            return [ticket for ticket in noted if all(test.holds(ticket) for test in self.tests)]
        shown = matches[first : first + take]
        if len(await self._with_last_notes(shown)) < len(shown):
            self.spent.remarks.append(f"The last notes of the first {MOST_NOTED} tickets only were read.")
        return matches

    async def _with_last_notes(self, tickets: Sequence[Ticket]) -> list[Ticket]:
        """The tickets with their last notes; where these only were to be shown, without them if the site gives none."""
        try:
            return await with_last_notes(self.dd, tickets, self.spent)
        except Forbidden as refusal:
            if self.tests:
                raise
            self.spent.not_known.append("lastNoteAt")
            self.spent.remarks.append(refusal.message)
            return list(tickets)


async def _search_of(dd: DeskDirector, find: TicketFilters, spent: Spent | None = None) -> _Search:
    now = datetime.now(UTC)
    find, spent = implied(find), spent or Spent()
    user = await as_member(dd, find.on_behalf_of)
    tests = of_notes(find)
    is_as_member = find.is_member_view or (find.is_about_notes and await sees_as_member(dd, user))
    if is_as_member:
        if find.additional_fields:
            raise BadRequest(
                "FilterNotSupported", "'additionalFields' cannot be used with the filters that are seen as a member."
            )
        ids = await translated(dd, find)
        plan = Plan([{}], ids.called, member_criteria(ids, now, find))
    else:
        plan = await plan_of(dd, find, now)
    search = _Search(dd, find, spent, plan, user, is_as_member, tests)
    if find.is_vip is not None:
        await _narrow_to_vips(search)
    return search


async def _narrow_to_vips(search: _Search) -> None:
    """Ask for the tickets of VIPs where the site takes several contacts at once; else judge them here."""
    dd, plan = search.dd, search.plan
    company = plan.bodies[0].get("companyId") if len(plan.bodies) == 1 else None
    vips = await vip_contacts(dd, search.spent, company if isinstance(company, int) else None)
    is_wanted = bool(search.find.is_vip)
    has_room = 0 < len(vips) <= TAKE and is_wanted and not search.is_as_member
    if has_room and not search.find.contact and takes_contacts(await schema_of(dd, api.FIND_TICKETS)):
        plan.bodies = [{**body, "contactId": sorted(vips)} for body in plan.bodies]
    else:
        plan.criteria.append(of_vips(is_vip=is_wanted, vips=vips))
