"""The entry point that Azure Functions loads."""

from connector.faces.functions import build_app

app = build_app()
