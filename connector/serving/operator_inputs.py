"""What operators' calls carry: filters, choices, numbers and moments, from a query or a body."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from connector.deskdirector.errors import BadRequest
from connector.operations.request import Request
from connector.relay.replaying import Choice
from connector.storage.records import FAILING, UNWANTED, DeliveryState, EventQuery

MOST_TAKEN: Final = 500
MOST_AT_ONCE: Final = 5000
"""Dead letters that one call replays or purges; an answer has to come within the host's time limit."""


def query_of(given: Mapping[str, Any]) -> EventQuery:
    """The filters of a list."""
    return EventQuery(
        site=str(given.get("site") or ""),
        type=str(given.get("type") or ""),
        subscription_id=str(given.get("flow") or given.get("subscription") or ""),
        subject=str(given.get("ticket") or ""),
        state=_state(given),
        text=str(given.get("text") or ""),
        since=moment_of(given, "since"),
        until=moment_of(given, "until"),
        take=take_of(given, 50),
        continuation=str(given.get("continuation") or ""),
    )


def _state(given: Mapping[str, Any]) -> str:
    state = str(given.get("state") or "").lower()
    states = (*DeliveryState, FAILING, UNWANTED)
    if state and state not in states:
        raise BadRequest("InvalidInput", f"'state' must be one of {', '.join(states)}.")
    return state


def chosen(request: Request) -> Choice:
    """Either the ids in the body, or all that fit its filters, when it says so."""
    body = body_of(request)
    ids = body.get("ids")
    if isinstance(ids, list) and ids:
        return Choice(ids=[str(id_) for id_ in ids[:MOST_AT_ONCE]])
    if body.get("all") is True:
        return Choice(query=query_of(body), limit=MOST_AT_ONCE)
    raise BadRequest(
        "InvalidInput",
        "Give 'ids', or 'all': true with site, type, subscription, ticket, state, text, since or until to narrow it.",
    )


def body_of(request: Request) -> dict[str, Any]:
    """The body as an object; none is an empty one."""
    try:
        body = json.loads(request.body or b"{}")
        json.dumps(body, ensure_ascii=False).encode()  # no half of a pair of surrogates, which no store takes
    except (ValueError, RecursionError):
        raise BadRequest("InvalidInput", "The body is not valid JSON.") from None
    if not isinstance(body, dict):
        raise BadRequest("InvalidInput", "The body must be a JSON object.")
    return body


def needed(given: Mapping[str, str], name: str) -> str:
    """A text that must be there."""
    if not given.get(name):
        raise BadRequest("InvalidInput", f"'{name}' is required.")
    return given[name]


def whole_number(given: Mapping[str, Any], name: str, default: int) -> int:
    """A whole number, or the default."""
    try:
        return int(given.get(name) or default)
    except (TypeError, ValueError, OverflowError):
        raise BadRequest("InvalidInput", f"'{name}' must be a whole number.") from None


def take_of(given: Mapping[str, Any], default: int) -> int:
    """How many lines a list has: from 1 to the most that there are at once."""
    return min(max(whole_number(given, "take", default), 1), MOST_TAKEN)


def moment_of(given: Mapping[str, Any], name: str) -> float | None:
    """A moment in ISO 8601; UTC when it says nothing else."""
    if not given.get(name):
        return None
    try:
        moment = datetime.fromisoformat(str(given[name]))
    except ValueError:
        raise BadRequest("InvalidInput", f"'{name}' must be a date such as 2026-07-01T09:00:00Z.") from None
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
