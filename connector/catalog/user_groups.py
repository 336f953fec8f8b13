"""User groups (teams) of companies: find, list; add a contact, set its role, remove it."""

from typing import Annotated

from pydantic import Field

from connector.deskdirector import endpoints as api
from connector.deskdirector.body_schemas import Body
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.people import Contact
from connector.deskdirector.entities.service import Choices
from connector.deskdirector.entities.user_groups import Membership, UserGroups
from connector.deskdirector.errors import BadRequest
from connector.operations.field_model import ADVANCED, IMPORTANT, Reference
from connector.operations.fields import (
    ActingMember,
    AdditionalFields,
    CompanyRef,
    ContactId,
    ContactRef,
    Input,
    Line,
    of_tenant,
)
from connector.operations.operation import Effects, action, lookup
from connector.operations.paging import FindInput
from connector.resolving.advanced_actions import REMOVE_FROM_GROUP, call_advanced_action, find_advanced_action
from connector.resolving.lookup_cache import Known, as_choices, listed
from connector.resolving.lookups import all_user_groups
from connector.resolving.on_behalf_of import as_member
from connector.resolving.references import resolve
from connector.resolving.request_bodies import translated

Role = Annotated[Line, Field(description="The role in the group: guest or manager, or another that the site has.")]
GroupOfContact = Annotated[Line, Reference("", "user group")]


class UserGroupFilters(FindInput):
    """Which user groups to find; filters given together must all match."""

    search: Annotated[Line | None, IMPORTANT] = Field(None, description="Part of the name.")
    company: CompanyRef | None = Field(None, description="Only groups of this company, by name or id.")
    contact: Annotated[ContactRef | None, ADVANCED] = Field(
        None, description="Only groups that this contact is in, by e-mail address, name or id."
    )
    additional_fields: Annotated[AdditionalFields, of_tenant("FindUserGroups")] = None


@action("FindUserGroups", "POST", "find/user-groups")
async def find_user_groups(dd: DeskDirector, find: UserGroupFilters) -> UserGroups:
    """Find user groups (teams) by name, company or contact, with the contacts in them.

    Returns one page; give continuation back while hasMore is true.
    """
    return find.paged(await dd.fetch(api.FIND_USER_GROUPS, UserGroups, body=await translated(dd, find)))


@lookup("ListCompanyTeams", "GET", "lookups/company-teams")
async def list_company_teams(
    dd: DeskDirector,
    company: Annotated[
        CompanyRef | None,
        Field(description="The company, by name or id; the user groups of all companies when left out."),
    ] = None,
) -> Choices:
    """List the user groups (teams) of a company, or of all companies, with their ids."""
    if company:
        path = {"companyId": await resolve(dd, "company", company)}
        return as_choices(await listed(dd, api.LIST_COMPANY_TEAMS, path=path, pages=True))
    named = {
        str(group.id): f"{group.hint}: {group.name}" if group.hint else group.name
        for group in await all_user_groups(dd)
    }
    return as_choices([Known(key, named[key]) for key in sorted(named, key=lambda key: named[key].casefold())])


class NewMembership(Input):
    """A contact's new place in a user group."""

    user_group: Annotated[GroupOfContact, IMPORTANT] = Field(
        min_length=1, description="The user group of the contact's company, by name or id."
    )
    role: Annotated[Role, ADVANCED] = "guest"
    on_behalf_of: ActingMember = None


class RoleChange(Input):
    """The role that a contact is to have in a user group."""

    user_group: Annotated[GroupOfContact, IMPORTANT] = Field(
        min_length=1, description="The user group that the contact is in, by name or id."
    )
    role: Annotated[Role, IMPORTANT] = Field(min_length=1)
    on_behalf_of: ActingMember = None


