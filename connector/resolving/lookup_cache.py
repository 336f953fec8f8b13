"""What was looked up, remembered for a short while per connection: lists, each read whole, and what names mean.

The cache has a bounded number of bytes; the least recently used entries make room. Equal questions at the
same time are asked once.
"""

import json
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from sys import getsizeof
from typing import Any, Final, NamedTuple, TypeVar

from connector.deskdirector.client import DeskDirector
from connector.deskdirector.endpoint import Endpoint
from connector.deskdirector.entities.service import Choice, Choices
from connector.deskdirector.errors import ConnectorError
from connector.metrics import METRICS
from connector.runtime import ExpiringCache, SharedWork, per_loop
from connector.texts import name_key

_PAGE: Final = 1000
MOST: Final = 5000
"""Choices of one list that are read; a longer one says that there are more."""
LIST_BYTES: Final = 60_000_000
MEANING_BYTES: Final = 12_000_000
_MOST_KEPT: Final = 200_000

T = TypeVar("T")
_Key = tuple[str, str, tuple[tuple[str, str], ...]]


class Known(NamedTuple):
    """One choice of a list."""

    id: str
    name: str
    is_closed: bool | None = None


class Listed:
    """All choices of a list, sorted by name, and which of them a name or an id means.

    Thousands of these are remembered, so each column is one text of lines, with one in front and one behind.
    """

    __slots__ = ("_closed", "_id_keys", "_ids", "_name_keys", "_names", "_size")

    def __init__(self, choices: Iterable[Known]) -> None:
        ordered = sorted(choices, key=lambda known: known.name.casefold())
        self._size = len(ordered)
        self._ids = _lines(known.id for known in ordered)
        self._names = _lines(known.name for known in ordered)
        self._closed = {number: known.is_closed for number, known in enumerate(ordered) if known.is_closed is not None}
        self._name_keys = _lines(name_key(known.name) for known in ordered)
        id_keys = _lines(str(id_of(known)).casefold() for known in ordered)
        self._id_keys = self._ids if id_keys == self._ids else id_keys

    def __iter__(self) -> Iterator[Known]:
        ids, names = self._ids.split(_BREAK), self._names.split(_BREAK)
        for number in range(self._size):
            yield Known(ids[number + 1], names[number + 1], self._closed.get(number))

    def __len__(self) -> int:
        return self._size

    def named(self, text: str) -> list[Known]:
        """The choices that have this name or id."""
        key = name_key(text)
        numbers = {*_places(self._name_keys, key), *_places(self._id_keys, key)} if key else ()
        if not numbers:
            return []
        everything = list(self)
        return [everything[number] for number in sorted(numbers)]

    @property
    def weight(self) -> int:
        """About how many bytes it takes; measured in a test."""
        texts = {id(text): text for text in (self._ids, self._names, self._name_keys, self._id_keys)}
        return 500 + 100 * len(self._closed) + sum(map(getsizeof, texts.values())) * 11 // 10


_BREAK: Final = "\n"


def _lines(texts: Iterable[str]) -> str:
    return _BREAK + "".join(text.replace(_BREAK, " ") + _BREAK for text in texts)


def _places(lines: str, wanted: str) -> Iterator[int]:
    """The numbers of the lines that are `wanted`."""
    at = lines.find(_BREAK + wanted + _BREAK)
    while at >= 0:
        yield lines.count(_BREAK, 0, at)
        at = lines.find(_BREAK + wanted + _BREAK, at + 1)


def id_of(known: Known) -> int | str:
    """The id of a choice: a number where it is one."""
    return int(known.id) if known.id.isascii() and known.id.isdecimal() else known.id


async def listed(
    dd: DeskDirector,
    endpoint: Endpoint,
    *,
    path: Mapping[str, object] | None = None,
    query: Mapping[str, object] | None = None,
    pages: bool = False,
    fresh: bool = False,
) -> Listed:
    """All choices of a list endpoint, sorted by name. `pages`: the endpoint takes `take` and `skip`.

    `fresh` reads a remembered list again, for a name that may have been added since.
    """
    known = None if fresh else known_list(dd, endpoint, path=path, query=query)
    METRICS.count("connector_cache_reads", cache="lookups", result="miss" if known is None else "hit")
    if known is not None:
        return known
    key = _key(dd, endpoint, path, query)

    async def read() -> Listed:
        choices = await _read(dd, endpoint, path or {}, dict(query or {}), pages=pages)
        kept = Listed(choices)
        _lists().put(key, kept, dd.settings.lookup_seconds)
        return kept

    return await read() if fresh else await once(_readings(), key, read)


