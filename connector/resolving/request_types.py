"""The request type of a ticket for which none was given."""

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.service import Choice
from connector.deskdirector.errors import BadRequest
from connector.resolving.lookup_cache import listed


async def catch_all_request_type(dd: DeskDirector) -> Choice | None:
    """The portal's "Something Else" type: what ListRequestTypes adds when asked for it (flag of the v1.9 connector)."""
    known = {one.id for one in await listed(dd, api.LIST_REQUEST_TYPES)}
    everything = await listed(dd, api.LIST_REQUEST_TYPES, query={"withSomethingElse": "true"})
    return next((one for one in everything if one.id not in known), None)


async def needed_request_type(dd: DeskDirector) -> str:
    """The id of the catch-all type; `BadRequest` with examples where a site has none."""
    found = await catch_all_request_type(dd)
    if found is None:
        names = ", ".join(one.name for one in (await listed(dd, api.LIST_REQUEST_TYPES))[:5])
        raise BadRequest(
            "RequestTypeRequired",
            f"This site has no catch-all request type; give 'requestType', for example {names}.",
        )
    return found.id
