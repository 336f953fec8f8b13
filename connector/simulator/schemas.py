"""The schema routes of the types in use: `schema/…` answers the schema itself, `schema2/…` wraps it (facts §3.1)."""

from collections.abc import Callable, Mapping
from typing import Any

from . import contacts, people, ticket_shapes
from .auth import Access
from .router import Routes
from .shapes import Fields, schema_of
from .tenant import Tenant
from .wire import CONNECTOR, Call, bad_request, not_found

routes = Routes(CONNECTOR)

Shape = Callable[[Tenant], Fields]


def _fixed(fields: Fields) -> Shape:
    return lambda _: fields


TYPES: Mapping[str, Shape] = {
    "TicketDetails": ticket_shapes.ticket_fields,
    "FindTicketsRequest": ticket_shapes.find_fields,
    "FindTicketsResponse": lambda tenant: ticket_shapes.found(ticket_shapes.ticket_fields(tenant)),
    "UpdateTicketRequest": ticket_shapes.update_fields,
    "ContactDetails": _fixed(contacts.CONTACT),
    "CreateContactRequest": _fixed(contacts.CREATE),
    "FindContactsRequest": _fixed(contacts.FIND),
    "FindContactsResponse": _fixed(ticket_shapes.found(contacts.CONTACT)),
    "CompanyDetails": _fixed(people.COMPANY),
    "FindCompaniesRequest": _fixed(people.FIND_COMPANIES),
    "FindCompaniesResponse": _fixed(ticket_shapes.found(people.COMPANY)),
    "MemberDetails": _fixed(people.MEMBER),
    "FindMembersRequest": _fixed(people.FIND_MEMBERS),
    "FindMembersResponse": _fixed(ticket_shapes.found(people.MEMBER)),
    "FindUserGroupsRequest": _fixed(people.FIND_USER_GROUPS),
    "FindUserGroupsResponse": _fixed(ticket_shapes.found(people.USER_GROUP)),
}


def publish(root: str, wrapped: str) -> Callable[[Callable[[Call], dict[str, Any]]], None]:
    """Serve one schema at both of its routes."""

    def declare(schema: Callable[[Call], dict[str, Any]]) -> None:
        routes.get(root, allow=Access.STAFF)(schema)
        routes.get(wrapped, allow=Access.STAFF)(lambda call: {"schema": schema(call)})

    return declare


@publish("/schema/dynamic-types/{typeId}", "/schema2/types/{typeId}/$schema")
def _type_schema(call: Call) -> dict[str, Any]:
    shape = TYPES.get(call.params["typeId"])
    if shape is None:
        raise not_found("Type", call.params["typeId"])
    return schema_of(shape(call.tenant))


@publish("/schema/ticket/$create-request", "/schema2/ticket/$create-request")
def _create_ticket_schema(call: Call) -> dict[str, Any]:
    request_type_id = call.query_number("requestTypeId")
    if request_type_id not in call.tenant.request_types:
        raise bad_request(requestTypeId=f"Request type {request_type_id} does not exist.")
    return schema_of(ticket_shapes.create_fields(call.tenant))
