"""Resources: what a person puts into a conversation by its address, and what hosts read without a model.

`ticket://10026` is the ticket with its notes, `company://12` the company with its open tickets.
"""

import json
import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, Final

from connector.runtime import together
from connector.serving.mcp.asking import Asking
from connector.serving.mcp.protocol import INTERNAL_ERROR, INVALID_PARAMS, ProtocolError
from connector.serving.response import Response

_JSON = "application/json"
_WITH_ID = re.compile(r"(ticket|company)://0*([1-9][0-9]{0,9})/?")
NOT_FOUND: Final = 404

Reader = Callable[[Asking], Awaitable[bytes]]


def _template(uri: str, name: str, title: str, about: str) -> dict[str, Any]:
    return {"uriTemplate": uri, "name": name, "title": title, "description": about, "mimeType": _JSON}


_NEEDS: Final = {"ticket": "getTicket", "company": "getCompany", "boards": "listBoards", "statuses": "listStatuses"}
_TEMPLATES: Final = (
    _template("ticket://{ticketId}", "ticket", "Ticket", "A ticket with its notes, by its number."),
    _template("company://{companyId}", "company", "Company", "A company with its open tickets, by its id."),
)
_FIXED: Final = {
    "deskdirector://boards": ("boards", "Boards", "The boards (queues) of the service desk.", "ListBoards"),
    "deskdirector://statuses": ("statuses", "Statuses", "The statuses of every board.", "ListStatuses"),
}


def templates(tools: Collection[str]) -> list[dict[str, Any]]:
    """The addresses with a blank, of those things that a tool on offer reads too."""
    return [template for template in _TEMPLATES if _NEEDS[template["name"]] in tools]


def fixed(tools: Collection[str]) -> list[dict[str, Any]]:
    """The addresses without a blank."""
    return [
        {"uri": uri, "name": name, "title": title, "description": about, "mimeType": _JSON}
        for uri, (name, title, about, _) in _FIXED.items()
        if _NEEDS[name] in tools
    ]


async def read(uri: Any, tools: Collection[str], asking: Asking, *, missing: int) -> dict[str, Any]:
    """The members of the result of `resources/read`; `missing` is this era's code for an unknown resource."""
    if not isinstance(uri, str):
        raise ProtocolError(INVALID_PARAMS, "The uri of a resource must be a text.", status=200)
    body = await _body(uri, tools, asking, missing)
    return {"contents": [{"uri": uri, "mimeType": _JSON, "text": body.decode()}]}


async def _body(uri: str, tools: Collection[str], asking: Asking, missing: int) -> bytes:
    found = _WITH_ID.fullmatch(uri)
    name = found[1] if found else _FIXED[uri][0] if uri in _FIXED else ""
    if not name or _NEEDS[name] not in tools:
        sentence = "There is no such resource here; resources/list and resources/templates/list have them all."
        raise ProtocolError(missing, sentence, status=200, data={"uri": uri[:200]})
    if not found:
        return _checked(await asking.response(_FIXED[uri][3]), uri, missing)
    return await (_ticket if name == "ticket" else _company)(uri, int(found[2]), asking, missing)


async def _ticket(uri: str, number: int, asking: Asking, missing: int) -> bytes:
    """Without its notes where the site has no list of notes for this key."""
    ticket, notes = await together(
        asking.response("GetTicket", ticketId=number), asking.response("ListTicketNotes", ticketId=number, take=20)
    )
    return _both(b"ticket", _checked(ticket, uri, missing), b"notes", notes)


async def _company(uri: str, number: int, asking: Asking, missing: int) -> bytes:
    company, tickets = await together(
        asking.response("GetCompany", companyId=number),
        asking.response("FindTickets", company=str(number), isClosed=False, take=20),
    )
    return _both(b"company", _checked(company, uri, missing), b"openTickets", tickets)


def _both(name: bytes, thing: bytes, of_it: bytes, response: Response) -> bytes:
    more = b',"%b":%b' % (of_it, response.body) if response.status < 400 else b""
    return b'{"%b":%b%b}' % (name, thing, more)


def _checked(response: Response, uri: str, missing: int) -> bytes:
    if response.status < 400:
        return response.body
    problem: Mapping[str, Any] = json.loads(response.body)
    code = missing if response.status == NOT_FOUND or problem["error"]["code"] == "InvalidInput" else INTERNAL_ERROR
    data = {"uri": uri[:200], "code": problem["error"]["code"]}
    raise ProtocolError(code, problem["message"], status=200, data=data)
