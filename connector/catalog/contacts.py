"""Contacts: get, find."""

from typing import Annotated

from pydantic import Field

from ..deskdirector import endpoints as api
from ..deskdirector.client import DeskDirector
from ..deskdirector.entities.people import Contact, Contacts
from .fields import CompanyRef, ContactId, Line
from .operation import action
from .paging import FindInput
from .shape import IMPORTANT
from .translation import translated


class ContactFilters(FindInput):
    """Which contacts to find; filters given together must all match."""

    search: Annotated[Line | None, IMPORTANT] = Field(None, description="Part of the name or the e-mail address.")
    company: CompanyRef | None = Field(None, description="Only contacts of this company, by name or id.")


@action("GetContact", "GET", "contacts/{contactId}")
async def get_contact(dd: DeskDirector, contact_id: ContactId) -> Contact:
    """Get a contact by id, with the company, e-mail address and phone number.

    To look a contact up by name or e-mail address, use Find contacts.
    """
    return await dd.fetch(api.GET_CONTACT, Contact, path={"contactId": contact_id})


@action("FindContacts", "POST", "find/contacts")
async def find_contacts(dd: DeskDirector, find: ContactFilters) -> Contacts:
    """Find contacts by name, e-mail address or company.

    Answers a page of contacts; give continuation back while hasMore is true. Several contacts may share one address.
    """
    return find.paged(await dd.fetch(api.FIND_CONTACTS, Contacts, body=await translated(dd, find)))
