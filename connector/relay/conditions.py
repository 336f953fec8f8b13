"""Conditions of a subscription beyond its event type; all of them must hold.

A condition on a reference keeps the id (or ids), which is what its name was resolved to, and the name as it was given,
for notifications that carry names only. What a condition needs and the notification does not carry is fetched.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

from connector.deskdirector.entities.events import AnyEvent, ChatEvent, TicketEvent

REFERENCES: Final = ("board", "status", "priority", "company", "contact")
SEARCHED: Final = ("title", "description", "note_text")


class Need(Enum):
    """The data to fetch for judging a condition."""

    TICKET = "ticket"
    CONTACT = "contact"
    NOTE = "note"


def fulfils(event: AnyEvent, conditions: Mapping[str, Any]) -> bool:
    """Whether the event, with the entity as it was right after, fulfils every condition."""
    return all(holds(event, name, wanted) for name, wanted in conditions.items())


def needs(event: AnyEvent, sent: Mapping[str, Any], conditions: Mapping[str, Any]) -> frozenset[Need]:
    """The data to fetch before the conditions can be judged; nothing when one already fails on the event itself."""
    if not isinstance(event, TicketEvent):
        return frozenset()
    present = {key.lower() for key in sent}
    open_ones = {name: need for name in conditions if (need := _need(event, present, name, conditions[name]))}
    known = {name: wanted for name, wanted in conditions.items() if name not in open_ones}
    if not fulfils(event, known):
        return frozenset()
    found = set(open_ones.values())
    if Need.CONTACT in found and event.contact_id is None:
        found.add(Need.TICKET)
    return frozenset(found)


def is_null(sent: Mapping[str, Any], field: str) -> bool:
    """Whether a notification says that this field of a ticket event has no value, rather than saying nothing."""
    values = [value for key, value in sent.items() if key.lower() in _spellings(field)]
    return bool(values) and all(value is None for value in values)


def _need(event: TicketEvent, present: set[str], name: str, wanted: Any) -> Need | None:
    if name in ("leaveOutOwn", "noteVisibility"):
        return Need.NOTE if name == "noteVisibility" and event.note_is_internal is None else None
    if name == "noteBy":
        return Need.NOTE if event.note_author_type is None else None
    if name == "contactIsVip":
        return Need.CONTACT if event.contact_is_vip is None else None
    if name == "text":
        is_certain = holds(event, name, wanted) or not present.isdisjoint(_spellings("description"))
        return None if is_certain else Need.TICKET
    if present.isdisjoint(_SPELLINGS[name]):
        return Need.TICKET
    is_name_only = name in REFERENCES and getattr(event, name) is not None and getattr(event, f"{name}_id") is None
    return Need.TICKET if is_name_only and not holds(event, name, wanted) else None


def holds(event: AnyEvent, name: str, wanted: Any) -> bool:
    """Whether the event fulfils this one condition."""
    if name == "leaveOutOwn":
        return not event.is_own_change
    if isinstance(event, ChatEvent):
        return name != "chatStatus" or _folded(event.status) == _folded(wanted)
    if not isinstance(event, TicketEvent):
        return True
    if name == "text":
        return any(_folded(wanted) in _folded(getattr(event, field)) for field in SEARCHED)
    if name == "tag":
        return _folded(wanted) in {_folded(tag) for tag in event.tags}
    return _holds_for_people(event, name, wanted)


def _holds_for_people(event: TicketEvent, name: str, wanted: Any) -> bool:
    if name == "noteVisibility":
        return event.note_is_internal is (wanted == "internal")
    if name == "noteBy":
        return bool(event.note_author_type == wanted)
    if name == "contactIsVip":
        return event.contact_is_vip is bool(wanted)
    if name == "assignedTo":
        names = {_folded(member) for member in event.assigned_to}
        return wanted["id"] in event.assigned_to_ids or (not event.assigned_to_ids and _folded(wanted["name"]) in names)
    reference = getattr(event, f"{name}_id")
    if reference is None:
        known = [getattr(event, name), event.contact_email if name == "contact" else None]
        return _folded(wanted["name"]) in map(_folded, filter(None, known))
    ids = wanted["id"]
    return bool(reference in ids if isinstance(ids, list) else reference == ids)


def _spellings(*fields: str) -> frozenset[str]:
    """The keys, in lower case, under which a notification may carry these fields."""
    spellings = set()
    for field in fields:
        alias = TicketEvent.model_fields[field].validation_alias
        for choice in getattr(alias, "choices", [alias or field]):
            spellings.add(str(getattr(choice, "path", [choice])[0]).lower())
    return frozenset(spellings)


_SPELLINGS: Final[Mapping[str, frozenset[str]]] = {
    **{name: _spellings(name, f"{name}_id") for name in REFERENCES},
    "assignedTo": _spellings("members"),
    "tag": frozenset({"tags"}),
}


def _folded(text: str | None) -> str:
    return " ".join((text or "").casefold().split())
