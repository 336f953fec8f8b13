"""Reads a page of a list record by record, so that one that cannot be read does not stop the others."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic

from connector.deskdirector.client import Reply
from connector.deskdirector.errors import BadGateway
from connector.deskdirector.models import read_data
from connector.relay.polling.items import Item, T

_LISTS: Final = ("results", "value", "items", "data")
_TOTALS: Final = ("totalresults", "total", "totalcount")
"""`resultsCount` is no total: it counts what is in the answer."""
_DEEPEST: Final = 3


@dataclass(frozen=True, slots=True)
class Records(Generic[T]):
    """The records of a page as items, and the total when the answer states one."""

    items: list[Item[T]]
    total: int | None


def read_records(
    reply: Reply, model: type[T], item_of: Callable[[T], Item[T]], *, inside: tuple[str, ...] = _LISTS
) -> Records[T]:
    """The records in an answer, in a list by one of the names of `inside`; `BadGateway` when it has no list.

    A record without what the entity cannot do without becomes an item without content, known by all that is in it.
    """
    found = _list_in(reply.json(), inside)
    if found is None:
        raise BadGateway("UpstreamShapeUnknown", "DeskDirector's answer has no list of results where one was expected.")
    return Records([_item(reply, model, item_of, record) for record in found[0]], found[1])


def _list_in(content: Any, names: tuple[str, ...], depth: int = 0) -> tuple[list[Any], int | None] | None:
    if content is None:
        return [], 0
    if isinstance(content, list):
        return content, None
    if not isinstance(content, Mapping) or depth == _DEEPEST:
        return None
    folded = {str(key).lower(): value for key, value in content.items()}
    for name in names:
        if isinstance(folded.get(name), list):
            return folded[name], _total(folded)
    for value in content.values():  # a named envelope
        found = _list_in(value, names, depth + 1) if isinstance(value, Mapping) else None
        if found is not None:
            return found[0], _total(folded) if found[1] is None else found[1]
    lists = [value for value in content.values() if isinstance(value, list)]
    return (lists[0], _total(folded)) if len(lists) == 1 else None


def _total(folded: Mapping[str, Any]) -> int | None:
    totals = (folded.get(name) for name in _TOTALS)
    return next((total for total in totals if isinstance(total, int) and not isinstance(total, bool)), None)


def _item(reply: Reply, model: type[T], item_of: Callable[[T], Item[T]], record: Any) -> Item[T]:
    entity = _entity(model, record)
    if entity is None:
        text = json.dumps(record, sort_keys=True, default=str)
        return Item(f"unreadable {hashlib.sha256(text.encode()).hexdigest()}", None)
    entity.complete(reply.site)
    return item_of(entity)


def _entity(model: type[T], record: Any) -> T | None:
    try:
        return read_data(model, record)
    except BadGateway:
        return None
