"""A site's own schemas: read when a body of that kind is sent, remembered, and used to send it under the site's names.

A field that is not ours to know (the tenant's own) goes through when the schema has it. One that the schema lacks is an
error: DeskDirector would pass over it in silence, and a filter that is passed over finds too much. Where a schema
cannot be read, bodies go out under the default names, unchecked; that is remembered too, so that a dead route costs
one call and not one a request.
"""

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from connector.deskdirector import endpoints as api
from connector.deskdirector.connection import Connection
from connector.deskdirector.endpoint import Endpoint
from connector.deskdirector.errors import BadRequest, ConnectorError, NotFound
from connector.deskdirector.field_names import ALIASES, OF_PEOPLE, Aliases, folded
from connector.deskdirector.filter_forms import place_of, takes_words
from connector.deskdirector.known_schemas import KnownSchemas, Unknown
from connector.runtime import SharedWork, per_loop
from connector.settings import Settings

READ_SHARE = 1 / 18
"""How much of its budget a call waits for a schema (5 of 90 seconds); then it goes out under the default names."""
UNREADABLE_SECONDS = 60
SEVERAL = "SeveralNotSupported"
"""The code of the error for several values where a site takes one."""

_TAKE, _SKIP = "take", "skip"
_SHOWN = 60
_DEPTH = 5

_TYPES: Mapping[str, str] = {
    "UPDATE_TICKET": "UpdateTicketRequest",
    "UPDATE_TICKET_WITH_NOTE": "UpdateTicketRequest",
    "FIND_TICKETS": "FindTicketsRequest",
    "CREATE_TICKET_TASKS": "CreateTicketTasksRequest",
    "FIND_TICKET_TASK_TEMPLATES": "FindTicketTaskTemplatesRequest",
    "FIND_COMPANIES": "FindCompaniesRequest",
    "FIND_USER_GROUPS": "FindUserGroupsRequest",
    "CREATE_CONTACT": "CreateContactRequest",
    # The connector cannot change contacts, so there is no schema of its own; the names are hardly others.
    "UPDATE_CONTACT": "CreateContactRequest",
    "FIND_CONTACTS": "FindContactsRequest",
    "CREATE_CONTACT_NOTIFICATION": "CreateContactNotificationRequest",
    "FIND_MEMBERS": "FindMembersRequest",
    "CREATE_MEMBER_NOTIFICATION": "CreateMemberNotificationRequest",
    "ADD_CHAT_SYSTEM_MESSAGE": "CreateChatMessageRequest",
    "INVITE_USERS_TO_CHAT": "CreateChatInviteRequest",
}
"""Endpoint -> the dynamic type of its body (certified connector v1.9)."""

_OF_PEOPLE = frozenset({"CreateContactRequest", "FindContactsRequest"})

Schema = Mapping[str, Any]


_WHOLE = re.compile(r"[+-]?\d{1,19}(\.0{1,10})?", re.ASCII)
_DECIMAL = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?", re.ASCII)
_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class Body(dict[str, Any]):
    """A body under our default names; `called` is what its caller calls each, for errors: `{"boardId": "board"}`."""

    __slots__ = ("called",)

    def __init__(self, values: Mapping[str, Any], called: Mapping[str, str]) -> None:
        super().__init__(values)
        self.called = called


