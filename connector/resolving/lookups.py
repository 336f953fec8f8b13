"""What a name may mean: a finder for each noun, over the list or the search that DeskDirector has for it."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.endpoint import Endpoint
from connector.deskdirector.entities.people import Companies, Contacts, Members
from connector.deskdirector.entities.user_groups import UserGroups
from connector.deskdirector.models import Page
from connector.resolving.lookup_cache import MOST, Known, Listed, id_of, known_list, listed, meanings, once
from connector.runtime import SharedWork, per_loop, together
from connector.texts import name_key

_SEARCHED = 50
_MOST_SEARCHED = 300
_PAGE = 200
P = TypeVar("P", bound=Page)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that a name may mean. `hint` distinguishes equal names."""

    id: int | str
    name: str
    email: str = ""
    hint: str = ""
    is_active: bool = True

    def __str__(self) -> str:
        inactive = "" if self.is_active else ", inactive"
        return f"{self.name} (id {self.id}{', ' + self.hint if self.hint else ''}{inactive})"


class Candidates:
    """What a finder found; `is_all` is False where a search has more results than are read."""

    def __init__(self, candidates: Iterable[Candidate], *, is_all: bool = True) -> None:
        self._all = list(candidates)
        self.is_all = is_all

    def __iter__(self) -> Iterator[Candidate]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def matching(self, text: str) -> list[Candidate]:
        """Those whose name, e-mail address or id the text is."""
        key = name_key(text)
        names = (
            (candidate, (name_key(candidate.name), candidate.email.casefold(), str(candidate.id).casefold()))
            for candidate in self._all
        )
        return [candidate for candidate, keys in names if key and key in keys]


class _OfList(Candidates):
    """The choices of a list, which knows its names."""

    def __init__(self, choices: Listed) -> None:
        self._choices = choices
        self.is_all = len(choices) < MOST

    def __iter__(self) -> Iterator[Candidate]:
        return map(_candidate, self._choices)

    def __len__(self) -> int:
        return len(self._choices)

    def matching(self, text: str) -> list[Candidate]:
        return [_candidate(known) for known in self._choices.named(text)]


def _candidate(known: Known) -> Candidate:
    return Candidate(id_of(known), known.name)


class Finder(Protocol):
    """Finds what a text may mean for one noun; `ids` narrow it."""

    @property
    def endpoint(self) -> Endpoint | None:
        """The search that it asks, None for lists."""
        ...

    async def find(self, dd: DeskDirector, text: str, ids: Mapping[str, Any], fresh: bool) -> Candidates:
        """The candidates; `fresh` looks again, more thoroughly."""
        ...

    def known(self, dd: DeskDirector, text: str, ids: Mapping[str, Any]) -> Candidate | None:
        """What the text is remembered to mean."""
        ...

    def remember(self, dd: DeskDirector, text: str, ids: Mapping[str, Any], meaning: Candidate) -> None:
        """The text has turned out to mean this, and nothing else."""
        ...


@dataclass(frozen=True, slots=True)
class _List:
    """A finder over a list that DeskDirector answers whole, or in `pages`."""

    list_endpoint: Endpoint
    pages: bool = False
    narrowed_by: tuple[str, ...] = ()
    query: Mapping[str, str] | None = None
    endpoint: Endpoint | None = None

    def _parameters(self, ids: Mapping[str, Any]) -> dict[str, Any]:
        return {**(self.query or {}), **{name: ids[name] for name in self.narrowed_by if name in ids}}

    async def find(self, dd: DeskDirector, text: str, ids: Mapping[str, Any], fresh: bool) -> Candidates:
        del text
        query = self._parameters(ids)
        return _OfList(await listed(dd, self.list_endpoint, query=query, pages=self.pages, fresh=fresh))

    def known(self, dd: DeskDirector, text: str, ids: Mapping[str, Any]) -> Candidate | None:
        return _only(known_list(dd, self.list_endpoint, query=self._parameters(ids)), text)

    def remember(self, dd: DeskDirector, text: str, ids: Mapping[str, Any], meaning: Candidate) -> None:
        """The list itself is remembered."""


