"""Which member `me` is: the agent that the connection names, else the owner of a member's personal key.

Nothing published says whose key it is. But a member's own view answers the tickets that are assigned to "me" (source:
DeskDirector Tech v1.0), and the one member whom all of them share is the one who asks.
"""

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.tickets import Tickets
from connector.deskdirector.errors import BadRequest, Forbidden, NotFound, Unauthorized
from connector.runtime import ExpiringCache, per_loop

_REMEMBERED = 2000
_KEPT_SECONDS = 600


async def own_member(dd: DeskDirector) -> int:
    """The id of the connection's own member, in one call at most; `BadRequest` MemberUnknown where it is not known."""
    if dd.connection.agent_id is not None:
        return dd.connection.agent_id
    known = _members().get(dd.connection.identity, None)
    if known is not None:
        return known
    try:
        mine = await dd.fetch(api.COPILOT_FIND_TICKETS, Tickets, query={"assigned": "me", "status": "any"})
    except (Forbidden, Unauthorized, NotFound):
        raise _unknown("this API key is nobody's in particular") from None
    shared = [set(ticket.assigned_to_ids) for ticket in mine.results if ticket.assigned_to_ids]
    members = set.intersection(*shared) if shared else set()
    if len(members) != 1:
        raise _unknown("none of your tickets shows who you are")
    (member,) = members
    _members().put(dd.connection.identity, member, _KEPT_SECONDS)
    return member


@per_loop
def _members() -> ExpiringCache[str, int]:
    return ExpiringCache(_REMEMBERED)


def _unknown(reason: str) -> BadRequest:
    return BadRequest(
        "MemberUnknown",
        f"It is not known who 'me' is: {reason}. Give an e-mail address, a name or an id, or connect with dd-agent or "
        "a member's personal API key.",
    )
