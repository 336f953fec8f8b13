"""Marks on the type of an input that decide how it is read, where the type alone does not."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Key:
    """An id, a key or a name: it is never cleaned; control characters in it are refused."""


@dataclass(frozen=True, slots=True)
class TicketNumber:
    """A ticket number: `#11500` and `T11500` are understood too."""


@dataclass(frozen=True, slots=True)
class JsonAsText:
    """JSON as a text, taken as it is; an object is written as text."""


@dataclass(frozen=True, slots=True)
class EmptyListCounts:
    """A list whose operation is all about setting it: an empty one is a value, not a blank."""


@dataclass(frozen=True, slots=True)
class Clearable:
    """A list of the names of fields to empty: these, and any that only the site has."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HoldsCommas:
    """A text that may have commas in it, so that a list of it is not split at them."""


@dataclass(frozen=True, slots=True)
class OwnFields:
    """An object of the site's own fields: blank ones count as left out."""


KEY, TICKET_NUMBER, JSON_AS_TEXT = Key(), TicketNumber(), JsonAsText()
EMPTY_LIST_COUNTS, HOLDS_COMMAS, OWN_FIELDS = EmptyListCounts(), HoldsCommas(), OwnFields()
