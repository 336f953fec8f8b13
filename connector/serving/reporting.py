"""One JSON line for every call that failed, and the numbers of all calls. Successes leave no line.

The host adds its own fields and sends the line on as it is, so the message itself is JSON (`parse_json(message)` in a
query). It names no value of the call: neither input nor answer, and nothing secret.
"""

import json
import logging
import re
from typing import Final

from connector.deskdirector.errors import ConnectorError
from connector.metrics import METRICS
from connector.operations.request import Request
from connector.serving.secrecy import redactor_for

LEVELS: Final = {424: logging.WARNING}
FLOW_RUN: Final = "x-ms-workflow-run-id"

_TRACE: Final = re.compile(r"[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_WORD: Final = re.compile(r"[\w.:-]{1,100}", re.ASCII)

log = logging.getLogger("connector.calls")


def report_success(name: str, status: int, seconds: float) -> None:
    """Count a call that was answered."""
    METRICS.count("connector_calls", operation=name, status=str(status))
    METRICS.observe("connector_call_seconds", seconds)
    METRICS.report()


def report_failure(name: str, error: ConnectorError, request: Request, request_id: str, seconds: float) -> None:
    """Count a call that failed, and write its line: a warning when it is not the caller's fault."""
    report_success(name, error.status, seconds)
    METRICS.count("connector_errors", code=error.code)
    level = logging.WARNING if error.status >= 500 else LEVELS.get(error.status, logging.INFO)
    if log.isEnabledFor(level):
        log.log(level, redactor_for(request).text(_line(name, error, request, request_id, seconds)))


def trace_parent_of(request: Request) -> str:
    """The W3C trace context of the call; "" when there is none that could be passed on."""
    given = request.headers.get("traceparent")
    return given if given and _TRACE.fullmatch(given) else ""


def trace_id_of(request: Request) -> str:
    """The trace id of the call, under which Application Insights has it; "" when there is none."""
    return trace_parent_of(request)[3:35]


def _line(name: str, error: ConnectorError, request: Request, request_id: str, seconds: float) -> str:
    said = {
        "event": "failed_call",
        "operation": name,
        "status": error.status,
        "code": error.code,
        "site": _word(request.headers.get("dd-host", "").strip().lower()),
        "requestId": request_id,
        "traceId": trace_id_of(request),
        "flowRunId": _word(request.headers.get(FLOW_RUN, "")),
        "ms": round(seconds * 1000),
    }
    return json.dumps({key: value for key, value in said.items() if value != ""}, separators=(",", ":"))


def _word(text: str) -> str:
    """A header's value if it is what it should be; whatever else stands there is not logged."""
    return text if _WORD.fullmatch(text) else ""