def known_list(
    dd: DeskDirector,
    endpoint: Endpoint,
    *,
    path: Mapping[str, object] | None = None,
    query: Mapping[str, object] | None = None,
) -> Listed | None:
    """The choices of a list endpoint, when they are remembered."""
    return _lists().get(_key(dd, endpoint, path, query), None)


async def once(shared: "SharedWork[Any, T]", key: Any, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """The result of work that is under way for `key`, else of `work`.

    A failure of another call's work, which may have had less time, is no failure of this call: it does its own.
    """
    is_mine = not shared.is_running(key)
    try:
        return await shared.run(key, work)
    except ConnectorError:
        if is_mine:
            raise
    return await work()


def _key(
    dd: DeskDirector, endpoint: Endpoint, path: Mapping[str, object] | None, query: Mapping[str, object] | None
) -> _Key:
    parameters = {**(path or {}), **(query or {})}
    return (
        dd.connection.identity,
        endpoint.name,
        tuple(sorted((name, str(value)) for name, value in parameters.items())) if parameters else (),
    )


@per_loop
def _lists() -> ExpiringCache[_Key, Listed]:
    return ExpiringCache(_MOST_KEPT, most_bytes=LIST_BYTES, weigh=lambda choices: choices.weight)


@per_loop
def _readings() -> SharedWork[_Key, Listed]:
    return SharedWork()


async def _read(
    dd: DeskDirector, endpoint: Endpoint, path: Mapping[str, object], query: dict[str, object], *, pages: bool
) -> list[Known]:
    """All choices. A list ends where its total says so, or with a page that brings nothing new: a site may answer
    shorter pages than it is asked for, and need not say how many there are.
    """
    choices: dict[str, Known] = {}
    read = 0
    while True:
        window = {"take": _PAGE, "skip": read} if pages else {}
        page = await dd.fetch(endpoint, Choices, path=path, query={**query, **window})
        known = len(choices)
        choices |= {choice.id: Known(choice.id, choice.name, choice.is_closed) for choice in page.results}
        read += len(page.results)
        is_all = page.total is not None and read >= page.total
        if not pages or is_all or len(choices) == known or len(choices) >= MOST:
            return list(choices.values())


def as_choices(choices: Iterable[Known]) -> Choices:
    """What a lookup answers."""
    results = [Choice.model_construct(id=known.id, name=known.name, is_closed=known.is_closed) for known in choices]
    if len(results) < MOST:
        return Choices(results=results, total=len(results))
    notice = f"Only the first {len(results)} choices were read; narrow the list, or give the id."
    return Choices(results=results, notice=notice)


_Meaning = tuple[str, str, str, str]


class Meanings:
    """Who the names mean that DeskDirector was asked for: unique matches only, as long as lists are remembered."""

    def __init__(self) -> None:
        self._known: ExpiringCache[_Meaning, Any] = ExpiringCache(
            _MOST_KEPT, most_bytes=MEANING_BYTES, weigh=lambda _: 600
        )

    def of(self, dd: DeskDirector, noun: str, text: str, ids: Mapping[str, Any]) -> Any:
        """What a text means for a noun within these ids; None when that is not remembered."""
        meaning = self._known.get(_meaning_key(dd, noun, text, ids), None)
        METRICS.count("connector_cache_reads", cache="names", result="miss" if meaning is None else "hit")
        return meaning

    def remember(self, dd: DeskDirector, noun: str, text: str, ids: Mapping[str, Any], meaning: Any) -> None:
        """A text was found to mean this."""
        self._known.put(_meaning_key(dd, noun, text, ids), meaning, dd.settings.lookup_seconds)


def _meaning_key(dd: DeskDirector, noun: str, text: str, ids: Mapping[str, Any]) -> _Meaning:
    return dd.connection.identity, noun, name_key(text), json.dumps(ids, sort_keys=True) if ids else ""


@per_loop
def meanings() -> Meanings:
    """The remembered names."""
    return Meanings()
