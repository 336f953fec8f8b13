"""Id or name: how `"board": "Support"` becomes `"boardId": 4`.

A text of digits is an id (what a drop-down gives). Anything else is a name, compared without regard to case and
spacing; contacts and members go by their e-mail address too. No match, or several, is an error that lists the
candidates.
"""

import asyncio
import difflib
import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any, Literal

from pydantic import BaseModel

from connector.deskdirector.body_schemas import schema_of
from connector.deskdirector.client import DeskDirector, User
from connector.deskdirector.connection import MAX_ID
from connector.deskdirector.errors import BadRequest
from connector.deskdirector.field_names import sent_name
from connector.operations.field_model import Field, fields_of
from connector.operations.fields import QueryInput
from connector.operations.paging import FindInput
from connector.resolving.lookup_cache import meanings
from connector.resolving.lookups import CONTACTS, FINDERS, MEMBERS, TEXT_IDS, Candidate, Candidates
from connector.resolving.me import own_member
from connector.resolving.several import each_name
from connector.runtime import AT_ONCE, together
from connector.texts import address_in, name_key

ACTING = "onBehalfOf"
"""The field that says whom a call is made as; it is not sent."""

_SHOWN = 10
_BEGINNING = 3
_ID = re.compile(r"\s*(\d{1,19})(?:\.0+)?\s*", re.ASCII)
ME = "me"
"""The connection's own member."""
_Person = tuple[Literal["contact", "member"], Candidate]
KINDS: dict[str, Literal["contact", "member"]] = {"contact": "contact", "member": "member"}


Ahead = Callable[[Mapping[str, Any]], Coroutine[Any, Any, object] | None]
"""Given the ids that are known, starts what can be read already; None while too little is known."""


async def resolved(
    dd: DeskDirector,
    inputs: BaseModel,
    *,
    known: dict[str, Any] | None = None,
    several: bool = False,
    ahead: Ahead | None = None,
) -> dict[str, Any]:
    """The ids of all references that `given` sets, under DeskDirector's names: `{"boardId": 4, "statusId": 31}`.

    `known` supplies ids that a reference depends on and `given` does not set, e.g. a ticket's board for its status.
    In a find, in a trigger, or with `several`, a status name that several boards have means all of them: a list of ids.
    What is remembered costs no call; of the rest, each is looked up as soon as what it depends on is known, and what
    `ahead` starts is read meanwhile.
    """
    several = several or isinstance(inputs, FindInput | QueryInput)
    values = [(field, getattr(inputs, name)) for field, name in _references_of(type(inputs))]
    fields = [field for field, value in values if value]
    given = {field.name: value for field, value in values if value}
    scope = dict(known or {})
    pending: dict[str, Field] = {}
    for field in fields:
        waits = any(needed in pending for _, needed in _dependencies(field))
        value = None if waits else _remembered(dd, field, given[field.name], scope, several)
        if value is None:
            pending[field.name] = field
        else:
            scope[upstream_name(field)] = value
    if pending:
        await _Lookups(dd, given, scope, several, ahead).run(list(pending.values()))
    return {upstream_name(field): scope[upstream_name(field)] for field in fields}


