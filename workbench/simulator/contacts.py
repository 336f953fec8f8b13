"""Contacts: the connector surface, the admin side's flags and roles (assumed paths), and the portal's "me"."""

from typing import Any

from workbench.simulator.auth import Access
from workbench.simulator.call import Call
from workbench.simulator.clock import wire
from workbench.simulator.filters import filter_fields, fits, read_filters, within
from workbench.simulator.people import find_answer, mentions
from workbench.simulator.records import Contact
from workbench.simulator.router import Routes
from workbench.simulator.shapes import Fields, flag, many, moment, read, reference, text, whole
from workbench.simulator.tenant import Tenant
from workbench.simulator.ticket_shapes import PAGING
from workbench.simulator.wire import CONNECTOR, bad_request, not_found

routes = Routes()
PERMISSIONS = ("isActive", "isVip", "isManager", "isApprover", "hasPortalAccess")

CONTACT: Fields = {
    "id": whole("Id"),
    "name": text("Name"),
    "firstName": text("First name"),
    "lastName": text("Last name"),
    "email": text("E-mail"),
    "phone": text("Phone"),
    "company": reference("Company"),
    "isActive": flag("Is active"),
    "isVip": flag("Is VIP"),
    "isManager": flag("Is manager"),
    "isApprover": flag("Is approver"),
    "hasPortalAccess": flag("Has portal access"),
    "isPrimaryForEmail": flag("Is primary for e-mail"),
    "tags": many(text("Tag"), "Tags"),
    "userId": text("User id"),
    "createdOn": moment("Created on"),
    "modifiedOn": moment("Modified on"),
}
FIND: Fields = {
    "search": text("Search"),
    "email": text("E-mail"),
    "companyId": whole("Company", picker="ListCompanies"),
    "userGroupId": text("User group", picker="ListCompanyTeams"),
    "isActive": flag("Is active"),
    "isVip": flag("Is VIP"),
    "tag": text("Tag"),
    **PAGING,
}
_WRITTEN: Fields = {
    "name": text("Full name"),
    "firstName": text("First name"),
    "lastName": text("Last name"),
    "email": text("E-mail"),
    "phone": text("Phone"),
    "tags": many(text("Tag"), "Tags"),
    "isVip": flag("Is VIP"),
}
CREATE: Fields = {
    **_WRITTEN,
    "companyId": whole("Company", picker="ListCompanies", required=True),
    "userGroupId": text("User group", picker="ListCompanyTeams"),
}
UPDATE: Fields = {**_WRITTEN, "isActive": flag("Is active")}
SET_PERMISSIONS: Fields = {name: flag(name) for name in PERMISSIONS}


def find_fields(tenant: Tenant) -> Fields:
    """What FindContacts takes in this tenant."""
    return filter_fields(tenant.profile, FIND, dated=True)


def contact_object(tenant: Tenant, contact: Contact) -> dict[str, Any]:
    """ContactDetails; the first contact of an e-mail is its primary one."""
    same = (other for other in tenant.contacts.values() if other.email == contact.email)
    return {
        "id": contact.id,
        "name": contact.name,
        "firstName": contact.first_name,
        "lastName": contact.last_name,
        "email": contact.email,
        "phone": contact.phone,
        "company": {"id": contact.company_id, "name": tenant.companies[contact.company_id].name},
        "isActive": contact.is_active,
        "isVip": contact.is_vip,
        "isManager": contact.is_manager,
        "isApprover": contact.is_approver,
        "hasPortalAccess": contact.has_portal_access,
        "isPrimaryForEmail": contact.email is not None and next(same, contact) is contact,
        "tags": contact.tags,
        "userId": tenant.user_id(contact),
        "createdOn": wire(contact.created_on),
        "modifiedOn": wire(contact.modified_on),
    }


def contact_of(call: Call) -> Contact:
    """The contact that the path names."""
    key = call.number("contactId")
    contact = call.tenant.contacts.get(key)
    if contact is None:
        raise not_found("Contact", key)
    return contact


@routes.get(f"{CONNECTOR}/contacts/{{contactId}}", allow=Access.STAFF)
def get_contact(call: Call) -> dict[str, Any]:
    """One contact."""
    return contact_object(call.tenant, contact_of(call))


@routes.post(f"{CONNECTOR}/contacts/find", allow=Access.STAFF, reads=True)
def find_contacts(call: Call) -> dict[str, Any]:
    """Contacts by words of their name or e-mail, or by exact e-mail."""
    values = read_filters(call.tenant.profile, FIND, call.body, dated=True)
    matches = [contact for contact in call.tenant.contacts.values() if _matches(call.tenant, contact, values)]
    answer = find_answer(matches, values)
    answer["results"] = [contact_object(call.tenant, contact) for contact in answer["results"]]
    return answer