def _only(choices: Listed | None, text: str) -> Candidate | None:
    named = choices.named(text) if choices is not None else []
    return _candidate(named[0]) if len(named) == 1 else None


class _Statuses:
    """Statuses belong to boards: those of the ticket's board, or of all boards where it is not known."""

    endpoint: Endpoint | None = None

    async def find(self, dd: DeskDirector, text: str, ids: Mapping[str, Any], fresh: bool) -> Candidates:
        del text
        if "boardId" in ids:
            boards = {str(ids["boardId"]): ""}
        else:
            boards = {choice.id: f"board {choice.name}" for choice in await listed(dd, api.LIST_BOARDS)}
        lists = await together(
            *(listed(dd, api.LIST_STATUSES, query={"boardId": board}, fresh=fresh) for board in boards)
        )
        candidates = {
            choice.id: Candidate(id_of(choice), choice.name, hint=hint)
            for hint, choices in zip(boards.values(), lists, strict=True)
            for choice in choices
        }
        return Candidates(candidates.values())

    def known(self, dd: DeskDirector, text: str, ids: Mapping[str, Any]) -> Candidate | None:
        if "boardId" not in ids:
            return None
        return _only(known_list(dd, api.LIST_STATUSES, query={"boardId": str(ids["boardId"])}), text)

    def remember(self, dd: DeskDirector, text: str, ids: Mapping[str, Any], meaning: Candidate) -> None:
        """The lists themselves are remembered."""


@dataclass(frozen=True, slots=True)
class _Search:
    """A finder over a search; what a name turned out to mean is remembered."""

    noun: str
    endpoint: Endpoint
    model: type[Page]
    candidate: Callable[[Any], Candidate]
    narrowed_by: tuple[str, ...] = ()

    async def find(self, dd: DeskDirector, text: str, ids: Mapping[str, Any], fresh: bool) -> Candidates:
        del fresh
        results, is_all = await _searched(dd, self.endpoint, self.model, {"search": text, **self._narrowed(ids)})
        return Candidates(map(self.candidate, results), is_all=is_all)

    def known(self, dd: DeskDirector, text: str, ids: Mapping[str, Any]) -> Candidate | None:
        meaning: Candidate | None = meanings().of(dd, self.noun, text, self._narrowed(ids))
        return meaning

    def remember(self, dd: DeskDirector, text: str, ids: Mapping[str, Any], meaning: Candidate) -> None:
        meanings().remember(dd, self.noun, text, self._narrowed(ids), meaning)

    def _narrowed(self, ids: Mapping[str, Any]) -> dict[str, Any]:
        return {name: ids[name] for name in self.narrowed_by if name in ids}


def _contact(contact: Any) -> Candidate:
    hint = ", ".join(part for part in (contact.email, contact.company) if part)
    return Candidate(contact.id, contact.name or "", contact.email or "", hint, contact.is_active is not False)


def _member(member: Any) -> Candidate:
    is_active = member.is_active is not False
    return Candidate(member.id, member.name or "", member.email or "", member.email or "", is_active)


def _company(company: Any) -> Candidate:
    return Candidate(company.id, company.name or "", hint=company.identifier or "")


def _user_group(group: Any) -> Candidate:
    return Candidate(group.id, group.name or "", hint=group.company or "")


CONTACTS = _Search("contact", api.FIND_CONTACTS, Contacts, _contact, ("companyId",))
"""Contacts by name or e-mail address, of one company when `ids` has it."""
MEMBERS = _Search("member", api.FIND_MEMBERS, Members, _member)
"""Members by name or e-mail address."""
_GROUPS = _Search("user group", api.FIND_USER_GROUPS, UserGroups, _user_group)


