"""The entry point that Azure Functions loads."""

from connector.serving.functions import build_app

app = build_app()
