"""`search` and `fetch`, in the shape that ChatGPT's connectors want: results with id, title and url; a document.

Source: OpenAI's documentation of MCP connectors, "search tool" and "fetch tool". They are a toolset of their own.
"""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from connector.deskdirector.errors import BadRequest
from connector.runtime import together
from connector.serving.mcp.asking import Asking
from connector.serving.mcp.protocol import as_json
from connector.serving.response import Response

TOOLSET: Final = "chatgpt"
_ID = re.compile(r"(ticket|company|contact):([1-9][0-9]{0,9})")
_TEXTS = ("description", "text")
_HINTS = {"readOnlyHint": True, "destructiveHint": False, "openWorldHint": False}
_ONE = {"id": {"type": "string"}, "title": {"type": "string"}, "url": {"type": "string"}}

Run = Callable[[Mapping[str, Any], Asking], Awaitable[Response]]


@dataclass(frozen=True, eq=False)
class OwnTool:
    """A tool that no operation of the catalog stands behind."""

    name: str
    description: str
    title: str
    input_name: str
    input_text: str
    output: Mapping[str, Any]
    run: Run
    read_only: bool = True

    def described(self) -> dict[str, Any]:
        """Everything that a model and its client learn about the tool."""
        inputs = {self.input_name: {"type": "string", "description": self.input_text}}
        return {
            "name": self.name,
            "description": self.description,
            "inputSchema": {"type": "object", "properties": inputs, "required": [self.input_name]},
            "outputSchema": {"type": "object", "properties": dict(self.output)},
            "annotations": {"title": self.title, **_HINTS},
        }

    @property
    def listed(self) -> bytes:
        """Its entry in `tools/list`."""
        return as_json(self.described())

    @property
    def listed_without_output(self) -> bytes:
        """Its entry for clients that read the text of an answer."""
        return as_json({name: part for name, part in self.described().items() if name != "outputSchema"})

    @property
    def written_by_others(self) -> tuple[bytes, ...]:
        """The fields of its answer in which people write what they like."""
        return (b'"title":', b'"text":')


async def _search(given: Mapping[str, Any], asking: Asking) -> Response:
    query = given.get("query")
    if not isinstance(query, str) or not query.strip():
        raise BadRequest("InvalidInput", "'query' is required: words to search for.")
    tickets = await asking.response("FindTickets", search=query, take=10)
    if tickets.status >= 400:
        return tickets
    companies, contacts = await together(
        asking.results("FindCompanies", search=query, take=5), asking.results("FindContacts", search=query, take=5)
    )
    found = [_result("ticket", ticket, ticket.get("title")) for ticket in json.loads(tickets.body)["results"]]
    found += [_result("company", company, company.get("name")) for company in companies]
    found += [_result("contact", contact, contact.get("name")) for contact in contacts]
    return Response(200, as_json({"results": found}))


def _result(kind: str, one: Mapping[str, Any], title: Any) -> dict[str, str]:
    number = one["id"]
    return {
        "id": f"{kind}:{number}",
        "title": f"{kind.capitalize()} {number}: {title or ''}",
        "url": one.get("url", ""),
    }


async def _fetch(given: Mapping[str, Any], asking: Asking) -> Response:
    found = _ID.fullmatch(str(given.get("id") or "").strip())
    if not found:
        raise BadRequest("InvalidInput", "'id' must be one that search answered, e.g. ticket:10026.")
    kind, number = found[1], int(found[2])
    if kind == "ticket":
        thing, of_it = await together(
            asking.response("GetTicket", ticketId=number), asking.response("ListTicketNotes", ticketId=number, take=20)
        )
        notes = json.loads(of_it.body)["results"] if of_it.status < 400 else []
    else:
        thing, notes = await asking.response(f"Get{kind.capitalize()}", **{f"{kind}Id": number}), []
    if thing.status >= 400:
        return thing
    return Response(200, as_json(_document(kind, json.loads(thing.body), notes)))


def _document(kind: str, thing: Mapping[str, Any], notes: list[Mapping[str, Any]]) -> dict[str, Any]:
    """The texts as one, the rest as metadata."""
    title = thing.get("title") or thing.get("name") or ""
    texts = [str(thing[name]) for name in _TEXTS if thing.get(name)]
    for note in notes:
        who = "internal note" if note.get("isInternal") else "note"
        texts.append(f"[{note.get('createdAt', '')} {who} by {note.get('author', 'unknown')}]\n{note.get('text', '')}")
    plain = {name: value for name, value in thing.items() if isinstance(value, str | int | bool) and name not in _TEXTS}
    return {
        "id": f"{kind}:{thing['id']}",
        "title": f"{kind.capitalize()} {thing['id']}: {title}",
        "text": "\n\n".join(texts) or str(title),
        "url": thing.get("url", ""),
        "metadata": {name: str(value) for name, value in plain.items()},
    }


OWN_TOOLS: Final[Mapping[str, OwnTool]] = {
    tool.name: tool
    for tool in (
        OwnTool(
            "fetch",
            "Read a ticket with its notes, a company or a contact that search found.",
            "Fetch",
            "id",
            "From search, e.g. ticket:10026.",
            {**_ONE, "text": {"type": "string"}},
            _fetch,
        ),
        OwnTool(
            "search",
            "Search tickets, companies and contacts of the help desk by words.",
            "Search",
            "query",
            "Words.",
            {"results": {"type": "array", "items": {"type": "object", "properties": _ONE}}},
            _search,
        ),
    )
}
