"""`python -m workbench`."""

import sys

try:
    from workbench.cli.app import app
except ModuleNotFoundError as missing:
    sys.exit(f"{missing.name} is not installed here: run `make setup`, then .venv/bin/python -m workbench.")

app()
