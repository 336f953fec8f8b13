"""The request type of a ticket for which none was given."""

from collections.abc import Coroutine, Mapping
from typing import Any

from connector.deskdirector import endpoints as api
from connector.deskdirector.body_schemas import BodySchema, schema_of
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.errors import BadRequest
from connector.resolving.lookup_cache import Known, listed
from connector.runtime import together


def creating_ahead(
    dd: DeskDirector, given: str | None, ids: Mapping[str, Any]
) -> Coroutine[Any, Any, BodySchema | None] | None:
    """Reads what a new ticket may have, while names are looked up; None as long as its request type is not known."""
    if given and "requestTypeId" not in ids:
        return None

    async def read() -> BodySchema | None:
        request_type = ids.get("requestTypeId") or await needed_request_type(dd)
        return await schema_of(dd, api.CREATE_TICKET, {"requestTypeId": request_type})

    return read()


async def catch_all_request_type(dd: DeskDirector) -> Known | None:
    """The portal's "Something Else" type: what ListRequestTypes adds when asked for it (flag of the v1.9 connector)."""
    some, everything = await together(
        listed(dd, api.LIST_REQUEST_TYPES), listed(dd, api.LIST_REQUEST_TYPES, query={"withSomethingElse": "true"})
    )
    known = {choice.id for choice in some}
    return next((choice for choice in everything if choice.id not in known), None)


async def needed_request_type(dd: DeskDirector) -> str:
    """The id of the catch-all type; `BadRequest` with examples where a site has none."""
    request_type = await catch_all_request_type(dd)
    if request_type is None:
        names = ", ".join(choice.name for choice in list(await listed(dd, api.LIST_REQUEST_TYPES))[:5])
        raise BadRequest(
            "RequestTypeRequired",
            f"This site has no catch-all request type; give 'requestType', for example {names}.",
        )
    return request_type.id
