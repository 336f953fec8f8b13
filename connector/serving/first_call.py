"""What an HTTP function of the table does, imported when it is called for the first time."""

from collections.abc import Awaitable, Callable

import azure.functions as func

from connector.catalog import operation_of
from connector.serving.azure_http import Run, http_response, request_of
from connector.serving.function_table import HttpFunction
from connector.serving.invoke import invoke
from connector.settings import Settings

Answering = Callable[[func.HttpRequest, func.Context], Awaitable[func.HttpResponse]]


def answering(function: HttpFunction, current: Settings) -> Answering:
    """What answers the calls of a function of the table."""
    run = _run_of(function, can_sign_in=current.mcp_oauth == "on")

    async def answered(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
        return http_response(await run(request_of(req, context), current))

    return answered


def _run_of(function: HttpFunction, *, can_sign_in: bool) -> Run:
    """What a function does."""
    if function.resource:
        operation = operation_of(function.resource, function.name)
        return lambda request, current: invoke(operation, request, current)
    if can_sign_in:
        from connector.serving.oauth.routes import RUNS

        if function.name in RUNS:
            return RUNS[function.name]

    from connector.serving.service_routes import SERVICE_ROUTES

    return next(route.run for route in SERVICE_ROUTES if route.name == function.name)
