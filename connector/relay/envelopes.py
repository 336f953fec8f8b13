"""Events as DeskDirector sends them -> one flat object for the models: named envelopes are put together.

One rule for all families: an event is either the entity itself or an object of named envelopes, the entity in one of
them and others beside it, `{"ticket": {…}, "note": {…}}` (sure for tickets, a guess for the rest).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

IDS: Final = frozenset({"id", "entityid", "ticketid", "sessionid", "eventid"})
NOTES: Final = ("note", "timeentry", "time_entry", "comment", "ticketnote")
"""Envelopes that are read as the note of an event; a time entry comes as `note` on real sites."""
ENTITIES: Final[Mapping[str, Sequence[str]]] = {
    "ticket": ("ticket",),
    "workflow": ("ticket",),
    "chat": ("chat", "chatsession", "session"),
    "advanced": ("event", "advancedevent"),
    "webhook": ("result", "formresult", "survey", "surveyresult", "chat", "chatsession", "note", "ticket"),
}
"""Names of the envelope with the entity, by family, in lower case."""
ALWAYS_ENVELOPES: Final = frozenset({"ticket", "workflow", "chat"})
"""Families whose entity has no reference of these names, so that one of them is the envelope even beside an id."""


def flattened(sent: Mapping[str, Any], family: str) -> dict[str, Any]:
    """The entity with the fields beside it; the entity's own values win, except its note."""
    keys = {key.lower(): key for key in sent}
    name = _envelope(sent, keys, family)
    if name is None:
        return _with_note(dict(sent), keys)
    entity = _object(sent[name])
    own = {key.lower() for key in entity}
    beside = {key: value for key, value in sent.items() if key != name and key.lower() not in own}
    if family in ALWAYS_ENVELOPES and any(key in own for key in IDS):
        # An id at the root is that of the event, not of the entity.
        beside = {key: value for key, value in beside.items() if key.lower() not in IDS}
    return _with_note({**entity, **beside}, keys, sent)


def _envelope(sent: Mapping[str, Any], keys: Mapping[str, str], family: str) -> str | None:
    """The key of the envelope that holds the entity; None when the object is the entity itself."""
    has_own_id = any(key in keys and not isinstance(sent[keys[key]], dict | list) for key in IDS)
    if has_own_id and family not in ALWAYS_ENVELOPES:
        return None
    for name in ENTITIES[family]:
        if name in keys and _object(sent[keys[name]]):
            return keys[name]
    if has_own_id:
        return None
    others = [key for key, value in sent.items() if key.lower() not in NOTES and _has_id(value)]
    return others[0] if len(others) == 1 and len(sent) <= len(others) + len(NOTES) else None


def _with_note(flat: dict[str, Any], keys: Mapping[str, str], sent: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """With the note of the event, whatever its envelope is called, under `note`."""
    source = flat if sent is None else sent
    for name in NOTES:
        if name in keys and isinstance(source.get(keys[name]), dict):
            flat = {key: value for key, value in flat.items() if key.lower() not in NOTES}
            note = {key[:1].lower() + key[1:]: value for key, value in source[keys[name]].items()}
            return {**flat, "note": note}
    return flat


def _object(value: Any) -> dict[str, Any]:
    """An envelope's content; that of a list is its first object."""
    if isinstance(value, list):
        value = next((item for item in value if isinstance(item, dict)), None)
    return value if isinstance(value, dict) else {}


def _has_id(value: Any) -> bool:
    return isinstance(value, dict) and not IDS.isdisjoint(key.lower() for key in value)
