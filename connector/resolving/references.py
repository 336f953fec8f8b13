"""Id or name: how `"board": "Support"` becomes `"boardId": 4`.

A text of digits is an id (what a drop-down gives). Anything else is a name, compared without regard to case and
spacing; contacts and members go by their e-mail address too. No match, or several, is an error that lists the
candidates.
"""

import difflib
import re
from collections.abc import Sequence
from itertools import chain
from typing import Any, Literal

from pydantic import BaseModel

from connector.deskdirector.client import DeskDirector, User
from connector.deskdirector.connection import MAX_ID
from connector.deskdirector.errors import BadRequest
from connector.deskdirector.field_names import sent_name
from connector.operations.field_model import Field, fields_of
from connector.operations.fields import QueryInput
from connector.operations.paging import FindInput
from connector.resolving.lookups import FINDERS, TEXT_IDS, Candidate, find_contacts, find_members
from connector.runtime import together
from connector.texts import address_in, name_key

ACTING = "onBehalfOf"
"""The field that says whom a call is made as; no part of what is sent."""

_SHOWN = 10
_BEGINNING = 3
_ID = re.compile(r"\s*(\d{1,19})(?:\.0+)?\s*", re.ASCII)
ME = "me"
"""The connection's own member."""
_Person = tuple[Literal["contact", "member"], Candidate]
KINDS: dict[str, Literal["contact", "member"]] = {"contact": "contact", "member": "member"}


async def resolved(
    dd: DeskDirector, inputs: BaseModel, *, known: dict[str, Any] | None = None, several: bool = False
) -> dict[str, Any]:
    """The ids of all references that `given` sets, under DeskDirector's names: `{"boardId": 4, "statusId": 31}`.

    `known` supplies ids that a reference depends on and `given` does not set, e.g. a ticket's board for its status.
    In a find, in a trigger, or with `several`, a status name that several boards have means all of them: a list of ids.
    """
    several = several or isinstance(inputs, FindInput | QueryInput)
    fields = [field for field in fields_of(type(inputs)) if _is_given(inputs, field)]
    ids: dict[str, Any] = {}
    for dependent in (False, True):
        group = [field for field in fields if bool(_dependencies(field)) is dependent]
        scope = {**(known or {}), **ids}
        values = await together(*(_resolve(dd, field, _value(inputs, field), scope, several) for field in group))
        ids.update({upstream_name(field): value for field, value in zip(group, values, strict=True)})
    return ids


async def resolve(
    dd: DeskDirector,
    noun: str,
    text: str,
    ids: dict[str, Any] | None = None,
    *,
    check_ids: bool = False,
    inactive: bool = False,
) -> Any:
    """The id that `text` means for a `noun` (`board`, `contact` …); `ids` narrow the search (`companyId` …).

    An id is passed on as it is, unless `check_ids` asks for it to be one of the candidates. A name never means somebody
    inactive, unless `inactive` allows it (a filter does).
    """
    text = address_in(text) if noun in KINDS else text
    if noun == "member" and name_key(text) == ME:
        return _own_member(dd)
    number = id_in(text) if noun not in TEXT_IDS else None
    if number is not None and not check_ids:
        return number
    text = str(number) if number is not None else text
    find = FINDERS[noun]
    candidates = await find(dd, text, ids or {}, False)
    matches = _matching(candidates, text)
    if not matches:
        candidates = await find(dd, text, ids or {}, True)
        matches = _matching(candidates, text)
    active = [match for match in matches if match.is_active]
    if len(active) == 1 or (inactive and len(matches) == 1):
        return (active or matches)[0].id
    if matches and not active and not inactive:
        raise _inactive(noun, text, matches)
    if not matches and not getattr(candidates, "is_all", True):
        raise _too_many(noun, text, len(candidates))
    if not candidates:
        # A search for a misspelt name finds nothing; what has the same beginning may be meant.
        candidates = await find(dd, text[:_BEGINNING], ids or {}, True)
    raise _ambiguous(noun, text, matches) if matches else _unknown(noun, text, candidates)


async def resolve_status_everywhere(dd: DeskDirector, text: str, ids: dict[str, Any] | None = None) -> Any:
    """The id of a status, or all ids where several boards have a status of that name (ConnectWise has one a board)."""
    if "boardId" not in (ids or {}) and id_in(text) is None:
        matches = _matching(await FINDERS["status"](dd, text, {}, False), text)
        if len(matches) > 1:
            return [match.id for match in matches]
    return await resolve(dd, "status", text, ids)


async def which_status(dd: DeskDirector, text: str) -> BadRequest:
    """The error for a status name of several boards on a site that filters by one status only."""
    return _ambiguous("status", text, _matching(await FINDERS["status"](dd, text, {}, False), text))


async def someone(dd: DeskDirector, text: str) -> User:
    """The contact or member that `text` means: an e-mail address, a name, `contact:12` or `member:7`."""
    prefix, colon, rest = text.partition(":")
    kind = KINDS.get(prefix.strip().lower())
    if colon and kind:
        return User(kind=kind, id=int(await resolve(dd, kind, rest.strip())))
    if name_key(text) == ME:
        return User(kind="member", id=_own_member(dd))
    text = address_in(text)
    if id_in(text) is not None:
        raise BadRequest(
            "PersonAmbiguous",
            f"The number {text} could be a contact or a member; write contact:{text} or member:{text}.",
        )
    groups = await together(find_contacts(dd, text, {}, True), find_members(dd, text, {}, True))
    people = [
        (kind, person) for kind, group in zip(KINDS.values(), groups, strict=True) for person in _matching(group, text)
    ]
    active = [(kind, person) for kind, person in people if person.is_active]
    if len(active) == 1:
        return User(kind=active[0][0], id=int(active[0][1].id))
    if people and not active:
        raise _inactive("person", text, [person for _, person in people])
    everybody = [(kind, person) for kind, group in zip(KINDS.values(), groups, strict=True) for person in group]
    raise _no_single_person(text, active, everybody)


