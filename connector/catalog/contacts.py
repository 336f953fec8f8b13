"""Contacts: get, find, create, update, find or create."""

import re
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.people import Contact, Contacts, FoundContact
from connector.deskdirector.errors import BadRequest
from connector.operations.field_model import ADVANCED, IMPORTANT
from connector.operations.fields import (
    CLEAR,
    AdditionalFields,
    Changes,
    ClearName,
    CompanyRef,
    ContactId,
    Creating,
    KeyText,
    Line,
    Moment,
    Tag,
    UserGroupRef,
    of_tenant,
)
from connector.operations.input_kinds import Clearable
from connector.operations.operation import Effects, action
from connector.operations.paging import FindInput
from connector.operations.recovery import Window
from connector.resolving.contact_flags import find_by_flags
from connector.resolving.references import resolve
from connector.resolving.request_bodies import explaining_refusals, plain_fields, translated

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise ValueError("give an address such as jane@example.com")
    return text


Email = Annotated[
    KeyText, StringConstraints(max_length=320), AfterValidator(_address), Field(json_schema_extra={"format": "email"})
]
_COMPANY = "The company that the contact belongs to, by name or id."


class ContactFilters(FindInput):
    """Which contacts to find; filters given together must all match."""

    search: Annotated[Line | None, IMPORTANT] = Field(None, description="Part of the name or the e-mail address.")
    company: CompanyRef | None = Field(None, description="Only contacts of this company, by name or id.")
    user_group: Annotated[UserGroupRef | None, ADVANCED] = Field(
        None, description="Only contacts in this user group (team), by name or id."
    )
    tag: Annotated[Line | None, ADVANCED] = Field(None, description="Only contacts with this tag.")
    is_active: Annotated[bool | None, ADVANCED] = Field(
        None, description="Yes for active contacts only, no for inactive ones only."
    )
    is_vip: Annotated[bool | None, ADVANCED] = Field(None, description="Yes for VIPs only, no for all others.")
    is_approver: bool | None = Field(
        None, description="Yes for only those contacts who may approve tickets, no for all others."
    )
    is_manager: Annotated[bool | None, ADVANCED] = Field(
        None, description="Yes for only those contacts who see all tickets of their company, no for all others."
    )
    created_after: Annotated[Moment | None, ADVANCED] = Field(
        None, description="Only contacts created at or after this time, in UTC."
    )
    created_before: Annotated[Moment | None, ADVANCED] = Field(
        None, description="Only contacts created before this time, in UTC."
    )
    updated_after: Annotated[Moment | None, ADVANCED] = Field(
        None, description="Only contacts changed at or after this time, in UTC."
    )
    updated_before: Annotated[Moment | None, ADVANCED] = Field(
        None, description="Only contacts last changed before this time, in UTC."
    )
    additional_fields: Annotated[AdditionalFields, of_tenant("FindContacts")] = None


class _PersonalData(Creating):
    """What a contact is called and how to reach it."""

    name: Annotated[Line | None, IMPORTANT] = Field(None, description="The full name; or give first and last name.")
    first_name: Line | None = Field(None, description="The first name.")
    last_name: Line | None = Field(None, description="The last name.")
    phone: Line | None = Field(None, description="The phone number, best in international form, e.g. +6491234567.")
    tags: Annotated[list[Tag] | None, ADVANCED] = Field(None, description="Tags to add to the contact.")
    is_vip: Annotated[bool | None, ADVANCED] = Field(None, description="Yes to mark the contact as VIP.")
    additional_fields: Annotated[AdditionalFields, of_tenant("CreateContact")] = None


class NewContact(_PersonalData):
    """A contact to be created."""

    company: Annotated[CompanyRef, IMPORTANT] = Field(min_length=1, description=_COMPANY)
    email: Annotated[Email | None, IMPORTANT] = Field(None, description="The e-mail address.")
    user_group: Annotated[UserGroupRef | None, ADVANCED] = Field(
        None, description="The user group (team) of the company to add the contact to, by name or id."
    )


class WantedContact(_PersonalData):
    """A contact to be found by its e-mail address, or to be created."""

    email: Annotated[Email, IMPORTANT] = Field(description="The e-mail address to look for.")
    company: Annotated[CompanyRef | None, IMPORTANT] = Field(
        None, description=f"{_COMPANY} It narrows the search, and is needed when the contact has to be made."
    )
    user_group: Annotated[UserGroupRef | None, ADVANCED] = Field(
        None, description="The user group (team) of the company to add a new contact to, by name or id."
    )


class ContactChanges(Changes):
    """What to change on a contact; what is left out, or blank, stays as it is."""

    name: Line | None = Field(None, min_length=1, description="A new full name; or give first and last name.")
    first_name: Line | None = Field(None, min_length=1, description="A new first name.")
    last_name: Line | None = Field(None, description="A new last name.")
    email: Annotated[Email | None, IMPORTANT] = Field(None, description="A new e-mail address.")
    phone: Annotated[Line | None, IMPORTANT] = Field(None, description="A new phone number.")
    tags: Annotated[list[Tag] | None, ADVANCED] = Field(
        None, description="The tags that the contact has from now on; replaces the present ones."
    )
    clear: Annotated[list[ClearName] | None, ADVANCED, Clearable(("lastName", "email", "phone", "tags"))] = Field(
        None, description=CLEAR
    )
    additional_fields: Annotated[AdditionalFields, of_tenant("UpdateContact")] = None


