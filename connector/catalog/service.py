"""The service desk's own lists, which feed the drop-downs: boards, statuses, priorities, sources, request types."""

from typing import Annotated

from pydantic import Field

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.service import Choices
from connector.deskdirector.models import Entity
from connector.operations.fields import BoardRef
from connector.operations.operation import lookup, support
from connector.resolving.lookup_cache import Known, as_choices, listed
from connector.resolving.references import resolve
from connector.runtime import together


class ConnectionState(Entity):
    """What a working connection answers."""

    status: str = Field("ok", description="Always ok; anything else is an error that says what is wrong.")
    site: str = Field(description="The site host that was reached.")


@support("TestConnection", "GET", "connection/test")
async def check_connection(dd: DeskDirector) -> ConnectionState:
    """Check the site host and the API key against DeskDirector."""
    await dd.call(api.TEST_CONNECTION)
    return ConnectionState(site=dd.site.name)


@lookup("ListBoards", "GET", "lookups/boards")
async def list_boards(dd: DeskDirector) -> Choices:
    """List the boards (queues) of the service desk with their ids."""
    return as_choices(await listed(dd, api.LIST_BOARDS))


@lookup("ListStatuses", "GET", "lookups/statuses")
async def list_statuses(
    dd: DeskDirector,
    board: Annotated[
        BoardRef | None,
        Field(description="The board whose statuses to list, by name or id; those of all boards when left out."),
    ] = None,
) -> Choices:
    """List the statuses of a board, or of all boards, with their ids."""
    if board:
        return as_choices(await listed(dd, api.LIST_STATUSES, query={"boardId": await resolve(dd, "board", board)}))
    boards = await listed(dd, api.LIST_BOARDS)
    lists = await together(*(listed(dd, api.LIST_STATUSES, query={"boardId": board.id}) for board in boards))
    return as_choices(
        [
            Known(status.id, f"{one.name}: {status.name}")
            for one, statuses in zip(boards, lists, strict=True)
            for status in statuses
        ]
    )


@lookup("ListPriorities", "GET", "lookups/priorities")
async def list_priorities(dd: DeskDirector) -> Choices:
    """List the priorities with their ids."""
    return as_choices(await listed(dd, api.LIST_PRIORITIES))


@lookup("ListSources", "GET", "lookups/sources")
async def list_sources(dd: DeskDirector) -> Choices:
    """List the sources (how a ticket came in) with their ids."""
    return as_choices(await listed(dd, api.LIST_SOURCES))


@lookup("ListRequestTypes", "GET", "lookups/request-types")
async def list_request_types(dd: DeskDirector) -> Choices:
    """List the request types with their ids, the catch-all type included."""
    return as_choices(await listed(dd, api.LIST_REQUEST_TYPES, query={"withSomethingElse": "true"}))


@lookup("ListMembers", "GET", "lookups/members")
async def list_members(dd: DeskDirector) -> Choices:
    """List the members of the service desk with their ids; Find members gives their e-mail addresses."""
    return as_choices(await listed(dd, api.LIST_MEMBERS))


@lookup("ListCompanies", "GET", "lookups/companies")
async def list_companies(dd: DeskDirector) -> Choices:
    """List all companies with their ids; Find companies searches among them."""
    return as_choices(await listed(dd, api.LIST_COMPANIES))
