"""JSON as DeskDirector sends it -> plain data."""

import json
import re
from typing import Any, Final

from pydantic_core import from_json

from connector.deskdirector.errors import BadGateway

MOST_DEPTH: Final = 200
"""Objects and lists inside of each other; the parser that is tried first takes no more either."""
_SURROGATE = re.compile("[\ud800-\udfff]")


def parse(content: bytes) -> Any:
    """The data in an answer; None when it is empty. `BadGateway` UpstreamNotJson when it is no JSON.

    Half a character (a lone surrogate, from a text that was cut off) becomes U+FFFD, as do bytes that are no UTF-8.
    """
    if not content.strip():
        return None
    try:
        return from_json(content, cache_strings="keys")
    except ValueError:
        pass
    try:
        text = content.decode(json.detect_encoding(content), errors="replace")
        return _repaired(json.loads(text, strict=False))
    except (ValueError, RecursionError):
        raise BadGateway(
            "UpstreamNotJson", "DeskDirector's answer broke off or is not JSON; try again later.", retry_after=5
        ) from None


def _repaired(data: Any, room: int = MOST_DEPTH) -> Any:
    if isinstance(data, str):
        return _SURROGATE.sub("\ufffd", data)
    if not room:
        raise RecursionError
    if isinstance(data, dict):
        return {_repaired(key): _repaired(value, room - 1) for key, value in data.items()}
    return [_repaired(item, room - 1) for item in data] if isinstance(data, list) else data
