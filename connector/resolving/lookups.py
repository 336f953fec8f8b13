"""What a name may mean: a finder for each noun, over the list or the search that DeskDirector has for it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.endpoint import Endpoint
from connector.deskdirector.entities.people import Companies, Contacts, Members
from connector.deskdirector.entities.user_groups import UserGroups
from connector.deskdirector.models import Page
from connector.resolving.lookup_cache import MOST, listed
from connector.runtime import together

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


class Candidates(list[Candidate]):
    """What a finder found; `is_all` is False where a search has more results than are read."""

    is_all: bool = True


Finder = Callable[[DeskDirector, str, Mapping[str, Any], bool], Awaitable[list[Candidate]]]
"""Called with the text to find, the ids that narrow the search, and whether to look again, more thoroughly."""


def _list_finder(endpoint: Endpoint, *, pages: bool = False, narrowed_by: tuple[str, ...] = (), **query: str) -> Finder:
    """A finder over a list that DeskDirector answers whole, or in `pages`."""

    async def find(dd: DeskDirector, text: str, ids: Mapping[str, Any], fresh: bool) -> list[Candidate]:
        del text
        parameters = {**query, **{name: ids[name] for name in narrowed_by if name in ids}}
        choices = await listed(dd, endpoint, query=parameters, pages=pages, fresh=fresh)
        candidates = Candidates(Candidate(_number(choice.id), choice.name) for choice in choices)
        candidates.is_all = len(choices) < MOST
        return candidates

    return find


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdecimal() else text


async def _statuses(dd: DeskDirector, text: str, ids: Mapping[str, Any], fresh: bool) -> list[Candidate]:
    del text
    if "boardId" in ids:
        boards = {str(ids["boardId"]): ""}
    else:
        boards = {choice.id: f"board {choice.name}" for choice in await listed(dd, api.LIST_BOARDS)}
    lists = await together(*(listed(dd, api.LIST_STATUSES, query={"boardId": board}, fresh=fresh) for board in boards))
    candidates = {
        choice.id: Candidate(_number(choice.id), choice.name, hint=hint)
        for hint, choices in zip(boards.values(), lists, strict=True)
        for choice in choices
    }
    return list(candidates.values())


async def find_contacts(dd: DeskDirector, text: str, ids: Mapping[str, Any], fresh: bool) -> list[Candidate]:
    """Contacts by name or e-mail address, of one company when `ids` has it."""
    del fresh
    pages = await _searched(dd, api.FIND_CONTACTS, Contacts, _search(text, ids, "companyId"))
    return _candidates(
        pages,
        lambda contact: Candidate(
            contact.id,
            contact.name or "",
            contact.email or "",
            ", ".join(part for part in (contact.email, contact.company) if part),
            contact.is_active is not False,
        ),
    )


async def find_members(dd: DeskDirector, text: str, ids: Mapping[str, Any], fresh: bool) -> list[Candidate]:
    """Members by name or e-mail address."""
    del ids, fresh
    pages = await _searched(dd, api.FIND_MEMBERS, Members, _search(text))
    return _candidates(
        pages,
        lambda member: Candidate(
            member.id, member.name or "", member.email or "", member.email or "", member.is_active is not False
        ),
    )


async def _companies(dd: DeskDirector, text: str, ids: Mapping[str, Any], fresh: bool) -> list[Candidate]:
    del ids, fresh
    pages = await _searched(dd, api.FIND_COMPANIES, Companies, _search(text))
    return _candidates(pages, lambda company: Candidate(company.id, company.name or "", hint=company.identifier or ""))


async def _user_groups(dd: DeskDirector, text: str, ids: Mapping[str, Any], fresh: bool) -> list[Candidate]:
    """The groups of a company when it is known; else those that a search gives, and all of them when it gives none.

    A search looks at names only, so an id is found by reading all.
    """
    if ids.get("companyId"):
        path = {"companyId": ids["companyId"]}
        choices = await listed(dd, api.LIST_COMPANY_TEAMS, path=path, pages=True, fresh=fresh)
        return [Candidate(choice.id, choice.name) for choice in choices]
    if not fresh:
        pages = await _searched(dd, api.FIND_USER_GROUPS, UserGroups, _search(text))
        return _candidates(pages, lambda choice: Candidate(choice.id, choice.name or "", hint=choice.company or ""))
    return await all_user_groups(dd)


async def all_user_groups(dd: DeskDirector) -> list[Candidate]:
    """The groups of all companies, each with its company as hint."""
    pages = await _searched(dd, api.FIND_USER_GROUPS, UserGroups, {}, take=_PAGE, most=MOST)
    return _candidates(pages, lambda group: Candidate(group.id, group.name or "", hint=group.company or ""))


async def _searched(
    dd: DeskDirector,
    endpoint: Endpoint,
    model: type[P],
    search: Mapping[str, Any],
    *,
    take: int = _SEARCHED,
    most: int = _MOST_SEARCHED,
) -> tuple[list[Any], bool]:
    """The results of a find, page after page, and whether that is all of them.

    It is all where the total says so, or when a page brings nothing new: pages may be shorter than asked for.
    """
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


def _candidates(pages: tuple[list[Any], bool], candidate: Callable[[Any], Candidate]) -> Candidates:
    candidates = Candidates(candidate(result) for result in pages[0])
    candidates.is_all = pages[1]
    return candidates


def _search(text: str, ids: Mapping[str, Any] | None = None, *narrowed_by: str) -> dict[str, Any]:
    narrowed = {name: ids[name] for name in narrowed_by if name in ids} if ids else {}
    return {"search": text, **narrowed}


FINDERS: Mapping[str, Finder] = {
    "board": _list_finder(api.LIST_BOARDS),
    "status": _statuses,
    "priority": _list_finder(api.LIST_PRIORITIES),
    "source": _list_finder(api.LIST_SOURCES),
    "request type": _list_finder(api.LIST_REQUEST_TYPES, withSomethingElse="true"),
    "contact": find_contacts,
    "company": _companies,
    "member": find_members,
    "user group": _user_groups,
    "form": _list_finder(api.LIST_FORMS, pages=True),
    "task template": _list_finder(api.LIST_TICKET_TASK_TEMPLATES),
    "e-mail template": _list_finder(api.LIST_EMAIL_TEMPLATES, pages=True),
    "ticket event": _list_finder(api.LIST_TICKET_WEBHOOK_EVENTS),
    "chat event": _list_finder(api.LIST_CHAT_WEBHOOK_EVENTS),
    "workflow type": _list_finder(api.LIST_WORKFLOW_TYPES),
    "workflow": _list_finder(api.LIST_WORKFLOWS, pages=True, narrowed_by=("type",)),
    "advanced action category": _list_finder(api.LIST_ADVANCED_ACTION_CATEGORIES),
    "advanced action": _list_finder(api.LIST_ADVANCED_ACTIONS, narrowed_by=("category",)),
    "advanced event category": _list_finder(api.ADVANCED_EVENT_CATEGORIES_LIST),
    "advanced event type": _list_finder(api.ADVANCED_EVENT_TYPES_LIST, narrowed_by=("category",)),
}
TEXT_IDS = frozenset(FINDERS) - {
    "board", "status", "priority", "source", "request type", "contact", "company", "member", "form",
}  # fmt: skip
"""Nouns whose ids are texts in DeskDirector, so that digits may as well be a name."""