@action("AddContactToUserGroup", "POST", "contacts/{contactId}/user-groups", effects=Effects.UPDATES)
async def add_contact_to_user_group(dd: DeskDirector, contact_id: ContactId, membership: NewMembership) -> Membership:
    """Add a contact to a user group (team) of its company, as guest or in another role.

    A contact that is in the group already gets the role given; repeating is safe. Set user group role changes only the
    role. A contact can be in at most 50 groups.
    """
    return await _place(dd, contact_id, membership)


@action("SetUserGroupRole", "PUT", "contacts/{contactId}/user-groups", effects=Effects.UPDATES)
async def set_user_group_role(dd: DeskDirector, contact_id: ContactId, change: RoleChange) -> Membership:
    """Set the role that a contact has in a user group (team) it is in.

    Add contact to user group adds it; Find user groups shows which groups a contact is in. Repeating is safe.
    """
    find = {"contactId": contact_id, "take": 200, "skip": 0}
    groups = (await dd.fetch(api.FIND_USER_GROUPS, UserGroups, body=find)).results
    name = change.user_group.casefold()
    if not any(name in (each_group.id.casefold(), (each_group.name or "").casefold()) for each_group in groups):
        names = [each_group.name or each_group.id for each_group in groups]
        raise BadRequest(
            "ContactNotInUserGroup",
            f"The contact is not in the user group '{change.user_group}'; it is in {', '.join(names) or 'none'}.",
            details=names,
        )
    return await _place(dd, contact_id, change)


class EndedMembership(Input):
    """The user group that a contact leaves."""

    user_group: Annotated[GroupOfContact, IMPORTANT] = Field(
        min_length=1, description="The user group that the contact is to leave, by name or id."
    )
    on_behalf_of: ActingMember = None


@action(
    "RemoveContactFromUserGroup",
    "POST",
    "contacts/{contactId}/user-groups/remove",
    effects=Effects.DELETES,
    stands_on=api.REMOVE_TEAM_USER,
)
async def remove_contact_from_user_group(
    dd: DeskDirector, contact_id: ContactId, membership: EndedMembership
) -> Membership:
    """Remove a contact from a user group (team) of its company.

    The contact itself stays. It uses the site's own advanced action where there is one. Add contact to user group
    undoes it; repeating is safe.
    """
    contact, group = await _contact_and_group(dd, contact_id, membership.user_group)
    advanced = await find_advanced_action(dd, REMOVE_FROM_GROUP)
    ids = {"contactId": contact_id, "userGroupId": group, "companyId": contact.company_id}
    if advanced:
        await call_advanced_action(dd, advanced, Body(ids, {"contactId": "contactId", "userGroupId": "userGroup"}))
    else:
        path = {"companyId": contact.company_id, "teamId": group, "userId": contact_id}
        await dd.call(api.REMOVE_TEAM_USER, path=path, user=await as_member(dd, membership.on_behalf_of))
    return _membership(contact, group, "")


async def _place(dd: DeskDirector, contact_id: int, given: NewMembership | RoleChange) -> Membership:
    contact, group = await _contact_and_group(dd, contact_id, given.user_group)
    path = {"companyId": contact.company_id, "teamId": group, "userId": contact_id}
    user = await as_member(dd, given.on_behalf_of)
    await dd.call(api.SET_TEAM_USER, path=path, body={"role": given.role}, user=user)
    return _membership(contact, group, given.role)


async def _contact_and_group(dd: DeskDirector, contact_id: int, user_group: str) -> tuple[Contact, str]:
    contact = await dd.fetch(api.GET_CONTACT, Contact, path={"contactId": contact_id})
    if contact.company_id is None:
        raise BadRequest("CompanyRequired", "The contact belongs to no company, so there is no user group for it.")
    return contact, str(await resolve(dd, "user group", user_group, {"companyId": contact.company_id}))


def _membership(contact: Contact, group: str, role: str) -> Membership:
    return Membership(
        contact_id=contact.id,
        contact=contact.name,
        company_id=contact.company_id or 0,
        company=contact.company,
        user_group_id=group,
        role=role,
    )
