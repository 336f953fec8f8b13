"""JSON from clients: read as strictly as a parser does, except for halves of characters, which become U+FFFD."""

import json
from typing import Any

from pydantic_core import from_json

from connector.texts import whole_content

MAX_DEPTH = 64
"""Levels of lists and objects inside each other."""


class JsonError(ValueError):
    """A text that is no JSON; the message says where."""


def read_json(content: bytes | str) -> Any:
    """The value in `content`; raises `JsonError`. Not-a-number and infinity, which JSON lacks, are refused."""
    try:
        return from_json(content, allow_inf_nan=False)
    except ValueError as problem:
        if not may_have_surrogates(content):
            raise JsonError(str(problem)) from None
        reason = str(problem)
    return _with_lone_surrogates(content, reason)


def may_have_surrogates(content: bytes | str) -> bool:
    """Whether JSON has escapes in it that may stand for halves of characters."""
    return b"\\u" in content if isinstance(content, bytes) else "\\u" in content


def _with_lone_surrogates(content: bytes | str, reason: str) -> Any:
    """The value of JSON that a strict parser refuses for a lone surrogate, e.g. a title cut in half of an emoji."""
    try:
        return whole_content(json.loads(content, parse_constant=_refuse))
    except (ValueError, RecursionError):
        raise JsonError(reason) from None


def _refuse(name: str) -> Any:
    raise ValueError(name)


def depth_of(value: Any, limit: int = MAX_DEPTH + 1) -> int:
    """How many levels of lists and objects a value has, counted up to `limit`."""
    if limit <= 0 or type(value) not in (dict, list):
        return 0
    items = value.values() if type(value) is dict else value
    return 1 + max((depth_of(item, limit - 1) for item in items), default=0)
