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
from connector.deskdirector.errors import Unavailable
from connector.operations.request import Request
from connector.serving.azure_http import register
from connector.serving.response import Response, failure, request_id_of
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
    return current


def unusable_app(problem: SettingsError) -> func.FunctionApp:
    """An app that answers every call with what is wrong, and is alive but not ready."""
    sentence = f"This app is not set up: {problem}"
    logging.getLogger("connector").error(sentence)
    app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
    settings = Settings()

    async def refuse(request: Request, current: Settings) -> Response:
        del current
        error = Unavailable("AppNotSetUp", sentence, retry_after=RETRY_SECONDS)
        return failure(error, request_id_of(request.headers))

    async def live(request: Request, current: Settings) -> Response:
        del request, current
        return Response(200, json.dumps({"status": "ok"}).encode())

    async def not_ready(request: Request, current: Settings) -> Response:
        del request, current
        checks = {"settings": {"status": "failed", "reason": str(problem)}}
        return Response(503, json.dumps({"status": "failed", "checks": checks}).encode())

    register(app, "Health", LIVE, ("GET",), live, settings)
    register(app, "HealthReady", READY, ("GET",), not_ready, settings)
    # The host tries routes in the order of function names, so this name has to sort behind the others.
    register(app, "ZUnusable", "{*path}", ALL_METHODS, refuse, settings)
    return app
