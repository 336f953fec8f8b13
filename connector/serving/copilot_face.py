"""The operations once more below `/api/copilot/`, for the agents of Microsoft 365 Copilot and Azure AI Foundry.

A model reads what is answered here, as it reads what the MCP server answers; flows call the routes themselves. By its
address a call says which it is, so that texts can be made safe for the one and left alone for the other.
"""

from dataclasses import replace
from functools import lru_cache
from typing import Final

from connector.catalog import operation_of, operations
from connector.deskdirector.errors import NotFound
from connector.operations.request import ROOT, Request
from connector.serving.function_table import HttpFunction, http_functions, is_current
from connector.serving.invoke import invoke
from connector.serving.response import Response, failure, request_id_of
from connector.serving.safe_texts import safe_answer
from connector.settings import Settings, in_azure

FACE: Final = "copilot"
PATH: Final = f"api/{FACE}/{{*rest}}"
METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")


async def copilot(request: Request, settings: Settings) -> Response:
    """A call of an agent."""
    given = request.path.get("rest", "").strip("/").split("/")
    for function in _functions():
        parts = function.route.removeprefix(ROOT[1:]).split("/")
        if request.method not in function.methods or len(parts) != len(given):
            continue
        if all(part.startswith("{") or part == one for part, one in zip(parts, given, strict=True)):
            values = {part[1:-1]: one for part, one in zip(parts, given, strict=True) if part.startswith("{")}
            operation = operation_of(function.resource, function.name)
            response = await invoke(operation, replace(request, path=values), settings, FACE)
            is_error = response.status >= 400 and FACE in settings.sanitize
            return replace(response, body=safe_answer(response.body)) if is_error else response
    sentence = f"There is no {request.method} operation at {ROOT}{request.url_path}; {ROOT}openapi.json lists all."
    return failure(NotFound("RouteNotFound", sentence), request_id_of(request.headers))


@lru_cache(maxsize=1)
def _functions() -> tuple[HttpFunction, ...]:
    """The operations; those whose route has no variable part first, as the host tries them."""
    if in_azure() or is_current():
        rows = [one for one in http_functions() if one.resource]
    else:
        rows = [
            HttpFunction(one.id, ROOT[1:] + one.path, one.methods, resource=one.resource)
            for one in operations().values()
        ]
    return tuple(sorted(rows, key=lambda one: [part.startswith("{") for part in one.route.split("/")]))
