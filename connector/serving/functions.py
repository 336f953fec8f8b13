"""The catalog as an Azure Functions app: a function an operation, named after it."""

import logging

import azure.functions as func

from connector.catalog import operations
from connector.operations.operation import Operation
from connector.operations.request import ROOT, Request
from connector.serving.azure_http import Run, register
from connector.serving.console_api import METHODS, operator_api
from connector.serving.invoke import invoke
from connector.serving.relay_functions import register_relay
from connector.serving.response import Response
from connector.serving.service_routes import SERVICE_ROUTES
from connector.serving.startup import checked_settings, unusable_app
from connector.settings import Settings, SettingsError, in_azure

OPEN = func.AuthLevel.ANONYMOUS


def build_app() -> func.FunctionApp:
    """Everything the host serves. Function names decide the order in which the host tries routes."""
    quiet_libraries()
    try:
        current = checked_settings()
    except SettingsError as problem:
        if not in_azure():
            raise
        return unusable_app(problem)
    app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION if current.auth_level == "function" else OPEN)
    for operation in operations().values():
        path, level = ROOT[1:] + operation.path, OPEN if operation.is_anonymous else None
        register(app, operation.id, path, operation.methods, _operation_runner(operation), current, level=level)
    for route in SERVICE_ROUTES:
        level = OPEN if route.anonymous else None
        register(app, route.name, route.path, route.methods, route.run, current, level=level)
    register(app, "Operator", "api/operator/{*rest}", METHODS, operator_api, current, level=func.AuthLevel.ADMIN)
    register_relay(app, current)
    return app


def _operation_runner(operation: Operation) -> Run:
    async def run(request: Request, current: Settings) -> Response:
        return await invoke(operation, request, current)

    return run


def quiet_libraries() -> None:
    """httpx logs every request with its URL at INFO, and the worker forwards that: slow, and not for a log."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