@dataclass(frozen=True, slots=True)
class BodySchema:
    """What a site takes in one kind of body. `content` is the schema as it was answered, for those who show it."""

    properties: Mapping[str, Schema]
    content: Any = field(repr=False)
    aliases: Aliases = field(repr=False)
    definitions: Mapping[str, Any] = field(repr=False)
    names: Mapping[str, str] = field(repr=False)
    """Folded name -> the site's own spelling."""
    required: frozenset[str] = frozenset()
    """The required names, in the site's spelling."""
    weight: int = field(default=0, repr=False, compare=False)
    """About how many bytes it takes; measured in a test."""

    @classmethod
    def of(cls, content: Any, aliases: Aliases = ALIASES) -> "BodySchema | None":
        """The schema in an answer (as it is, or below `schema`); None when it has no properties."""
        schema = _mapping(_mapping(content).get("schema", content))
        definitions = _mapping(schema.get("definitions"))
        schema = _resolved(schema, definitions)
        properties = {str(name): _mapping(value) for name, value in _mapping(schema.get("properties")).items()}
        names = {folded(name): name for name in properties}
        if not properties:
            return None
        named = schema.get("required")
        required = frozenset(named if isinstance(named, list) else ()) & properties.keys()
        weight = 2_500 + 11 * len(json.dumps(content)) // 2
        return cls(properties, content, aliases, definitions, names, required, weight)

    def locate(self, name: str) -> str | None:
        """The site's name for our default `name`, or for one of its own; None when it has neither."""
        for candidate in (name, *self.aliases.get(name, ())):
            theirs = self.names.get(folded(candidate))
            if theirs is not None and not (name.endswith("Id") and takes_words(self.properties[theirs])):
                return theirs
        return None

    def takes(self, name: str, value: Any) -> bool:
        """Whether the site takes our default `name`, in whatever form."""
        return self.locate(name) is not None or place_of(name, value, self.properties) is not None

    def takes_several(self, name: str) -> bool:
        """Whether the site takes several values at once for our default `name`."""
        theirs = self.locate(name)
        return theirs is not None and kind_of(_resolved(self.properties[theirs], self.definitions)) == "array"

    def conform(self, body: Mapping[str, Any], refuse: "Refusal") -> dict[str, Any]:
        """`body` under the site's names, in the site's forms; `BadRequest` for what the site does not take."""
        sent: dict[str, Any] = {}
        lacking = []
        for name, value in body.items():
            theirs = self.locate(name)
            if theirs is not None and theirs not in sent:
                sent[theirs] = self._fit(value, self.properties[theirs])
            elif theirs is not None:
                raise refuse.repeated(name)
            elif place := place_of(name, value, self.properties):
                place.put_into(sent)
            else:
                lacking += [] if _is_first_window(name, value) else [name]
        if lacking:
            raise refuse.lacking(lacking, self)
        return sent

    def _fit(self, value: Any, schema: Schema, depth: int = _DEPTH) -> Any:
        """`value` in the form that a property has: a reference as `{"id": …}`, one of many as a list."""
        schema = _resolved(schema, self.definitions)
        kind = kind_of(schema)
        if value is None or not depth:
            return value
        if isinstance(value, list) and kind in ("integer", "string", "object"):
            value = _single(value)
        if kind == "array":
            items = _mapping(schema.get("items"))
            return [self._fit(item, items, depth - 1) for item in (value if isinstance(value, list) else [value])]
        if kind == "object":
            return self._fit_object(value, _mapping(schema.get("properties")), depth - 1)
        return scalar_as(kind, value)

    def _fit_object(self, value: Any, properties: Mapping[str, Any], depth: int) -> Any:
        names = {folded(str(name)): str(name) for name in properties}
        if isinstance(value, dict):
            placed = ((name, _located(name, names, self.aliases) or name) for name in value)
            return {theirs: self._fit(value[name], _mapping(properties.get(theirs)), depth) for name, theirs in placed}
        key = names.get("id") or names.get("entityid")
        return value if key is None else {key: self._fit(value, _mapping(properties[key]), depth)}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Says what a site does not take, in the caller's own words."""

    endpoint: Endpoint
    called: Mapping[str, str]

    def lacking(self, names: list[str], schema: BodySchema) -> BadRequest:
        """The site has no such filter or field; the error lists those it has."""
        if names == [_SKIP]:
            return BadRequest("PagingNotSupported", "This site answers no second page here; narrow the filters.")
        has = sorted(schema.properties.keys() - {schema.locate(_TAKE), schema.locate(_SKIP)})
        finds = self.endpoint.name.startswith("FIND_")
        code, verb = ("FilterNotSupported", "filter by") if finds else ("FieldNotSupported", "take")
        shown = ", ".join(has[:_SHOWN]) + (" and more" if len(has) > _SHOWN else "")
        return BadRequest(code, f"This site does not {verb} {self._quoted(names)} here; it has {shown}.", details=has)

    def repeated(self, name: str) -> BadRequest:
        """Two given fields are one to the site."""
        return BadRequest("FieldGivenTwice", f"{self._quoted([name])} repeats another field; give it once.")

    def _quoted(self, names: list[str]) -> str:
        return ", ".join(f"'{self.called.get(name, name)[:_SHOWN]}'" for name in names[:5])


class SchemaReply(Protocol):
    """An answer of DeskDirector that holds a schema."""

    def json(self) -> Any:
        """The answer as plain data."""
        ...


class SchemaClient(Protocol):
    """What reading a schema needs of the DeskDirector client."""

    @property
    def connection(self) -> Connection:
        """Whose schemas these are."""
        ...

    @property
    def settings(self) -> Settings:
        """How long schemas are remembered, and whether they are read at all."""
        ...

    async def call(
        self, endpoint: Endpoint, *, path: Mapping[str, Any] = ..., query: Mapping[str, Any] | None = None
    ) -> SchemaReply:
        """Call `endpoint` with the API key."""
        ...


async def conformed(
    dd: SchemaClient, endpoint: Endpoint, query: Mapping[str, Any] | None, body: Mapping[str, Any]
) -> Mapping[str, Any]:
    """`body` as this site takes it at `endpoint`; as it is where no schema describes it or the schema is not readable.

    Raises `BadRequest` FilterNotSupported, FieldNotSupported, FieldGivenTwice or PagingNotSupported.
    """
    schema = await schema_of(dd, endpoint, query)
    if schema is None:
        # Without a schema only one id is known to be taken.
        ids = {name: _single(value) for name, value in body.items() if name.endswith("Id") and isinstance(value, list)}
        return {**body, **ids}
    return schema.conform(body, Refusal(endpoint, body.called if isinstance(body, Body) else {}))


async def schema_of(dd: SchemaClient, endpoint: Endpoint, query: Mapping[str, Any] | None = None) -> BodySchema | None:
    """What this site takes as the body of `endpoint`; None when no schema describes it, or none can be read."""
    route = _route(endpoint, query) if dd.settings.schemas == "on" else None
    return await _find(dd, route) if route else None


