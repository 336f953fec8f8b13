"""The lists behind drop-downs and names, each read whole and remembered for a short while per connection."""

from collections.abc import Mapping

from connector.deskdirector.client import DeskDirector
from connector.deskdirector.endpoint import Endpoint
from connector.deskdirector.entities.service import Choice, Choices
from connector.metrics import METRICS
from connector.runtime import ExpiringCache, per_loop

_PAGE = 1000
MOST = 5000
"""Choices of one list that are read; a longer one says that there are more."""
_KEPT_LISTS = 2000

_Key = tuple[str, str, tuple[tuple[str, str], ...]]


async def listed(
    dd: DeskDirector,
    endpoint: Endpoint,
    *,
    path: Mapping[str, object] | None = None,
    query: Mapping[str, object] | None = None,
    pages: bool = False,
    fresh: bool = False,
) -> list[Choice]:
    """All choices of a list endpoint, sorted by name. `pages`: the endpoint takes `take` and `skip`.

    `fresh` reads again what was remembered, for a name that may have been added since.
    """
    parameters = {**(path or {}), **(query or {})}
    key = (
        dd.connection.identity,
        endpoint.name,
        tuple(sorted((name, str(value)) for name, value in parameters.items())),
    )
    lists = _lists()
    known = None if fresh else lists.get(key, None)
    METRICS.count("connector_cache_reads", cache="lookups", result="miss" if known is None else "hit")
    if known is not None:
        return known
    choices = await _read(dd, endpoint, path or {}, dict(query or {}), pages=pages)
    choices.sort(key=lambda choice: choice.name.casefold())
    lists.put(key, choices, dd.settings.lookup_seconds)
    return choices


@per_loop
def _lists() -> ExpiringCache[_Key, list[Choice]]:
    return ExpiringCache(_KEPT_LISTS)


async def _read(
    dd: DeskDirector, endpoint: Endpoint, path: Mapping[str, object], query: dict[str, object], *, pages: bool
) -> list[Choice]:
    """All choices. A list ends where its total says so, or with a page that brings nothing new: a site may answer
    shorter pages than it is asked for, and need not say how many there are.
    """
    choices: dict[str, Choice] = {}
    read = 0
    while True:
        window = {"take": _PAGE, "skip": read} if pages else {}
        page = await dd.fetch(endpoint, Choices, path=path, query={**query, **window})
        known = len(choices)
        choices |= {choice.id: choice for choice in page.results}
        read += len(page.results)
        is_all = page.total is not None and read >= page.total
        if not pages or is_all or len(choices) == known or len(choices) >= MOST:
            return list(choices.values())


def as_choices(choices: list[Choice]) -> Choices:
    """What a lookup answers."""
    if len(choices) < MOST:
        return Choices(results=choices, total=len(choices))
    notice = f"Only the first {len(choices)} choices were read; narrow the list, or give the id."
    return Choices(results=choices, notice=notice)
