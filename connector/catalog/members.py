"""Members of the service desk: get, find."""

from typing import Annotated

from pydantic import Field

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.people import Member, Members
from connector.operations.field_model import IMPORTANT
from connector.operations.fields import AdditionalFields, Line, MemberId, of_tenant
from connector.operations.operation import action
from connector.operations.paging import FindInput
from connector.resolving.request_bodies import translated


class MemberFilters(FindInput):
    """Which members to find."""

    search: Annotated[Line | None, IMPORTANT] = Field(None, description="Part of the name or the e-mail address.")
    additional_fields: Annotated[AdditionalFields, of_tenant("FindMembers")] = None


@action("GetMember", "GET", "members/{memberId}")
async def get_member(dd: DeskDirector, member_id: MemberId) -> Member:
    """Get a member of the service desk by id, with the e-mail address and role.

    To look a member up by name or e-mail address, use Find members.
    """
    return await dd.fetch(api.GET_MEMBER, Member, path={"memberId": member_id})


@action("FindMembers", "POST", "find/members")
async def find_members(dd: DeskDirector, find: MemberFilters) -> Members:
    """Find members of the service desk (technicians, agents) by name or e-mail address.

    Returns one page; give continuation back while hasMore is true.
    """
    return find.paged(await dd.fetch(api.FIND_MEMBERS, Members, body=await translated(dd, find)))
