"""Completion: what a person may mean who has typed the beginning of a name into a blank of a prompt or an address."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from connector.serving.mcp import resources
from connector.serving.mcp.asking import Asking
from connector.serving.mcp.prompts import PROMPTS
from connector.serving.mcp.protocol import INVALID_PARAMS, ProtocolError

_MOST = 100
_SOURCES: Final = {
    "company": ("FindCompanies", "name"),
    "companyId": ("FindCompanies", "id"),
    "member": ("FindMembers", "name"),
    "ticketId": ("FindTickets", "id"),
    "board": ("ListBoards", "name"),
}
"""Which operation knows the values of a blank, and which of its fields they are."""
_WITHOUT_SEARCH: Final = "List"


async def completed(params: Mapping[str, Any], tools: Collection[str], asking: Asking) -> dict[str, Any]:
    """The members of the result of `completion/complete`; raises `ProtocolError`."""
    argument = params.get("argument")
    if not isinstance(argument, dict) or not isinstance(argument.get("name"), str):
        raise ProtocolError(INVALID_PARAMS, "The params must have an argument with a name.", status=200)
    if argument["name"] not in _blanks(params.get("ref"), tools):
        raise ProtocolError(INVALID_PARAMS, "The ref has no argument of this name.", status=200)
    values = await _values(argument["name"], str(argument.get("value") or "").strip(), asking)
    shown = list(dict.fromkeys(values))[:_MOST]
    return {"completion": {"values": shown, "total": len(values), "hasMore": len(values) > len(shown)}}


def _blanks(ref: Any, tools: Collection[str]) -> set[str]:
    kind = ref.get("type") if isinstance(ref, dict) else None
    if kind == "ref/prompt" and (prompt := PROMPTS.get(str(ref.get("name")))):
        return {one.name for one in prompt.blanks}
    if kind == "ref/resource":
        uris = {template["uriTemplate"]: template["name"] for template in resources.templates(tools)}
        name = uris.get(str(ref.get("uri")))
        return {f"{name}Id"} if name else set()
    return set()


async def _values(blank: str, typed: str, asking: Asking) -> list[str]:
    """None without a source, a connection or a match: a person types on."""
    if blank not in _SOURCES:
        return []
    operation, field = _SOURCES[blank]
    if operation.startswith(_WITHOUT_SEARCH):
        found = await asking.results(operation)
    else:
        found = await asking.results(operation, take=20, **({"search": typed} if typed else {}))
    values = [str(one[field]) for one in found if one.get(field) is not None]
    if operation.startswith(_WITHOUT_SEARCH):
        values = [value for value in values if typed.casefold() in value.casefold()]
    return sorted(values, key=lambda value: not value.casefold().startswith(typed.casefold()))
