"""Id or name: how `"board": "Support"` becomes `"boardId": 4`.

A text of digits is an id (what a drop-down gives). Anything else is a name, compared without regard to case and spacing;
contacts and members go by their e-mail address too. No match, or several, is an error that lists the candidates.
"""

import asyncio
import difflib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from ..deskdirector import endpoints as api
from ..deskdirector.client import DeskDirector, User
from ..deskdirector.entities.people import Companies, Contacts, Members
from ..deskdirector.errors import BadRequest
from .choices import listed
from .shape import Field, fields_of

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that a name may mean. `hint` tells equal names apart."""

    id: int | str
    name: str
    email: str = ""
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.name} (id {self.id}{', ' + self.hint if self.hint else ''})"


Finder = Callable[[DeskDirector, str, dict[str, Any], bool], Awaitable[list[Candidate]]]


async def resolved(dd: DeskDirector, given: BaseModel, *, known: dict[str, Any] | None = None) -> dict[str, Any]:
    """The ids of every reference that `given` sets, under DeskDirector's names: `{"boardId": 4, "statusId": 31}`.

    `known` supplies ids that a reference depends on and `given` does not set, e.g. the board of a ticket for its status.
    """
    fields = [field for field in fields_of(type(given)) if field.reference and _value(given, field)]
    ids: dict[str, Any] = {}
    for dependent in (False, True):
        group = [field for field in fields if bool(_dependencies(field)) is dependent]
        scope = {**(known or {}), **ids}
        found = await asyncio.gather(*(_resolve(dd, field, _value(given, field), scope) for field in group))
        ids.update({upstream_name(field): value for field, value in zip(group, found, strict=True)})
    return ids


async def resolve(dd: DeskDirector, noun: str, text: str, ids: dict[str, Any] | None = None) -> Any:
    """The id that `text` means for a `noun` (`board`, `contact` …); `ids` narrow the search (`companyId`, `boardId`)."""
    if text.isdecimal() and noun not in _TEXT_IDS:
        return int(text)
    find = _FINDERS[noun]
    candidates = await find(dd, text, ids or {}, False)
    matches = _matching(candidates, text)
    if not matches:
        candidates = await find(dd, text, ids or {}, True)
        matches = _matching(candidates, text)
    if len(matches) == 1:
        return matches[0].id
    raise _ambiguous(noun, text, matches) if matches else _unknown(noun, text, candidates)


async def someone(dd: DeskDirector, text: str) -> User:
    """The contact or member that `text` means: an e-mail address, a name, `contact:12` or `member:7`."""
    kind, colon, rest = text.partition(":")
    if colon and kind.strip().lower() in ("contact", "member"):
        found = await resolve(dd, kind.strip().lower(), rest.strip())
        return User(kind=kind.strip().lower(), id=int(found))
    if text.isdecimal():
        raise BadRequest(
            "PersonAmbiguous",
            f"The number {text} could be a contact or a member; write contact:{text} or member:{text}, or an e-mail address.",
        )
    groups = await asyncio.gather(_contacts(dd, text, {}, True), _members(dd, text, {}, True))
    people = [(kind, one) for kind, group in zip(("contact", "member"), groups, strict=True) for one in _matching(group, text)]
    if len(people) == 1:
        return User(kind=people[0][0], id=int(people[0][1].id))
    names = [f"{kind}:{one.id} {one.name}" + (f", {one.hint}" if one.hint else "") for kind, one in people]
    if names:
        raise BadRequest(
            "PersonAmbiguous",
            f"'{text}' may mean {_listing(names)}; write one of these as contact:ID or member:ID.",
            details=names,
        )
    raise BadRequest(
        "PersonNotFound", f"No contact or member is called '{text}'; check the spelling or give the e-mail address."
    )


def upstream_name(field: Field) -> str:
    """DeskDirector's name for the id of a reference: `board` -> `boardId`, `assignedTo` -> `assignedMemberIds`."""
    return _UPSTREAM_NAMES.get(field.name, f"{field.name}Id")


def _value(given: BaseModel, field: Field) -> Any:
    return next((getattr(given, name) for name, info in type(given).model_fields.items() if info.alias == field.name), None)


def _dependencies(field: Field) -> tuple[tuple[str, str], ...]:
    return field.reference.needs if field.reference else ()


async def _resolve(dd: DeskDirector, field: Field, value: Any, ids: dict[str, Any]) -> Any:
    noun = field.reference.noun if field.reference else ""
    if isinstance(value, list):
        return list(await asyncio.gather(*(resolve(dd, noun, one, ids) for one in value)))
    return await resolve(dd, noun, value, ids)


