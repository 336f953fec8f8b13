"""How a site's schemas differ from what we send and what we read."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import AliasChoices, AliasPath
from pydantic.fields import FieldInfo

from connector.catalog.tenant_fields import BODIES, body_schema, own_fields
from connector.deskdirector import endpoints as api
from connector.deskdirector.body_schemas import BodySchema, read_schema, schema_of
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.endpoint import Endpoint
from connector.deskdirector.entities.chats import ChatSession
from connector.deskdirector.entities.people import Company, Contact, Member
from connector.deskdirector.entities.tasks import TaskList
from connector.deskdirector.entities.tickets import Ticket
from connector.deskdirector.errors import ConnectorError
from connector.deskdirector.field_names import folded
from connector.deskdirector.models import Entity
from connector.deskdirector.plans import OTHERS
from connector.naming import camel
from connector.resolving.request_bodies import sent_names
from connector.runtime import together

WRITTEN_OUT: Mapping[str, tuple[Endpoint, tuple[str, ...]]] = {
    "CreateTicketTasks": (api.CREATE_TICKET_TASKS, ("templateIds", "name", "isPrivate", "items")),
    "CreateContactNotification": (api.CREATE_CONTACT_NOTIFICATION, ("title", "message", "ticketId")),
    "CreateMemberNotification": (api.CREATE_MEMBER_NOTIFICATION, ("title", "message", "ticketId")),
    "AddChatSystemMessage": (api.ADD_CHAT_SYSTEM_MESSAGE, ("message",)),
    "InviteUsersToChat": (api.INVITE_USERS_TO_CHAT, ("memberIds", "contactIds", "message")),
}
"""Operations that write their bodies out by hand: where to, and under which default names."""

ANSWERS: Mapping[str, type[Entity]] = {
    "TicketDetails": Ticket,
    "ContactDetails": Contact,
    "CompanyDetails": Company,
    "MemberDetails": Member,
    "TicketTaskList": TaskList,
    "Chat": ChatSession,
}
"""The dynamic types that we read, with the entities that they become."""


ONLY_SOME_SITES = frozenset(
    {"cc", "isApprover", "isManager", "dueAfter", "dueBefore", "lastNoteAt", "lastNoteBy", "lastNoteByType"}
)
"""Ours that most sites do not have, as their own descriptions say, or that are applied here then: no drift."""


@dataclass(frozen=True, slots=True)
class Drift:
    """What a site does otherwise with one body (of an operation) or one answer (of a dynamic type)."""

    of: str
    is_readable: bool
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Fields of a body that the site has under a name other than the usual: ours -> theirs."""
    lacking: tuple[str, ...] = ()
    """Ours, as callers know them, which the site does not have under any name."""
    unknown: tuple[str, ...] = ()
    """Theirs, which we do not have: a body takes them as additional fields, some answers have them as such."""
    is_broken: bool = False
    """Whether an answer lacks what we cannot do without."""


async def drift_of_bodies(dd: DeskDirector) -> list[Drift]:
    """Of everything that we send under a schema."""
    offered = [_offered(dd, operation) for operation in BODIES]
    return await together(*offered, *(_written_out(dd, operation) for operation in WRITTEN_OUT))


async def drift_of_answers(dd: DeskDirector) -> list[Drift]:
    """Of everything that we read and that has a schema."""
    return await together(*(_answered(dd, type_id, entity) for type_id, entity in ANSWERS.items()))


async def _offered(dd: DeskDirector, operation: str) -> Drift:
    try:
        schema = await body_schema(dd, operation)
    except ConnectorError:
        schema = None
    if schema is None:
        return Drift(operation, is_readable=False)
    sent = BODIES[operation]
    return _compared(operation, schema, sent_names(sent.model), own_fields(schema, sent)["properties"])


async def _written_out(dd: DeskDirector, operation: str) -> Drift:
    endpoint, names = WRITTEN_OUT[operation]
    schema = await schema_of(dd, endpoint)
    if schema is None:
        return Drift(operation, is_readable=False)
    known = {schema.locate(name) for name in names}
    return _compared(operation, schema, {name: name for name in names}, schema.properties.keys() - known)


def _compared(operation: str, schema: BodySchema, names: Mapping[str, str], unknown: Iterable[str]) -> Drift:
    theirs = {ours: (name, schema.locate(name)) for name, ours in names.items()}
    return Drift(
        operation,
        is_readable=True,
        renamed={ours: found for ours, (name, found) in theirs.items() if found and folded(found) != folded(name)},
        lacking=tuple(ours for ours, (_, found) in theirs.items() if not found and ours not in ONLY_SOME_SITES),
        unknown=tuple(sorted(unknown)),
    )


async def _answered(dd: DeskDirector, type_id: str, entity: type[Entity]) -> Drift:
    try:
        content = await read_schema(dd, api.GET_DYNAMIC_SCHEMA2, api.GET_DYNAMIC_SCHEMA, path={"typeId": type_id})
    except ConnectorError:
        content = None
    schema = BodySchema.of(content)
    if schema is None:
        return Drift(type_id, is_readable=False)
    # The tenant's own fields are collected from what is left over, so no site lacks them.
    fields = [(name, info) for name, info in entity.model_fields.items() if name != OTHERS]
    read = {name: list(_heads(info)) for name, info in fields if info.validation_alias}
    plain = {folded(name) for name, info in fields if not info.validation_alias}
    expected = {name: heads for name, heads in read.items() if camel(name) not in ONLY_SOME_SITES}
    lacking = [name for name, heads in expected.items() if not any(folded(head) in schema.names for head in heads)]
    known = plain.union(folded(head) for heads in read.values() for head in heads)
    return Drift(
        type_id,
        is_readable=True,
        lacking=tuple(camel(name) for name in lacking),
        unknown=tuple(sorted(theirs for key, theirs in schema.names.items() if key not in known)),
        is_broken=any(entity.model_fields[name].is_required() for name in lacking),
    )


def _heads(info: FieldInfo) -> Iterator[str]:
    """The top-level names under which an entity's field may stand."""
    alias = info.validation_alias
    for choice in alias.choices if isinstance(alias, AliasChoices) else [alias]:
        yield str(choice.path[0] if isinstance(choice, AliasPath) else choice)