class _Lookups:
    """The references of one input that have to be looked up."""

    def __init__(
        self, dd: DeskDirector, given: Mapping[str, Any], scope: dict[str, Any], several: bool, ahead: Ahead | None
    ) -> None:
        self._dd = dd
        self._given = given
        self._scope = scope
        self._several = several
        self._ahead = ahead
        self._done: dict[str, asyncio.Event] = {}

    async def run(self, fields: Sequence[Field]) -> None:
        """Look all of them up, and put their ids into the scope; those that others depend on come first."""
        self._done = {field.name: asyncio.Event() for field in fields}
        endpoints = [FINDERS[field.reference.noun].endpoint for field in fields if field.reference]
        schemas = (schema_of(self._dd, endpoint) for endpoint in dict.fromkeys(endpoints) if endpoint)
        await together(*map(self._look_up, fields), *schemas, self._read_ahead(), at_once=len(fields) + AT_ONCE)

    async def _look_up(self, field: Field) -> None:
        for _, needed in _dependencies(field):
            if needed in self._done:
                await self._done[needed].wait()
        value = await _resolve(self._dd, field, self._given[field.name], self._scope, self._several)
        self._scope[upstream_name(field)] = value
        self._done[field.name].set()
        await self._read_ahead()

    async def _read_ahead(self) -> None:
        work = self._ahead(self._scope) if self._ahead else None
        if work is not None:
            self._ahead = None
            await work


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

    An id is passed on as it is, unless `check_ids` asks for it to be one of the candidates. A name never means a person
    inactive, unless `inactive` allows it (a filter does).
    """
    text = address_in(text) if noun in KINDS else text
    if noun == "member" and name_key(text) == ME:
        return await own_member(dd)
    number = id_in(text) if noun not in TEXT_IDS else None
    if number is not None and not check_ids:
        return number
    text = str(number) if number is not None else text
    finder, ids = FINDERS[noun], ids or {}
    known = finder.known(dd, text, ids)
    if known is not None:
        return known.id
    candidates = await finder.find(dd, text, ids, False)
    matches = candidates.matching(text)
    if not matches:
        candidates = await finder.find(dd, text, ids, True)
        matches = candidates.matching(text)
    active = [match for match in matches if match.is_active]
    if len(active) == 1:
        finder.remember(dd, text, ids, active[0])
    if len(active) == 1 or (inactive and len(matches) == 1):
        return (active or matches)[0].id
    if matches:
        raise _ambiguous(noun, text, matches) if active or inactive else _inactive(noun, text, matches)
    raise await _nobody(dd, noun, text, ids, candidates)


async def _nobody(dd: DeskDirector, noun: str, text: str, ids: Mapping[str, Any], found: Candidates) -> BadRequest:
    """The error for a name that none of the candidates has."""
    if not found.is_all:
        return _too_many(noun, text, len(found))
    if not found:
        # A search for a misspelt name finds nothing; what has the same beginning may be meant.
        found = await FINDERS[noun].find(dd, text[:_BEGINNING], ids, True)
    return _unknown(noun, text, list(found))


async def resolve_status_everywhere(dd: DeskDirector, text: str, ids: dict[str, Any] | None = None) -> Any:
    """The id of a status, or all ids where several boards have a status of that name (ConnectWise has one a board)."""
    boards = (ids or {}).get("boardId")
    if id_in(text) is None and (boards is None or isinstance(boards, list)):
        scopes: list[dict[str, Any]] = [{"boardId": board} for board in boards or ()] or [{}]
        found = [await FINDERS["status"].find(dd, text, scope, False) for scope in scopes]
        matches = {match.id for candidates in found for match in candidates.matching(text)}
        if boards and not matches:
            raise _unknown("status", text, list(chain(*found)))
        if boards or len(matches) > 1:
            return sorted(matches)
    return await resolve(dd, "status", text, ids)


async def someone(dd: DeskDirector, text: str) -> User:
    """The contact or member that `text` means: an e-mail address, a name, `contact:12` or `member:7`."""
    prefix, colon, rest = text.partition(":")
    kind = KINDS.get(prefix.strip().lower())
    if colon and kind:
        return User(kind=kind, id=int(await resolve(dd, kind, rest.strip())))
    if name_key(text) == ME:
        return User(kind="member", id=await own_member(dd))
    text = address_in(text)
    if id_in(text) is not None:
        raise BadRequest(
            "PersonAmbiguous",
            f"The number {text} could be a contact or a member; write contact:{text} or member:{text}.",
        )
    known: User | None = meanings().of(dd, "person", text, {})
    if known is not None:
        return known
    groups: list[Candidates] = await together(CONTACTS.find(dd, text, {}, True), MEMBERS.find(dd, text, {}, True))
    people = [
        (kind, person) for kind, group in zip(KINDS.values(), groups, strict=True) for person in group.matching(text)
    ]
    active = [(kind, person) for kind, person in people if person.is_active]
    if len(active) == 1:
        known = User(kind=active[0][0], id=int(active[0][1].id))
        meanings().remember(dd, "person", text, {}, known)
        return known
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


@cache
def _references_of(model: type[BaseModel]) -> list[tuple[Field, str]]:
    """The references of an input, each with its Python name; those that others depend on come first."""
    names = {str(info.alias): name for name, info in model.model_fields.items()}
    references = [(one, names[one.name]) for one in fields_of(model) if one.reference and one.name in names]
    return sorted(
        (pair for pair in references if pair[0].name != ACTING), key=lambda pair: bool(_dependencies(pair[0]))
    )


def _dependencies(field: Field) -> tuple[tuple[str, str], ...]:
    return field.reference.needs if field.reference else ()


def _remembered(dd: DeskDirector, field: Field, value: Any, ids: Mapping[str, Any], several: bool) -> Any:
    """The id, or ids, that a field means, as far as that needs no call; else None."""
    noun = field.reference.noun if field.reference else ""
    if noun == "status" and several and id_in(value) is None and isinstance(ids.get("boardId", []), list):
        return None
    ids = {name: one for name, one in ids.items() if not isinstance(one, list)}
    if isinstance(value, list):
        means = [_known_id(dd, noun, name, ids) for name in value]
        return None if None in means else means
    return _known_id(dd, noun, value, ids)


def _known_id(dd: DeskDirector, noun: str, text: Any, ids: Mapping[str, Any]) -> Any:
    """The id that a text is, or is remembered to mean; else None."""
    if not isinstance(text, str):
        return None
    text = address_in(text) if noun in KINDS else text
    if noun == "member" and name_key(text) == ME:
        return None
    number = id_in(text) if noun not in TEXT_IDS else None
    if number is not None:
        return number
    known = FINDERS[noun].known(dd, text, ids)
    return None if known is None else known.id


async def _resolve(dd: DeskDirector, field: Field, value: Any, ids: dict[str, Any], several: bool) -> Any:
    noun = field.reference.noun if field.reference else ""
    single = {name: one for name, one in ids.items() if not isinstance(one, list)}
    if noun == "status" and several and isinstance(value, str):
        return await each_name(value, lambda name: resolve_status_everywhere(dd, name, ids))
    if field.reference and field.reference.several:
        return await each_name(value, lambda name: resolve(dd, noun, name, single, inactive=several))
    if isinstance(value, list):
        return list(await together(*(resolve(dd, noun, name, single, inactive=several) for name in value)))
    return await resolve(dd, noun, value, single, inactive=several)


def id_in(text: str) -> int | None:
    """The id that a text is: ASCII digits, `31.0` too (what spreadsheets make of 31); None for a name."""
    match = _ID.fullmatch(text)
    number = int(match[1]) if match else MAX_ID + 1
    return number if number <= MAX_ID else None


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
