"""The host's log: one readable line a record, on stderr, with nothing secret in it."""

import logging
import re
import sys
from typing import Final

SECRET_IN_URL: Final = re.compile(r"(?i)([?&;](?:code|token|sig|signature|key|apikey|api_key)=)[^&\s\"'<>]+")


class RedactingFormatter(logging.Formatter):
    """Blanks keys and tokens in any URL that a record happens to carry, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line (and its traceback), redacted."""
        return SECRET_IN_URL.sub(r"\1***", super().format(record))


def set_up(level: int) -> None:
    """Send every record of the app and the host to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%H:%M:%S"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # The worker library and the Azure SDKs write INFO records for each call and index; none of it is the app's.
    for library in ("azure", "azure.functions", "uvicorn", "asyncio"):
        logging.getLogger(library).setLevel(max(level, logging.WARNING))