class _UserGroups:
    """The groups of a company when it is known; else those that a search gives, and all of them when it gives none.

    A search looks at names only, so an id is found by reading all.
    """

    endpoint: Endpoint | None = None

    async def find(self, dd: DeskDirector, text: str, ids: Mapping[str, Any], fresh: bool) -> Candidates:
        if ids.get("companyId"):
            path = {"companyId": ids["companyId"]}
            choices = await listed(dd, api.LIST_COMPANY_TEAMS, path=path, pages=True, fresh=fresh)
            return Candidates(Candidate(choice.id, choice.name) for choice in choices)
        if not fresh:
            return await _GROUPS.find(dd, text, ids, fresh)
        return await all_user_groups(dd)

    def known(self, dd: DeskDirector, text: str, ids: Mapping[str, Any]) -> Candidate | None:
        if not ids.get("companyId"):
            return _GROUPS.known(dd, text, ids)
        choices = known_list(dd, api.LIST_COMPANY_TEAMS, path={"companyId": ids["companyId"]})
        named = choices.named(text) if choices is not None else []
        return Candidate(named[0].id, named[0].name) if len(named) == 1 else None

    def remember(self, dd: DeskDirector, text: str, ids: Mapping[str, Any], meaning: Candidate) -> None:
        if not ids.get("companyId"):
            _GROUPS.remember(dd, text, ids, meaning)


async def all_user_groups(dd: DeskDirector) -> Candidates:
    """The groups of all companies, each with its company as hint."""
    results, is_all = await _searched(dd, api.FIND_USER_GROUPS, UserGroups, {}, take=_PAGE, most=MOST)
    return Candidates(map(_user_group, results), is_all=is_all)


_Results = tuple[list[Any], bool]


@per_loop
def _searches() -> SharedWork[tuple[str, str, str], _Results]:
    return SharedWork()


async def _searched(
    dd: DeskDirector,
    endpoint: Endpoint,
    model: type[P],
    search: Mapping[str, Any],
    *,
    take: int = _SEARCHED,
    most: int = _MOST_SEARCHED,
) -> _Results:
    """The results of a find, page after page, and whether that is all of them; equal searches are made once at a time.

    It is all where the total says so, or when a page brings nothing new: pages may be shorter than asked for.
    """

    async def read_all() -> _Results:
        results: dict[object, Any] = {}
        read = 0
        while len(results) < most:
            page = await dd.fetch(endpoint, model, body={**search, "take": take, "skip": read})
            known = len(results)
            results |= {result.id: result for result in page.results}
            read += len(page.results)
            if len(results) == known or (page.total is not None and read >= page.total):
                return list(results.values()), True
        return list(results.values()), False

    asked = json.dumps([search, take, most], sort_keys=True, default=str)
    return await once(_searches(), (dd.connection.identity, endpoint.name, asked), read_all)


FINDERS: Mapping[str, Finder] = {
    "board": _List(api.LIST_BOARDS),
    "status": _Statuses(),
    "priority": _List(api.LIST_PRIORITIES),
    "source": _List(api.LIST_SOURCES),
    "request type": _List(api.LIST_REQUEST_TYPES, query={"withSomethingElse": "true"}),
    "contact": CONTACTS,
    "company": _Search("company", api.FIND_COMPANIES, Companies, _company),
    "member": MEMBERS,
    "user group": _UserGroups(),
    "form": _List(api.LIST_FORMS, pages=True),
    "task template": _List(api.LIST_TICKET_TASK_TEMPLATES),
    "e-mail template": _List(api.LIST_EMAIL_TEMPLATES, pages=True),
    "ticket event": _List(api.LIST_TICKET_WEBHOOK_EVENTS),
    "chat event": _List(api.LIST_CHAT_WEBHOOK_EVENTS),
    "workflow type": _List(api.LIST_WORKFLOW_TYPES),
    "workflow": _List(api.LIST_WORKFLOWS, pages=True, narrowed_by=("type",)),
    "advanced action category": _List(api.LIST_ADVANCED_ACTION_CATEGORIES),
    "advanced action": _List(api.LIST_ADVANCED_ACTIONS, narrowed_by=("category",)),
    "advanced event category": _List(api.ADVANCED_EVENT_CATEGORIES_LIST),
    "advanced event type": _List(api.ADVANCED_EVENT_TYPES_LIST, narrowed_by=("category",)),
}
TEXT_IDS = frozenset(FINDERS) - {
    "board", "status", "priority", "source", "request type", "contact", "company", "member", "form",
}  # fmt: skip
"""Nouns whose ids are texts in DeskDirector, so that digits may as well be a name."""
