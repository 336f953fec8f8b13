"""The request type of a ticket for which none was given."""

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.service import Choice
from connector.deskdirector.errors import BadRequest
from connector.resolving.lookup_cache import listed


async def catch_all_request_type(dd: DeskDirector) -> Choice | None:
    """The portal's "Something Else" type: what ListRequestTypes adds when asked for it (flag of the v1.9 connector)."""
    known = {choice.id for choice in await listed(dd, api.LIST_REQUEST_TYPES)}
    everything = await listed(dd, api.LIST_REQUEST_TYPES, query={"withSomethingElse": "true"})
    return next((choice for choice in everything if choice.id not in known), None)


async def needed_request_type(dd: DeskDirector) -> str:
    """The id of the catch-all type; `BadRequest` with examples where a site has none."""
    request_type = await catch_all_request_type(dd)
    if request_type is None:
        names = ", ".join(choice.name for choice in (await listed(dd, api.LIST_REQUEST_TYPES))[:5])
        raise BadRequest(
            "RequestTypeRequired",
            f"This site has no catch-all request type; give 'requestType', for example {names}.",
        )
    return request_type.id
