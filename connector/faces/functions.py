"""The catalog as an Azure Functions app: a function an operation, named after it."""

import logging
from collections.abc import Awaitable, Callable

import azure.functions as func

from ..catalog import operations
from ..catalog.operation import Operation
from ..catalog.request import ROOT, Request
from ..settings import Settings, settings
from .invoke import Response, invoke
from .service_routes import SERVICE_ROUTES

Handler = Callable[[func.HttpRequest], Awaitable[func.HttpResponse]]
Run = Callable[[Request, Settings], Awaitable[Response]]


def build_app() -> func.FunctionApp:
    """Everything the host serves. Function names decide the order in which the host tries routes."""
    current = settings()
    quiet_libraries()
    level = func.AuthLevel.FUNCTION if current.auth_level == "function" else func.AuthLevel.ANONYMOUS
    app = func.FunctionApp(http_auth_level=level)
    for operation in operations().values():
        register(app, operation.id, ROOT[1:] + operation.path, operation.methods, _operation_runner(operation), current)
    for route in SERVICE_ROUTES:
        register(app, route.name, route.path, route.methods, route.run, current, anonymous=route.anonymous)
    return app


def register(
    app: func.FunctionApp,
    name: str,
    path: str,
    methods: tuple[str, ...],
    run: Run,
    current: Settings,
    *,
    anonymous: bool = False,
) -> None:
    """Add one HTTP function."""

    async def handle(req: func.HttpRequest) -> func.HttpResponse:
        response = await run(_request(req), current)
        kind = response.headers.get("content-type", "application/json")
        return func.HttpResponse(
            response.body, status_code=response.status, headers=dict(response.headers), mimetype=kind
        )

    level = func.AuthLevel.ANONYMOUS if anonymous else None
    app.function_name(name)(app.route(route=path, methods=list(methods), auth_level=level)(handle))


def _operation_runner(operation: Operation) -> Run:
    async def run(request: Request, current: Settings) -> Response:
        return await invoke(operation, request, current)

    return run


def _request(req: func.HttpRequest) -> Request:
    return Request(
        method=req.method,
        url=req.url,
        headers=req.headers,
        path=req.route_params,
        query=req.params,
        body=req.get_body(),
    )


def quiet_libraries() -> None:
    """httpx logs every request with its URL at INFO, and the worker forwards that: slow, and not for a log."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
