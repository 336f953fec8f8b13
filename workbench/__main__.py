"""`python -m workbench`."""

import sys

INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it."""

try:
    from workbench.cli.app import app

    app()
except ModuleNotFoundError as missing:
    sys.exit(f"{missing.name} is not installed here: run `make setup`, then .venv/bin/python -m workbench.")
except KeyboardInterrupt:  # while something is being loaded; commands see to it themselves
    sys.exit(INTERRUPTED)
