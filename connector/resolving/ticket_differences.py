"""What an update would change of a ticket, and what says that a ticket is not as it was."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from connector.deskdirector.entities.tickets import Ticket
from connector.deskdirector.field_names import our_name
from connector.naming import snake

_LONGEST: Final = 80
_STATE: Final = (
    *("updated_at", "title", "status_id", "board_id", "priority_id", "company_id", "contact_id", "is_closed"),
    *("due_at", "assigned_to_ids", "tags"),
)
_ATTRIBUTES: Final = {"assignedMemberIds": "assigned_to_ids"}


def differing(ticket: Ticket, body: Mapping[str, Any]) -> dict[str, Any]:
    """What of a body (under our default names) is not so already."""
    return {name: value for name, value in body.items() if not _is_same(_present(ticket, name), value)}


def shown(ticket: Ticket, body: Mapping[str, Any], given: Mapping[str, Any]) -> list[str]:
    """`status: New -> Closed` for each; `given` has what the caller wrote, by our names."""
    return [_line(ticket, name, value, given) for name, value in body.items()]


def state_of(ticket: Ticket) -> str:
    """A digest that is another one when the ticket was changed."""
    values = [getattr(ticket, name) for name in _STATE]
    return hashlib.sha256(json.dumps(values, ensure_ascii=False).encode()).hexdigest()[:16]


def _line(ticket: Ticket, name: str, value: Any, given: Mapping[str, Any]) -> str:
    ours = our_name(name)
    old = getattr(ticket, snake(ours), None)
    if old is None:
        old = _present(ticket, name)
    new = given[ours] if value not in (None, []) and given.get(ours) else value
    return f"{ours}: {_text(old)} -> {_text(new)}"


def _text(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
    text = " ".join(text.split())
    return f"{text[: _LONGEST - 1]}…" if len(text) > _LONGEST else text or "(empty)"


def _present(ticket: Ticket, name: str) -> Any:
    attribute = _ATTRIBUTES.get(name) or (snake(name) if name.endswith("Id") else snake(our_name(name)))
    if attribute in Ticket.model_fields:
        return getattr(ticket, attribute)
    return (ticket.additional_fields or {}).get(name)


def _is_same(present: Any, wanted: Any) -> bool:
    if isinstance(wanted, list):
        return isinstance(present, list) and {str(item).casefold() for item in present} == {
            str(item).casefold() for item in wanted
        }
    if wanted is None or present is None:
        return present in (None, "") and wanted in (None, "")
    moment = _moment(wanted)
    return str(present) == str(wanted) or (moment is not None and _moment(present) == moment)


def _moment(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
