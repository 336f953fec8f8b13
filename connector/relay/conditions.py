"""Conditions on ticket events: what a subscription asks for beyond its event type. All that are given must hold.

A condition on a reference keeps the id, which is what names were resolved to, and the name as it was given, for
notifications that carry names only.
"""

from collections.abc import Mapping
from typing import Any, Final

from connector.deskdirector.entities.events import TicketEvent

REFERENCES: Final = ("board", "status", "priority", "company", "contact")
SEARCHED: Final = ("title", "description", "note_text")


def fulfils(event: TicketEvent, conditions: Mapping[str, Any]) -> bool:
    """Whether the ticket of the event, as it was right after, fulfils every condition."""
    return all(_holds(event, name, wanted) for name, wanted in conditions.items())


def is_silent_on(sent: Mapping[str, Any], conditions: Mapping[str, Any]) -> bool:
    """Whether the notification does not say, rather than says that there is none, what a condition is about."""
    present = {key.lower() for key in sent}
    return any(present.isdisjoint(_SPELLINGS[name]) for name in conditions)


def _holds(event: TicketEvent, name: str, wanted: Any) -> bool:
    if name == "tag":
        return _folded(wanted) in {_folded(tag) for tag in event.tags}
    if name == "text":
        return any(_folded(wanted) in _folded(getattr(event, field) or "") for field in SEARCHED)
    if name == "assignedTo":
        names = {_folded(one) for one in event.assigned_to}
        return wanted["id"] in event.assigned_to_ids or (not event.assigned_to_ids and _folded(wanted["name"]) in names)
    found = getattr(event, f"{name}_id")
    return (
        bool(found == wanted["id"]) if found is not None else _folded(getattr(event, name)) == _folded(wanted["name"])
    )


def _spellings(*fields: str) -> frozenset[str]:
    """The keys, in lower case, under which a notification may carry these fields."""
    found = set()
    for field in fields:
        alias = TicketEvent.model_fields[field].validation_alias
        for choice in getattr(alias, "choices", [alias or field]):
            found.add(str(getattr(choice, "path", [choice])[0]).lower())
    return frozenset(found)


_SPELLINGS: Final[Mapping[str, frozenset[str]]] = {
    **{name: _spellings(name, f"{name}_id") for name in REFERENCES},
    "assignedTo": _spellings("members"),
    "tag": frozenset({"tags"}),
    "text": _spellings("title"),
}


def _folded(text: str | None) -> str:
    return " ".join((text or "").casefold().split())
