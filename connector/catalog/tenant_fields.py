"""Additional fields: those that only one site has, and which operations take or return."""

from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

from pydantic import Field

from connector.catalog.companies import CompanyFilters
from connector.catalog.contacts import ContactChanges, ContactFilters, NewContact
from connector.catalog.members import MemberFilters
from connector.catalog.tasks import TaskTemplateFilters
from connector.catalog.user_groups import UserGroupFilters
from connector.deskdirector import endpoints as api
from connector.deskdirector.body_schemas import BodySchema, read_schema, schema_of
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.endpoint import Endpoint
from connector.deskdirector.entities.people import Company, Contact
from connector.deskdirector.entities.tickets import Ticket
from connector.deskdirector.errors import BadRequest
from connector.deskdirector.models import Entity
from connector.deskdirector.plans import folded
from connector.deskdirector.reading import known_keys
from connector.operations.fields import Input, Line, RequestTypeRef
from connector.operations.operation import support
from connector.resolving.dynamic_schemas import SchemaAnswer, object_schema
from connector.resolving.lookup_cache import listed
from connector.resolving.references import resolve
from connector.resolving.request_bodies import sent_names
from connector.resolving.request_types import catch_all_request_type
from connector.resolving.ticket_inputs import NewTicket, TicketChanges, TicketFilters


class Sent(NamedTuple):
    """What an operation sends: where to, and the input that it is made from."""

    endpoint: Endpoint
    model: type[Input]
    schema_of: type[Input] | None = None
    """Another input whose schema describes this one too, for want of its own."""


BODIES: Mapping[str, Sent] = {
    "CreateTicket": Sent(api.CREATE_TICKET, NewTicket),
    "UpdateTicket": Sent(api.UPDATE_TICKET, TicketChanges),
    "FindTickets": Sent(api.FIND_TICKETS, TicketFilters),
    "CreateContact": Sent(api.CREATE_CONTACT, NewContact),
    "UpdateContact": Sent(api.UPDATE_CONTACT, ContactChanges, schema_of=NewContact),
    "FindContacts": Sent(api.FIND_CONTACTS, ContactFilters),
    "FindCompanies": Sent(api.FIND_COMPANIES, CompanyFilters),
    "FindMembers": Sent(api.FIND_MEMBERS, MemberFilters),
    "FindUserGroups": Sent(api.FIND_USER_GROUPS, UserGroupFilters),
    "FindTicketTaskTemplates": Sent(api.FIND_TICKET_TASK_TEMPLATES, TaskTemplateFilters),
}
"""The operations that take additional fields."""
_NOTE = ("noteContent", "noteIsInternal")
"""The upstream names of a change's note; they are not among the plain fields."""


ANSWERS: Mapping[str, type[Entity]] = {"TicketDetails": Ticket, "ContactDetails": Contact, "CompanyDetails": Company}
"""The site's types of answers that have additional fields, with what we read of them."""


@support("GetAdditionalFieldsSchema", "GET", "schemas/additional-fields")
async def get_additional_fields_schema(
    dd: DeskDirector,
    operation: Annotated[
        Line, Field(description="The operation that takes the fields, e.g. CreateTicket, or the type of a response.")
    ],
    request_type: Annotated[
        RequestTypeRef | None,
        Field(description="For a new ticket: its request type, by name or id; the catch-all type when left out."),
    ] = None,
) -> SchemaAnswer:
    """Get the schema of the additional fields of an operation: those that only this site has.

    It is empty where the site has no such fields, or where its schemas cannot be read.
    """
    if operation in ANSWERS:
        wrapped, bare = api.GET_DYNAMIC_SCHEMA2, api.GET_DYNAMIC_SCHEMA
        answered = object_schema(await read_schema(dd, wrapped, bare, path={"typeId": operation}))
        return SchemaAnswer(schema_=_besides(answered, ANSWERS[operation]))
    if operation not in BODIES:
        names = ", ".join([*BODIES, *ANSWERS])
        raise BadRequest("OperationUnknown", f"'operation' must be one of {names}.", details=[*BODIES, *ANSWERS])
    schema = await body_schema(dd, operation, request_type)
    return SchemaAnswer(schema_=own_fields(schema, BODIES[operation]) if schema else object_schema(None))


def _besides(schema: dict[str, Any], model: type[Entity]) -> dict[str, Any]:
    """What a schema of an answer has that no field of ours looks at."""
    known = known_keys(model) | {folded(key) for key in model.answered_elsewhere}
    properties = {name: property_ for name, property_ in schema["properties"].items() if folded(name) not in known}
    return {"type": "object", "properties": properties}


async def body_schema(dd: DeskDirector, operation: str, request_type: str | None = None) -> BodySchema | None:
    """The site's schema of what `operation` sends; None when there is none to be read."""
    query = {}
    if operation == "CreateTicket":
        chosen = await _request_type(dd, request_type)
        query = {"requestTypeId": chosen} if chosen else {}
    return await schema_of(dd, BODIES[operation].endpoint, query)


def own_fields(schema: BodySchema, sent: Sent) -> dict[str, Any]:
    """The object schema of what a site's `schema` has and our input does not offer, under any of its names."""
    models = [model for model in (sent.model, sent.schema_of) if model]
    ours = [name for model in models for name in (*sent_names(model), *(_NOTE if "note" in model.elsewhere else ()))]
    offered = {schema.locate(name) for name in ours}
    whole = object_schema(schema.content)
    properties = {name: property_ for name, property_ in whole["properties"].items() if name not in offered}
    required = [name for name in whole.get("required", ()) if name in properties and not sent.schema_of]
    return {"type": "object", "properties": properties, **({"required": required} if required else {})}


async def _request_type(dd: DeskDirector, text: str | None) -> str | None:
    if text:
        return str(await resolve(dd, "request type", text))
    some = await listed(dd, api.LIST_REQUEST_TYPES)
    request_type = await catch_all_request_type(dd) or next(iter(some), None)
    return request_type.id if request_type else None
