"""Which tools a client gets: a small set for daily work, unless it asks for others.

`/mcp`, `/mcp/readonly`, `?toolsets=forms,chats`, `?toolsets=dispatcher`, `?toolsets=all`, `?tools=getTicket`; or the
headers `X-MCP-Toolsets`, `X-MCP-Tools` and `X-MCP-Readonly`. Clients take some 40 tools, and every tool costs tokens.
`?output=text` is for clients that give a model both copies of an answer: they get one, and no output schemas.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from connector.operations.request import Request
from connector.serving.mcp.protocol import INVALID_PARAMS, ProtocolError
from connector.serving.mcp.search_tools import OWN_TOOLS, TOOLSET, OwnTool
from connector.serving.mcp.tools import Tool, all_tools

EVERYTHING: Final = "all"
DAILY: Final = "daily"
_REQUESTER: Final = "requester"
_READING: Final = (
    *("getHelpDesk", "findTickets", "countTickets", "getWorkload", "getTicket", "listTicketNotes", "findTimeEntries"),
    *("findContacts", "getContact", "findCompanies", "getCompany", "findMembers"),
)
_ON_TICKETS: Final = (*("createTicket", "updateTicket", "closeTicket", "assignTicket", "addTicketNote"),)
_ON_MANY: Final = ("updateTickets", "closeTickets", "addNotes")
NAMED_SETS: Final[Mapping[str, tuple[str, ...]]] = {
    DAILY: (*_READING, *_ON_TICKETS, *_ON_MANY, "addTimeEntry", "findOrCreateContact"),
    "dispatcher": (
        *(*_READING, *_ON_TICKETS, *_ON_MANY, "reopenTicket", "findOrCreateContact", "createMemberNotification"),
    ),
    "technician": (
        *(
            *_READING,
            *_ON_TICKETS,
            "reopenTicket",
            "addTicketTags",
            "removeTicketTags",
            "addTimeEntry",
            "createTicketTasks",
        ),
        *("getTicketTasks", "listTicketAttachments", "getTicketAttachment"),
    ),
    "accountmanager": (
        *(*_READING, "addTicketNote", "createContact", "updateContact", "findOrCreateContact", "findUserGroups"),
        *("addContactToUserGroup", "removeContactFromUserGroup", "setContactPermissions", "createContactNotification"),
    ),
    _REQUESTER: ("findTickets", "getTicket", "listTicketNotes", "createTicket", "addTicketNote"),
}
"""Sets by what people do. Raw requests, user keys, permissions, advanced actions and webhooks are only asked for."""
_PERSONAS: Final = {"accountmanager": "account-manager"}
PAGE: Final = 100
"""Tools of one page of the list. Some clients ask for the first page only, and hardly one takes more."""
QUERY_NAMES: Final = ("toolsets", "tools", "output")
_OUTPUTS: Final = {"": True, "both": True, "text": False}
_PLATFORM_NAMES: Final = frozenset({"code", "api-version"})
"""What the Functions host and gateways put into addresses."""
_KNOWN_NAMES: Final = _PLATFORM_NAMES.union(QUERY_NAMES)
_HEADERS: Final = tuple(f"x-mcp-{name}" for name in QUERY_NAMES)
_YES: Final = frozenset({"true", "1", "yes"})
_YES_OR_NO: Final = _YES | {"false", "0", "no", ""}


@dataclass(frozen=True, eq=False)
class Selection:
    """The tools on offer, and their list as it goes over the wire."""

    tools: Mapping[str, Tool | OwnTool]
    is_structured: bool = True
    """Whether answers come as structured content too, which the list then describes."""
    is_requester: bool = False
    """Whether it is for people who ask for help, whose messages are held until they are confirmed."""

    @cached_property
    def listing(self) -> bytes:
        """The members of the first page of a `tools/list` result."""
        return self.page("")

    def page(self, cursor: str) -> bytes:
        """The members of the page that begins behind the tool that `cursor` names; raises `ProtocolError`."""
        names = [*self.tools]
        if cursor and cursor not in self.tools:
            raise ProtocolError(INVALID_PARAMS, "The cursor must be the nextCursor of the page before.", status=200)
        begin = names.index(cursor) + 1 if cursor else 0
        shown = names[begin : begin + PAGE]
        tools = (self.tools[name] for name in shown)
        listed = b",".join(tool.listed if self.is_structured else tool.listed_without_output for tool in tools)
        more = b',"nextCursor":"%b"' % shown[-1].encode() if begin + PAGE < len(names) else b""
        return b'"tools":[%b]%b' % (listed, more)


def selected(request: Request, *, read_only: bool) -> Selection:
    """The tools that a request asks for; raises `ProtocolError`, with the list, for an unknown name."""
    if request.query and (unknown := sorted(request.query.keys() - _KNOWN_NAMES)):
        raise ProtocolError(
            INVALID_PARAMS, f"The URL has {', '.join(unknown)[:200]}; it takes {', '.join(QUERY_NAMES)}."
        )
    asked = request.headers.get("x-mcp-readonly", "").strip().lower()
    if asked not in _YES_OR_NO:
        raise ProtocolError(INVALID_PARAMS, "The header X-MCP-Readonly must be true or false.")
    toolsets, tools, output = (
        request.query.get(name) or request.headers.get(header, "")
        for name, header in zip(QUERY_NAMES, _HEADERS, strict=True)
    )
    if output not in _OUTPUTS:
        raise ProtocolError(INVALID_PARAMS, "The output that the URL asks for must be both or text.")
    return select(toolsets, tools, read_only=read_only or asked in _YES, is_structured=_OUTPUTS[output])


@lru_cache(maxsize=64)
def select(toolsets: str = "", names: str = "", *, read_only: bool = False, is_structured: bool = True) -> Selection:
    """The tools of all `toolsets` and those of `names`, both separated by commas; the daily ones without either.

    `read_only` holds whatever else is asked for. Raises `ProtocolError`, which lists what there is, for a name that
    does not exist.
    """
    every: dict[str, Tool | OwnTool] = {**all_tools(), **OWN_TOOLS}
    offered = {name: every[name] for name in sorted(every)}
    by_name = {_key(tool.name): [tool] for tool in offered.values()}
    sets = _sets()
    wanted = [tool for word in _words(toolsets) for tool in _found("toolset", word, sets)]
    wanted += [tool for word in _words(names) for tool in _found("tool", word, by_name)]
    chosen = wanted or sets[DAILY]
    is_requester = _REQUESTER in map(_key, _words(toolsets))
    kept = {tool.name for tool in chosen if tool.read_only or not read_only}
    return Selection({name: tool for name, tool in offered.items() if name in kept}, is_structured, is_requester)


@lru_cache(maxsize=1)
def _sets() -> Mapping[str, list[Tool | OwnTool]]:
    tools = all_tools()
    sets: dict[str, list[Tool | OwnTool]] = {EVERYTHING: list(tools.values()), TOOLSET: [*OWN_TOOLS.values()]}
    for tool in tools.values():
        sets.setdefault(_key(tool.operation.resource), []).append(tool)
    return sets | {name: [tools[tool] for tool in names] for name, names in NAMED_SETS.items()}


def toolsets() -> list[str]:
    """The names of the toolsets: everything, those by what people do, and the resources of the catalog."""
    resources = sorted({tool.operation.resource for tool in all_tools().values()})
    return [EVERYTHING, *map(shown_name, NAMED_SETS), TOOLSET, *resources]


def shown_name(named_set: str) -> str:
    """A named set as people write it: `account-manager`."""
    return _PERSONAS.get(named_set, named_set)


def _found(kind: str, word: str, known: Mapping[str, list[Tool | OwnTool]]) -> Iterable[Tool | OwnTool]:
    if _key(word) in known:
        return known[_key(word)]
    if kind == "tool":
        from difflib import get_close_matches  # only a mistake needs it

        names = {name.lower(): name for name in all_tools()}
        near = get_close_matches(word[:100].lower(), names, 3, 0.3)
        like = f"; near it there is {', '.join(names[name] for name in near)}" if near else ""
        sentence = f"The URL asks for a tool that does not exist{like}; ?toolsets=all lists every tool."
        raise ProtocolError(INVALID_PARAMS, sentence)
    there_is = toolsets()
    raise ProtocolError(
        INVALID_PARAMS, f"The URL asks for a {kind} that does not exist; there is {', '.join(there_is)}."
    )


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\s,]+", text) if word]


def _key(name: str) -> str:
    """`time_entries`, `timeEntries` and `time-entries` are the same."""
    return re.sub(r"[^a-z]", "", name.lower())
