"""Names for people, from names in code: `createdAfter` -> `Created After`, `AddTicketNote` -> `Add ticket note`."""

import re

_ACRONYMS = {"api": "API", "id": "ID", "ids": "IDs", "url": "URL", "vip": "VIP", "utc": "UTC", "html": "HTML"}
_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
_WORD_OR_NUMBER = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")


def camel(name: str) -> str:
    """`ticket_id` -> `ticketId`, the spelling on the wire."""
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


def snake(name: str) -> str:
    """`GetTicket` and `getTicket` -> `get_ticket`, the spelling in Python and for models."""
    return "_".join(word.lower() for word in _WORD.findall(name))


def title_case(name: str) -> str:
    """`ticketId` -> `Ticket ID`, `filter1` -> `Filter 1`: the label of a field."""
    return " ".join(_ACRONYMS.get(word.lower(), word.capitalize()) for word in _WORD_OR_NUMBER.findall(name))


def sentence_case(name: str) -> str:
    """`AddTicketNote` -> `Add ticket note`, the title of an operation."""
    head, *tail = [_ACRONYMS.get(word.lower(), word.lower()) for word in _WORD.findall(name)]
    return " ".join([head[0].upper() + head[1:], *tail])
