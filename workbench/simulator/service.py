"""The service lists: boards, statuses, priorities, sources and request types (all `{id, name}`)."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from workbench.simulator.auth import Access
from workbench.simulator.call import Call
from workbench.simulator.records import Contact, Member, Named, Status
from workbench.simulator.router import Routes
from workbench.simulator.wire import CONNECTOR, bad_request, page

routes = Routes(CONNECTOR)
SOMETHING_ELSE = 700


class _Listed(Protocol):
    @property
    def id(self) -> int | str: ...
    @property
    def name(self) -> str: ...


def listed(items: Iterable[_Listed | Named | Status | Member | Contact]) -> dict[str, Any]:
    """A dynamic list: what every picker reads."""
    results = [{"id": item.id, "name": item.name} for item in items]
    return {"results": results, "totalResults": len(results)}


def listed_page(call: Call, items: Sequence[_Listed]) -> dict[str, Any]:
    """A dynamic list with `take` and `skip`; `totalResults` counts all."""
    window = page(items, call.query_number("take", 50), call.query_number("skip", 0))
    return listed(window) | {"totalResults": len(items)}


@routes.get("/connections/test", allow=Access.STAFF)
def test_connection(call: Call) -> dict[str, Any]:
    """Any 200 object will do; this one says which edition answered."""
    return {"status": "ok", "edition": call.tenant.edition}


@routes.get("/service/boards", allow=Access.STAFF)
def list_boards(call: Call) -> dict[str, Any]:
    """Boards (Tokity: queues)."""
    return listed(call.tenant.boards.values())


@routes.get("/service/statuses", allow=Access.STAFF)
def list_statuses(call: Call) -> dict[str, Any]:
    """The statuses of one board."""
    board_id = call.query_number("boardId")
    if board_id not in call.tenant.boards:
        raise bad_request(boardId=f"Board {board_id} does not exist.")
    return listed(call.tenant.statuses_of(board_id))


@routes.get("/service/priorities", allow=Access.STAFF)
def list_priorities(call: Call) -> dict[str, Any]:
    """Priorities."""
    return listed(call.tenant.priorities.values())


@routes.get("/service/sources", allow=Access.STAFF)
def list_sources(call: Call) -> dict[str, Any]:
    """Ticket sources."""
    return listed(call.tenant.sources.values())


@routes.get("/service/request-types", allow=Access.STAFF)
def list_request_types(call: Call) -> dict[str, Any]:
    """Request types; the portal's catch-all only when asked for."""
    everything = call.query_flag("withSomethingElse")
    return listed(kind for kind in call.tenant.request_types.values() if everything or kind.id != SOMETHING_ELSE)
