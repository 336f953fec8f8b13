"""Whether a ticket is one of those that references mean."""

from collections.abc import Mapping
from typing import Any

from connector.deskdirector.entities.tickets import Ticket
from connector.naming import snake


def matches_ids(ticket: Ticket, ids: Mapping[str, Any]) -> bool:
    """Whether a ticket has the references that were resolved, by default names: `{"boardId": 4, "memberId": 7}`."""
    if "memberId" in ids and ids["memberId"] not in ticket.assigned_to_ids:
        return False
    return all(getattr(ticket, snake(name)) in _several(value) for name, value in ids.items() if name != "memberId")


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
