"""Members of the service desk: get, find."""

from typing import Annotated

from pydantic import Field

from ..deskdirector import endpoints as api
from ..deskdirector.client import DeskDirector
from ..deskdirector.entities.people import Member, Members
from .fields import AdditionalFields, Line, MemberId, of_tenant
from .operation import action
from .paging import FindInput
from .shape import IMPORTANT
from .translation import translated


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

    Answers a page of members; give continuation back while hasMore is true.
    """
    return find.paged(await dd.fetch(api.FIND_MEMBERS, Members, body=await translated(dd, find)))
