"""The id that a client gives to one call of a tool: a repeat of the call has it too, so nothing is done twice.

The protocol has none that outlives a message. n8n sends `toolCallId` as an argument; others put one into `_meta`, under
a name of their own: `claudecode/toolUseId`, `idempotencyKey`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connector.operations.request import Request
from connector.serving.idempotency import CALL_ID

_NAMES = frozenset({"toolcallid", "tooluseid", "idempotencykey"})
_LONGEST = 200


def with_call_id(request: Request, meta: Any, arguments: Mapping[str, Any]) -> Request:
    """The request with the id of the call among its headers, where the client gives one."""
    if not meta and "toolCallId" not in arguments and CALL_ID not in request.headers:
        return request
    found = {**(meta if isinstance(meta, dict) else {}), "toolCallId": arguments.get("toolCallId")}
    ids = (value for name, value in found.items() if _plain(name) in _NAMES and isinstance(value, str) and value)
    call_id = next(ids, None)
    headers = {name: value for name, value in request.headers.items() if name != CALL_ID}
    if call_id:
        headers[CALL_ID] = call_id[:_LONGEST]
    return replace(request, headers=headers)


def _plain(name: Any) -> str:
    """The last part of a name, without case and separators: `claudecode/toolUseId` -> `tooluseid`."""
    return str(name)[-100:].rpartition("/")[2].replace("_", "").replace("-", "").lower()
