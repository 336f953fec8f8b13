"""Settings are checked before anything is served; in Azure an app with bad ones says so at every call.

A worker that ends at its start leaves the host answering nothing but 502 or 503 without a reason, and nobody reads the
log first. So in Azure the app starts, answers 503 with the sentence, and takes no messages out of its queues.
"""

import json
import logging
import os
from collections.abc import Mapping

import azure.functions as func

from connector.deskdirector.endpoints import endpoints_for
from connector.deskdirector.errors import ConnectorError
from connector.deskdirector.sites import check_site
from connector.settings import Settings, SettingsError, check_for_azure, in_azure

RETRY_SECONDS = 60
ALL_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
LIVE, READY = "api/health", "api/health/ready"


def checked_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings, all of them checked; raises `SettingsError`."""
    current = Settings.from_environment(environment)
    endpoints_for(current)
    if in_azure(environment):
        check_for_azure(current)
    _check_default_site(current)
    if current.mcp_oauth == "on" and current.auth_level == "function":
        raise SettingsError(
            "CONNECTOR_MCP_OAUTH must be off while CONNECTOR_AUTH_LEVEL is function: clients that sign in have no "
            "function key."
        )
    return current


def _check_default_site(current: Settings) -> None:
    if current.default_site:
        try:
            check_site(current.default_site, current)
        except ConnectorError as problem:
            raise SettingsError(
                f"CONNECTOR_DEFAULT_SITE must be a site that may be called. {problem.message}"
            ) from None


def unusable_app(problem: SettingsError) -> func.FunctionApp:
    """An app that answers every call with the problem; it is alive but not ready."""
    from connector.deskdirector.errors import Unavailable
    from connector.serving.azure_http import http_response, request_of
    from connector.serving.response import Response, failure, request_id_of

    sentence = f"This app is not set up: {problem}"
    logging.getLogger("connector").error(sentence)
    app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
    error = Unavailable("AppNotSetUp", sentence, retry_after=RETRY_SECONDS)
    checks = {"settings": {"status": "failed", "reason": str(problem)}}
    not_ready = Response(503, json.dumps({"status": "failed", "checks": checks}).encode())

    def add(name: str, path: str, methods: tuple[str, ...], answer: Response | None) -> None:
        async def handle(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
            return http_response(answer or failure(error, request_id_of(request_of(req, context).headers)))

        app.function_name(name)(app.route(route=path, methods=list(methods))(handle))

    add("Health", LIVE, ("GET",), Response(200, json.dumps({"status": "ok"}).encode()))
    add("HealthReady", READY, ("GET",), not_ready)
    # The host tries routes in the order of function names, so this name has to sort behind the others.
    add("ZUnusable", "{*path}", ALL_METHODS, None)
    return app