def _matches(tenant: Tenant, contact: Contact, values: dict[str, Any]) -> bool:
    email = values.get("email")
    groups = [key for key, group in tenant.user_groups.items() if contact.id in group.users]
    return (
        mentions(values.get("search"), contact.name, contact.email)
        and (email is None or email.lower() == (contact.email or "").lower())
        and fits(values.get("companyId"), contact.company_id)
        and ("userGroupId" not in values or any(fits(values["userGroupId"], key) for key in groups))
        and values.get("isActive") in {None, contact.is_active}
        and values.get("isVip") in {None, contact.is_vip}
        and ("tag" not in values or any(fits(values["tag"], tag) for tag in contact.tags))
        and within(values, contact.created_on, contact.modified_on)
    )


@routes.post(f"{CONNECTOR}/contacts", allow=Access.STAFF)
def create_contact(call: Call) -> dict[str, Any]:
    """A new contact; the name may come whole or in two parts."""
    tenant = call.tenant
    values = read(CREATE, call.body)
    if values["companyId"] not in tenant.companies:
        raise bad_request(companyId=f"Company {values['companyId']} does not exist.")
    group = tenant.user_groups.get(values.get("userGroupId") or "")
    if values.get("userGroupId") and (group is None or group.company_id != values["companyId"]):
        raise bad_request(userGroupId=f"User group {values['userGroupId']} does not belong to the company.")
    now = tenant.clock.now()
    contact = Contact(max(tenant.contacts, default=1000) + 1, "", "", None, None, values["companyId"], now, now)
    _write(contact, values)
    tenant.contacts[contact.id] = contact
    if group is not None:
        group.users[contact.id] = "guest"
    return contact_object(tenant, contact)


@routes.on(
    "PATCH",
    f"{CONNECTOR}/contacts/{{contactId}}",
    allow=Access.STAFF,
    assumed=True,
    moved_to="/api/v2/admin/contacts/{contactId}",
    takes=UPDATE,
    answers=CONTACT,
)
def update_contact(call: Call) -> dict[str, Any]:
    """Change what is given (assumed: the connector has no such call)."""
    contact = contact_of(call)
    _write(contact, read(UPDATE, call.body))
    return _changed(call, contact)


@routes.on(
    "PUT",
    "/api/v2/admin/contacts/{contactId}/permissions",
    allow=Access.STAFF,
    assumed=True,
    moved_to="/api/v2/admin/clients/{contactId}/permissions",
    takes=SET_PERMISSIONS,
    answers=CONTACT,
)
def set_permissions(call: Call) -> dict[str, Any]:
    """Flags and roles of a contact (assumed path); what is absent stays."""
    contact = contact_of(call)
    _write(contact, read(SET_PERMISSIONS, call.body))
    return _changed(call, contact)


@routes.get("/api/v2/user/client", allow=Access.CONTACT)
def who_am_i(call: Call) -> dict[str, Any]:
    """The calling contact (an object with at least `userName`)."""
    contact = call.caller.contact
    return {"userName": contact.name, "userId": call.tenant.user_id(contact), "email": contact.email}


_ATTRIBUTES = {
    "firstName": "first_name",
    "lastName": "last_name",
    "email": "email",
    "phone": "phone",
    "tags": "tags",
    "isActive": "is_active",
    "isVip": "is_vip",
    "isManager": "is_manager",
    "isApprover": "is_approver",
    "hasPortalAccess": "has_portal_access",
}


def _write(contact: Contact, values: dict[str, Any]) -> None:
    if values.get("name"):
        first, _, last = values["name"].strip().partition(" ")
        values = {"firstName": first, "lastName": last.strip()} | values
    if not (values.get("firstName", contact.first_name) or "").strip():
        raise bad_request(firstName="The firstName field is required.")
    email = values.get("email")
    if email is not None and (email.count("@") != 1 or email.strip("@ ") != email):
        raise bad_request(email="The email field is not a valid e-mail address.")
    for name, attribute in _ATTRIBUTES.items():
        if name not in values:
            continue
        value = values[name]
        empty: Any = {"tags": [], "lastName": ""}.get(name)
        if value is None and isinstance(getattr(contact, attribute), bool):
            raise bad_request(**{name: "The JSON value could not be converted to boolean."})
        setattr(contact, attribute, empty if value is None else value)


def _changed(call: Call, contact: Contact) -> dict[str, Any]:
    contact.modified_on = call.tenant.clock.now()
    call.tenant.forget_rendered_tickets()
    return contact_object(call.tenant, contact)
