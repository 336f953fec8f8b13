"""Between the Functions programming model and ours: a call, its request, its answer."""

from collections.abc import Awaitable, Callable
from typing import Final

import azure.functions as func

from connector.operations.request import Request
from connector.serving.response import Response
from connector.settings import Settings

ALWAYS: Final = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
"""Answers are a caller's own: nobody may keep them or take them for another kind. What is public says so itself."""

Run = Callable[[Request, Settings], Awaitable[Response]]


def request_of(req: func.HttpRequest, context: func.Context | None = None) -> Request:
    """The call as we know it; the trace is that of the host's own records."""
    headers = dict(req.headers)
    if context is not None and (trace := context.trace_context.trace_parent):
        headers["traceparent"] = trace
    return Request(
        method=req.method,
        url=req.url,
        headers=headers,
        path=req.route_params,
        query=req.params,
        body=req.get_body(),
    )


def http_response(response: Response) -> func.HttpResponse:
    """The answer as the worker takes it."""
    headers = ALWAYS.copy()
    for name, value in response.headers.items():
        headers[name.lower()] = value
    kind = headers.get("content-type", "application/json")
    return func.HttpResponse(response.body, status_code=response.status, headers=headers, mimetype=kind)