def _key(text: str) -> str:
    return " ".join(text.casefold().split())


def _matching(candidates: Sequence[Candidate], text: str) -> list[Candidate]:
    key = _key(text)
    return [one for one in candidates if key in (_key(one.name), one.email.casefold(), str(one.id).casefold())]


def _listing(names: Sequence[str]) -> str:
    shown = "; ".join(names[:_SHOWN])
    return shown + (f"; and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")


def _ambiguous(noun: str, text: str, matches: Sequence[Candidate]) -> BadRequest:
    names = [str(one) for one in matches]
    return BadRequest(
        f"{_code(noun)}Ambiguous",
        f"'{text}' names {len(matches)} {noun}s: {_listing(names)}. Give the id of the one you mean.",
        details=names,
    )


def _unknown(noun: str, text: str, candidates: Sequence[Candidate]) -> BadRequest:
    close = difflib.get_close_matches(_key(text), [_key(one.name) for one in candidates], n=_SHOWN, cutoff=0.5)
    near = [str(one) for one in candidates if _key(one.name) in close] or [str(one) for one in candidates]
    offer = f" There is: {_listing(near)}." if near else ""
    return BadRequest(
        f"{_code(noun)}NotFound", f"No {noun} is called '{text}'; check the spelling or give its id.{offer}", details=near[:50]
    )


def _code(noun: str) -> str:
    return "".join(word.capitalize() for word in noun.split())


def _list_finder(endpoint: api.Endpoint, *, pages: bool = False, **query: object) -> Finder:
    async def find(dd: DeskDirector, text: str, ids: dict[str, Any], fresh: bool) -> list[Candidate]:
        del text, ids
        choices = await listed(dd, endpoint, query=query, pages=pages, fresh=fresh)
        return [Candidate(_number(one.id), one.name) for one in choices]

    return find


def _number(text: str) -> int | str:
    return int(text) if text.isdecimal() else text


async def _statuses(dd: DeskDirector, text: str, ids: dict[str, Any], fresh: bool) -> list[Candidate]:
    del text
    if "boardId" in ids:
        boards = {str(ids["boardId"]): ""}
    else:
        boards = {one.id: f"board {one.name}" for one in await listed(dd, api.LIST_BOARDS)}
    lists = await asyncio.gather(
        *(listed(dd, api.LIST_STATUSES, query={"boardId": board}, fresh=fresh) for board in boards)
    )
    found = {one.id: Candidate(_number(one.id), one.name, hint=hint) for hint, choices in zip(boards.values(), lists, strict=True) for one in choices}
    return list(found.values())


async def _contacts(dd: DeskDirector, text: str, ids: dict[str, Any], fresh: bool) -> list[Candidate]:
    del fresh
    narrowed = {"companyId": ids["companyId"]} if "companyId" in ids else {}
    page = await dd.fetch(api.FIND_CONTACTS, Contacts, body={"search": text, "take": 50, "skip": 0, **narrowed})
    return [
        Candidate(one.id, one.name or "", one.email or "", ", ".join(part for part in (one.email, one.company) if part))
        for one in page.results
    ]


async def _companies(dd: DeskDirector, text: str, ids: dict[str, Any], fresh: bool) -> list[Candidate]:
    del ids, fresh
    page = await dd.fetch(api.FIND_COMPANIES, Companies, body={"search": text, "take": 50, "skip": 0})
    return [Candidate(one.id, one.name or "", hint=one.identifier or "") for one in page.results]


async def _members(dd: DeskDirector, text: str, ids: dict[str, Any], fresh: bool) -> list[Candidate]:
    del ids, fresh
    page = await dd.fetch(api.FIND_MEMBERS, Members, body={"search": text, "take": 50, "skip": 0})
    return [Candidate(one.id, one.name or "", one.email or "", one.email or "") for one in page.results]


_UPSTREAM_NAMES = {"assignedTo": "assignedMemberIds"}
_TEXT_IDS: frozenset[str] = frozenset()
_FINDERS: dict[str, Finder] = {
    "board": _list_finder(api.LIST_BOARDS),
    "status": _statuses,
    "priority": _list_finder(api.LIST_PRIORITIES),
    "source": _list_finder(api.LIST_SOURCES),
    "request type": _list_finder(api.LIST_REQUEST_TYPES, withSomethingElse="true"),
    "contact": _contacts,
    "company": _companies,
    "member": _members,
}