async def read_schema(
    dd: SchemaClient,
    wrapped: Endpoint,
    bare: Endpoint,
    *,
    path: Mapping[str, Any] | None = None,
    query: Mapping[str, Any] | None = None,
) -> Any:
    """The answer of `wrapped` (routes since version 1.8), or of `bare` (the older ones) where that does not exist."""
    try:
        reply = await dd.call(wrapped, path=path or {}, query=query)
    except NotFound:
        reply = await dd.call(bare, path=path or {}, query=query)
    return reply.json()


@dataclass(frozen=True, slots=True)
class _SchemaRoute:
    """Where a schema is read; its parameter identifies it."""

    parameter: tuple[str, str]
    wrapped: Endpoint = field(compare=False)
    bare: Endpoint = field(compare=False)
    aliases: Aliases = field(compare=False)

    async def read(self, dd: SchemaClient) -> BodySchema | None:
        values = dict((self.parameter,))
        in_path = self.parameter[0] in self.wrapped.parameters
        path, query = (values, None) if in_path else (None, values)
        return BodySchema.of(await read_schema(dd, self.wrapped, self.bare, path=path, query=query), self.aliases)


def _route(endpoint: Endpoint, query: Mapping[str, Any] | None) -> _SchemaRoute | None:
    if endpoint.name == api.CREATE_TICKET.name:
        request_type = str((query or {}).get("requestTypeId", ""))
        wrapped, bare = api.GET_CREATE_TICKET_REQUEST_SCHEMA2, api.GET_CREATE_TICKET_REQUEST_SCHEMA
        return _SchemaRoute(("requestTypeId", request_type), wrapped, bare, ALIASES) if request_type else None
    type_id = _TYPES.get(endpoint.name)
    if type_id is None:
        return None
    aliases = OF_PEOPLE if type_id in _OF_PEOPLE else ALIASES
    return _SchemaRoute(("typeId", type_id), api.GET_DYNAMIC_SCHEMA2, api.GET_DYNAMIC_SCHEMA, aliases)


_Key = tuple[str, _SchemaRoute]


@per_loop
def _known_schemas() -> KnownSchemas[_Key, BodySchema]:
    return KnownSchemas()


@per_loop
def _readings() -> SharedWork[_Key, BodySchema | None]:
    return SharedWork()


async def _find(dd: SchemaClient, route: _SchemaRoute) -> BodySchema | None:
    """The schema at `route`, None when it cannot be read; callers at the same time share one reading."""
    key = (dd.connection.identity, route)
    known = _known_schemas().get(key)
    if not isinstance(known, Unknown):
        return known
    return await _readings().run(key, lambda: _read(dd, key))


async def _read(dd: SchemaClient, key: _Key) -> BodySchema | None:
    try:
        async with asyncio.timeout(dd.settings.budget_seconds * READ_SHARE):
            schema = await key[1].read(dd)
    except (ConnectorError, TimeoutError):
        schema = None
    kept = dd.settings.schema_seconds
    return _known_schemas().put(key, schema, kept if schema else min(kept, UNREADABLE_SECONDS))


def kind_of(schema: Schema) -> str:
    """The JSON type that a schema describes; a list of types counts as its first besides null."""
    kinds = schema.get("type")
    named = [
        kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str) and kind != "null"
    ]
    return named[0] if named else "array" if "items" in schema else "object" if "properties" in schema else ""


def _resolved(schema: Schema, definitions: Mapping[str, Any]) -> Schema:
    """What a schema refers to, when it is a reference."""
    if "$ref" not in schema:
        return schema
    return _mapping(definitions.get(str(schema["$ref"]).rpartition("/")[2]))


def _located(name: str, names: Mapping[str, str], aliases: Aliases) -> str | None:
    exact = names.get(folded(name))
    if exact is not None:
        return exact
    return next((names[key] for alias in aliases.get(name, ()) if (key := folded(alias)) in names), None)


def _single(values: list[Any]) -> Any:
    """The only one of several values for a property that takes one."""
    if len(values) != 1:
        raise BadRequest(
            SEVERAL,
            "This site takes one value here, and this name stands for several (a status that several boards have); "
            "give the board too, or an id.",
        )
    return values[0]


def _is_first_window(name: str, value: Any) -> bool:
    """`take` may be dropped; `skip` only when it is 0."""
    return name == _TAKE or (name == _SKIP and not value)


def scalar_as(kind: str, value: Any) -> Any:
    """`value` as the type that a site's schema has for it: `15.0` and `"15"` are 15; other values stay."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return value
    if kind == "string" and isinstance(value, int | float):
        return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    text = str(value).strip()
    if kind == "integer" and _WHOLE.fullmatch(text):
        return int(text.partition(".")[0])
    if kind == "number" and isinstance(value, str) and _DECIMAL.fullmatch(text):
        return float(text)
    return _WORDS.get(text.lower(), value) if kind == "boolean" else value


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