@action("GetContact", "GET", "contacts/{contactId}")
async def get_contact(dd: DeskDirector, contact_id: ContactId) -> Contact:
    """Get a contact by id, with the company, e-mail address, phone number and permissions.

    To look a contact up by name or e-mail address, use Find contacts.
    """
    return await dd.fetch(api.GET_CONTACT, Contact, path={"contactId": contact_id})


@action("FindContacts", "POST", "find/contacts")
async def find_contacts(dd: DeskDirector, find: ContactFilters) -> Contacts:
    """Find contacts by name, e-mail address, company, user group, tag or permissions.

    Returns one page; give continuation back while hasMore is true. Several contacts may share one address. What the
    site cannot filter by (approver, manager or VIP) is filtered here, in at most 15 calls a page.
    """
    return await find_by_flags(dd, find, await translated(dd, find))


async def _made_contacts(dd: DeskDirector, contact: NewContact, window: Window) -> Sequence[Contact]:
    """A contact with the e-mail address: it cannot be distinguished from one that was there before, nor need it be."""
    del window
    if not contact.email:
        return ()
    company_id = await resolve(dd, "company", contact.company) if contact.company else None
    return await _with_email(dd, contact.email, company_id)


@action("CreateContact", "POST", "contacts", effects=Effects.CREATES, recover=_made_contacts)
async def create_contact(dd: DeskDirector, contact: NewContact) -> Contact:
    """Create a contact of a company, with name, e-mail address and phone number.

    It does not check whether the contact already exists: Find or create contact does. A repeated call with the same
    idempotency key returns the first contact instead of creating a second.
    """
    return await dd.fetch(api.CREATE_CONTACT, Contact, body=await _body(dd, contact))


async def _made_or_found(dd: DeskDirector, person: WantedContact, window: Window) -> Sequence[FoundContact]:
    del window
    company_id = await resolve(dd, "company", person.company) if person.company else None
    present = await _with_email(dd, person.email, company_id)
    return [FoundContact.model_construct(**dict(contact), is_new=True) for contact in present]


@action("FindOrCreateContact", "POST", "find-or-create/contacts", effects=Effects.CREATES, recover=_made_or_found)
async def find_or_create_contact(dd: DeskDirector, person: WantedContact) -> FoundContact:
    """Find the contact with an e-mail address, or create it when there is none.

    An existing contact stays as it is: use Update contact to change it. Where several share the address, the one of the
    given company is returned, else the primary one. isNew says whether it was created.
    """
    company_id = await resolve(dd, "company", person.company) if person.company else None
    present = await _with_email(dd, person.email, company_id)
    if present:
        return FoundContact.model_construct(**dict(_primary(present, person.email)), is_new=False)
    if company_id is None:
        raise BadRequest(
            "CompanyRequired", f"No contact has the address {person.email}; give 'company' to have one made."
        )
    made = await dd.fetch(api.CREATE_CONTACT, FoundContact, body=await _body(dd, person))
    made.is_new = True
    return made


@action("UpdateContact", "PATCH", "contacts/{contactId}", effects=Effects.UPDATES, stands_on=api.UPDATE_CONTACT)
async def update_contact(dd: DeskDirector, contact_id: ContactId, changes: ContactChanges) -> Contact:
    """Change a contact's name, e-mail address, phone number or tags; what is left out stays as it is.

    Set contact permissions makes it active, manager or approver, Add contact to user group puts it into a group.
    Repeating is safe.
    """
    body = plain_fields(changes)
    if not body:
        changes.note_that_nothing_changes()
        return await get_contact(dd, contact_id)
    with explaining_refusals(changes):
        return await dd.fetch(api.UPDATE_CONTACT, Contact, path={"contactId": contact_id}, body=body)


async def _body(dd: DeskDirector, contact: NewContact | WantedContact) -> dict[str, Any]:
    if not contact.name and not contact.first_name:
        raise BadRequest("NameRequired", "Give the 'name' of the contact, or 'firstName' and 'lastName'.")
    return await translated(dd, contact)


async def _with_email(dd: DeskDirector, email: str, company_id: int | None) -> list[Contact]:
    narrowed = {"companyId": company_id} if company_id else {}
    page = await dd.fetch(api.FIND_CONTACTS, Contacts, body={"search": email, "take": 200, "skip": 0, **narrowed})
    return [contact for contact in page.results if (contact.email or "").casefold() == email.casefold()]


def _primary(contacts: Sequence[Contact], email: str) -> Contact:
    """The one of several that DeskDirector puts first; active ones before others."""
    active = [contact for contact in contacts if contact.is_active is not False] or list(contacts)
    primary = [contact for contact in active if contact.is_primary_for_email] or active
    if len(primary) == 1:
        return primary[0]
    names = [f"{contact.name} (id {contact.id}, {contact.company})" for contact in primary]
    raise BadRequest(
        "ContactAmbiguous",
        f"{len(primary)} contacts have the address {email}: {'; '.join(names[:10])}. Give 'company', or use their id.",
        details=names,
    )
