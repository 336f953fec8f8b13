"""Which tools a URL offers: `/mcp`, `/mcp/readonly`, `?toolsets=tickets,contacts`, `?tools=getTicket`."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from connector.serving.mcp.protocol import INVALID_PARAMS, ProtocolError
from connector.serving.mcp.tools import Tool, all_tools

EVERYTHING = "all"


@dataclass(frozen=True, eq=False)
class Selection:
    """The tools on offer, and their list as it goes over the wire."""

    tools: Mapping[str, Tool]

    @cached_property
    def listing(self) -> bytes:
        """The member `tools` of a `tools/list` result."""
        return b'"tools":[%b]' % b",".join(tool.listed for tool in self.tools.values())


@lru_cache(maxsize=32)
def select(toolsets: str = "", names: str = "", *, read_only: bool = False) -> Selection:
    """The tools of all `toolsets` and those of `names` besides, both separated by commas; every tool without either.

    `read_only` holds whatever else is asked for. Raises `ProtocolError`, which lists what there is, for a name that
    does not exist.
    """
    by_toolset: dict[str, list[Tool]] = {}
    for tool in all_tools().values():
        by_toolset.setdefault(_key(tool.operation.resource), []).append(tool)
    by_name = {_key(tool.name): [tool] for tool in all_tools().values()}
    wanted = [tool for word in _words(toolsets) for tool in _found("toolset", word, by_toolset)]
    wanted += [tool for word in _words(names) for tool in _found("tool", word, by_name)]
    chosen = wanted or all_tools().values()
    kept = {tool.name for tool in chosen if tool.operation.effects.read_only or not read_only}
    return Selection({name: tool for name, tool in all_tools().items() if name in kept})


def toolsets() -> list[str]:
    """The names of the toolsets: the resources of the catalog that have tools."""
    return sorted({tool.operation.resource for tool in all_tools().values()})


def _found(kind: str, word: str, known: Mapping[str, list[Tool]]) -> Iterable[Tool]:
    if kind == "toolset" and _key(word) == EVERYTHING:
        return all_tools().values()
    if _key(word) in known:
        return known[_key(word)]
    there_is = toolsets() if kind == "toolset" else list(all_tools())
    raise ProtocolError(
        INVALID_PARAMS, f"The URL asks for a {kind} that does not exist; there is {', '.join(there_is)}."
    )


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\s,]+", text) if word]


def _key(name: str) -> str:
    """`time_entries`, `timeEntries` and `time-entries` are the same."""
    return re.sub(r"[^a-z]", "", name.lower())
