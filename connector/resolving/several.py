"""Several names in one text: `Support, Security`. A name that has a comma of its own is one name."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from connector.deskdirector.errors import BadRequest
from connector.runtime import together

_BETWEEN = re.compile(r"[,;]")
_LINE = "\n"
_NOT_FOUND = "NotFound"


async def each_name(text: str, resolve: Callable[[str], Awaitable[Any]]) -> Any:
    """The id that `text` means, or the list of ids when it names several; `resolve` gives those of one name."""
    parts = text.split(_LINE) if _LINE in text else _BETWEEN.split(text)
    names = list(dict.fromkeys(part.strip() for part in parts if part.strip()))
    if len(names) < 2:
        return await resolve(names[0] if names else text)
    if _LINE not in text and any(not name.isdecimal() and "@" not in name for name in names):
        try:
            return await resolve(text)
        except BadRequest as refusal:
            if not refusal.code.endswith(_NOT_FOUND):
                raise
    found = await together(*(_of_one(name, resolve) for name in names))
    return list(dict.fromkeys(id_ for ids in found for id_ in ids))


async def _of_one(name: str, resolve: Callable[[str], Awaitable[Any]]) -> list[Any]:
    ids = await resolve(name)
    return ids if isinstance(ids, list) else [ids]
