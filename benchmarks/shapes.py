"""What the answers of different tenants look like: one ticket, and a page of 50, in each shape that was seen.

The shapes are data: what to do with keys, references, dates and ids, and what stands around the ticket and the page.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from benchmarks.upstream import RESULTS, TICKET

_REFERENCES: Final = ("board", "status", "priority", "source", "requestType", "company", "contact", "userGroup")
_DATES: Final = ("createdOn", "modifiedOn", "closedOn", "dueDate")
_SECONDS: Final = len("2026-05-28T21:53:34")

Change = Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


def _without_zone(date: str) -> str:
    return date.removesuffix("Z")


def _with_offset(date: str) -> str:
    zone = timezone(timedelta(hours=10))
    return datetime.fromisoformat(date[:_SECONDS] + "Z").astimezone(zone).isoformat()


def _epoch(date: str) -> int:
    return int(datetime.fromisoformat(date[:_SECONDS] + "Z").timestamp() * 1000)


def _pascal(value: Any) -> Any:
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: _pascal(inner) for key, inner in value.items()}
    return [_pascal(inner) for inner in value] if isinstance(value, list) else value


def _text_ids(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: str(inner) if key == "id" else _text_ids(inner) for key, inner in value.items()}
    return [_text_ids(inner) for inner in value] if isinstance(value, list) else value


def _bare_ids(ticket: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value["id"] if key in _REFERENCES and isinstance(value, dict) else value for key, value in ticket.items()
    }


def _flat(ticket: dict[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in ticket.items():
        if key in _REFERENCES:
            flat |= {f"{key}Id": value and value["id"], f"{key}Name": value and value["name"]}
        else:
            flat[key] = value
    return flat


def _two_titles(ticket: dict[str, Any]) -> dict[str, Any]:
    return {**ticket, "name": None, "summary": ticket["name"], "descriptionPreview": "short"}


@dataclass(frozen=True)
class Shape:
    """How one tenant writes tickets."""

    name: str
    ticket: Change = _same
    date: Callable[[str], Any] = _same
    one: Callable[[dict[str, Any]], Any] = _same
    page: Callable[[list[dict[str, Any]]], Any] = lambda tickets: {"results": tickets, "totalResults": RESULTS}
    every: int = 1
    """Every which ticket of a page is written so; the others are written as usual."""

    def ticket_bytes(self) -> bytes:
        """One ticket."""
        return _bytes(self.one(self._written(TICKET)))

    def page_bytes(self) -> bytes:
        """A page of tickets."""
        usual = [{**TICKET, "id": 10001 + number} for number in range(RESULTS)]
        tickets = [self._written(one) if number % self.every == 0 else one for number, one in enumerate(usual)]
        return _bytes(self.page(tickets))

    def _written(self, ticket: dict[str, Any]) -> dict[str, Any]:
        dated = {key: self.date(value) if key in _DATES and value else value for key, value in ticket.items()}
        written: dict[str, Any] = self.ticket(dated)
        return written


def _bytes(data: Any) -> bytes:
    return json.dumps(data, separators=(",", ":")).encode()


def _all(*changes: Change) -> Change:
    def change(ticket: Any) -> Any:
        for one in changes:
            ticket = one(ticket)
        return ticket

    return change


SHAPES: Final[tuple[Shape, ...]] = (
    Shape("usual"),
    Shape("dates without zone", date=_without_zone),
    Shape("dates with offset", date=_with_offset),
    Shape("dates as epoch", date=_epoch),
    Shape("PascalCase", ticket=_pascal, page=lambda tickets: {"Results": tickets, "TotalResults": RESULTS}),
    Shape("ids as text", ticket=_text_ids),
    Shape("bare ids", ticket=_bare_ids),
    Shape("flat names and ids", ticket=_flat),
    Shape("PascalCase, ids as text, no zone", ticket=_all(_text_ids, _pascal), date=_without_zone),
    Shape("null before the value", ticket=_two_titles),
    Shape("bare list", one=lambda ticket: [ticket], page=_same),
    Shape("envelope", one=lambda ticket: {"ticket": ticket}, page=lambda tickets: {"tickets": {"results": tickets}}),
    Shape("mixed", ticket=_all(_bare_ids, _text_ids), date=_without_zone, every=2),
)


def shapes(names: Iterable[str] = ()) -> list[Shape]:
    """The shapes of these names, all without any."""
    wanted = set(names)
    return [shape for shape in SHAPES if not wanted or shape.name in wanted]