def _no_single_person(text: str, matches: Sequence[_Person], candidates: Sequence[_Person]) -> BadRequest:
    """The error for a text that means several people, or nobody."""
    if matches:
        names = [
            f"{kind}:{person.id} {person.name}" + (f", {person.hint}" if person.hint else "")
            for kind, person in matches
        ]
        sentence = f"'{text}' may mean {_listing(names)}; write one of these as contact:ID or member:ID."
        return BadRequest("PersonAmbiguous", sentence, details=names)
    near = [f"{kind}:{person.id} {person.name}" for kind, person in candidates]
    sentence = f"No contact or member is called '{text}'; check the spelling or give the e-mail address."
    return BadRequest("PersonNotFound", sentence + (f" There is: {_listing(near)}." if near else ""), details=near)


def upstream_name(field: Field) -> str:
    """The name under which a field is sent: `board` -> `boardId`, `title` -> `name`."""
    return sent_name(field.name, is_reference=field.reference is not None, is_list=field.type == "array")


def _is_given(inputs: BaseModel, field: Field) -> bool:
    return field.reference is not None and field.name != ACTING and bool(_value(inputs, field))


def _value(inputs: BaseModel, field: Field) -> Any:
    return next(
        (getattr(inputs, name) for name, info in type(inputs).model_fields.items() if info.alias == field.name), None
    )


def _dependencies(field: Field) -> tuple[tuple[str, str], ...]:
    return field.reference.needs if field.reference else ()


async def _resolve(dd: DeskDirector, field: Field, value: Any, ids: dict[str, Any], several: bool) -> Any:
    noun = field.reference.noun if field.reference else ""
    if noun == "status" and several and isinstance(value, str):
        return await resolve_status_everywhere(dd, value, ids)
    if isinstance(value, list):
        return list(await together(*(resolve(dd, noun, name, ids, inactive=several) for name in value)))
    return await resolve(dd, noun, value, ids, inactive=several)


def id_in(text: str) -> int | None:
    """The id that a text is: ASCII digits, `31.0` too (what spreadsheets make of 31); None for a name."""
    match = _ID.fullmatch(text)
    number = int(match[1]) if match else MAX_ID + 1
    return number if number <= MAX_ID else None


def _own_member(dd: DeskDirector) -> int:
    """The member that `me` means."""
    if dd.connection.agent_id is None:
        raise BadRequest(
            "MemberUnknown", "'me' needs a connection that names its agent; give an e-mail address, a name or an id."
        )
    return dd.connection.agent_id


def _matching(candidates: Sequence[Candidate], text: str) -> list[Candidate]:
    key = name_key(text)
    names = (
        (candidate, (name_key(candidate.name), candidate.email.casefold(), str(candidate.id).casefold()))
        for candidate in candidates
    )
    return [candidate for candidate, keys in names if key and key in keys]


def _listing(names: Sequence[str]) -> str:
    shown = "; ".join(names[:_SHOWN])
    return shown + (f"; and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")


def _ambiguous(noun: str, text: str, matches: Sequence[Candidate]) -> BadRequest:
    names = [str(match) for match in matches]
    return BadRequest(
        f"{_code(noun)}Ambiguous",
        f"More than one {noun} is called '{text}': {_listing(names)}. Give the id of the one you mean.",
        details=names,
    )


def _inactive(noun: str, text: str, matches: Sequence[Candidate]) -> BadRequest:
    names = [str(match) for match in matches]
    return BadRequest(
        f"{_code(noun)}Inactive",
        f"'{text}' is inactive: {_listing(names)}. Give the id to use it all the same, or name somebody active.",
        details=names[:50],
    )


def _too_many(noun: str, text: str, count: int) -> BadRequest:
    return BadRequest(
        f"{_code(noun)}NotFound",
        f"None of the first {count} that DeskDirector finds for '{text}' is called exactly so, and there are more; "
        f"give the id of the {noun}, or its e-mail address or full name.",
    )


def _unknown(noun: str, text: str, candidates: Sequence[Candidate]) -> BadRequest:
    keys = {
        candidate: [key for key in (name_key(candidate.name), candidate.email.casefold()) if key]
        for candidate in candidates
    }
    close = set(difflib.get_close_matches(name_key(text), chain(*keys.values()), n=_SHOWN, cutoff=0.5))
    near = [str(candidate) for candidate in candidates if close.intersection(keys[candidate])] or [
        str(candidate) for candidate in candidates
    ]
    offer = f" There is: {_listing(near)}." if near else ""
    return BadRequest(
        f"{_code(noun)}NotFound",
        f"No {noun} is called '{text}'; check the spelling or give its id.{offer}",
        details=near[:50],
    )


def _code(noun: str) -> str:
    return "".join(word.capitalize() for word in noun.replace("-", "").split())
