"""An input under our names -> a body under DeskDirector's."""

from typing import Any

from pydantic import BaseModel

from ..deskdirector.client import DeskDirector
from .paging import FindInput
from .references import resolved
from .shape import fields_of

_UPSTREAM_NAMES = {"title": "name", "dueAt": "dueDate"}
_OURS_ONLY = frozenset({"take", "continuation", "fields", "idempotencyKey"})


async def translated(dd: DeskDirector, given: BaseModel, *, known: dict[str, Any] | None = None) -> dict[str, Any]:
    """What `given` sets, with references as ids and a find's window; `known` as for `references.resolved`."""
    ids = await resolved(dd, given, known=known)
    window = given.window if isinstance(given, FindInput) else {}
    return {**plain_fields(given), **ids, **window}


def plain_fields(given: BaseModel) -> dict[str, Any]:
    """The fields that are set and are no references, under DeskDirector's names."""
    skipped = {field.name for field in fields_of(type(given)) if field.reference} | _OURS_ONLY
    values = given.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {_UPSTREAM_NAMES.get(name, name): value for name, value in values.items() if name not in skipped}
