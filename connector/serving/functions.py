"""The catalog as an Azure Functions app: a function an operation, named after it.

A start imports nothing of what the functions do: which there are stands in a generated table, and what one needs is
imported when it is called for the first time.
"""

import logging
import os
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import azure.functions as func

from connector.serving.function_table import ADMIN, ANONYMOUS, HttpFunction, http_functions, is_current
from connector.serving.relay_functions import register_relay
from connector.serving.startup import checked_settings, unusable_app
from connector.settings import Settings, SettingsError, in_azure

if TYPE_CHECKING:
    from connector.serving.first_call import Answering

OPEN = func.AuthLevel.ANONYMOUS
LEVELS = {ANONYMOUS: OPEN, ADMIN: func.AuthLevel.ADMIN}


def build_app() -> func.FunctionApp:
    """Everything the host serves. Function names decide the order in which the host tries routes."""
    quiet_libraries()
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looking for some reads every installed package
    try:
        current = checked_settings()
    except SettingsError as problem:
        if not in_azure():
            raise
        return unusable_app(problem)
    app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION if current.auth_level == "function" else OPEN)
    for function in (*_http_functions(), *_sign_in_functions(current)):
        _register(app, function, current)
    register_relay(app, current)
    return app


def _http_functions() -> Sequence[HttpFunction]:
    """Those of the table; outside Azure, where files are edited, only while it is up to date."""
    if in_azure() or is_current():
        return http_functions()

    from connector.serving.all_functions import all_functions

    return all_functions()


def _sign_in_functions(current: Settings) -> Sequence[HttpFunction]:
    """The routes of signing in; none while it is off."""
    if current.mcp_oauth == "off":
        return ()
    from connector.serving.oauth.functions import OAUTH_FUNCTIONS

    return OAUTH_FUNCTIONS


def _register(app: func.FunctionApp, function: HttpFunction, current: Settings) -> None:
    @cache
    def answering() -> "Answering":
        from connector.serving import first_call

        return first_call.answering(function, current)

    async def handle(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
        return await answering()(req, context)

    route = app.route(route=function.route, methods=list(function.methods), auth_level=LEVELS.get(function.level))
    app.function_name(function.name)(route(handle))


def quiet_libraries() -> None:
    """httpx logs every request with its URL at INFO, and the worker forwards that: slow, and not for a log."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
