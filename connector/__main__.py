"""`python -m connector`."""

from .cli import app

app()
