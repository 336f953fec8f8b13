"""What contacts may do."""

from pydantic import Field

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.people import Contact
from connector.operations.fields import Changes, ContactId
from connector.operations.operation import Effects, action
from connector.resolving.request_bodies import plain_fields


class ContactPermissions(Changes):
    """The flags of a contact; what is left out stays as it is."""

    is_active: bool | None = Field(None, description="Whether the contact is active: can be found and can sign in.")
    has_portal_access: bool | None = Field(None, description="Whether the contact may sign in to the client portal.")
    is_manager: bool | None = Field(None, description="Whether the contact sees all tickets of the company.")
    is_approver: bool | None = Field(None, description="Whether the contact may approve and decline tickets.")
    is_vip: bool | None = Field(None, description="Whether the contact is marked as VIP.")


@action(
    "SetContactPermissions",
    "PUT",
    "contacts/{contactId}/permissions",
    effects=Effects.UPDATES,
    stands_on=api.SET_CONTACT_PERMISSIONS,
)
async def set_contact_permissions(dd: DeskDirector, contact_id: ContactId, permissions: ContactPermissions) -> Contact:
    """Set what a contact may do: sign in to the portal, see the company's tickets, approve; mark as VIP or inactive.

    What is left out stays as it is; repeating is safe. Update contact changes names and addresses, Set user group role
    the role in a group. The API key needs administration rights.
    """
    body = plain_fields(permissions)
    if not body:
        permissions.note_that_nothing_changes()
        return await dd.fetch(api.GET_CONTACT, Contact, path={"contactId": contact_id})
    return await dd.fetch(api.SET_CONTACT_PERMISSIONS, Contact, path={"contactId": contact_id}, body=body)
