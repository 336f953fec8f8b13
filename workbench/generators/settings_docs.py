"""docs/settings.md: every setting of the app, from where it is declared."""

from collections.abc import Mapping
from dataclasses import Field, fields
from typing import Any, get_args, get_origin, get_type_hints

from connector.operations.operation import Operation
from connector.settings import ENDPOINT_PREFIX, PREFIX, Settings

PAGE = "settings.md"
_HEAD = """\
# Settings

Environment variables of the app: in Azure under **Environment variables**, on a laptop in the shell. All have a safe
default; a value that cannot be used ends the start with a sentence that names the setting. Generated from
`connector/settings.py`.

| Setting | Value | Default | Meaning |
| --- | --- | --- | --- |
"""
_WORDS = {int: "whole number", str: "text"}


def render(operations: Mapping[str, Operation], host: str) -> dict[str, bytes]:
    """The page."""
    del operations, host
    hints = get_type_hints(Settings)
    rows = [_row(spec, hints[spec.name]) for spec in fields(Settings)]
    return {PAGE: (_HEAD + "\n".join(rows) + "\n").encode()}


def _row(spec: "Field[Any]", hint: Any) -> str:
    if "parse" not in spec.metadata:
        name = f"{ENDPOINT_PREFIX}<NAME>"
        example = "E.g. `POST /api/v2/tickets/{ticketId}/notes`."
        return f"| `{name}` | method and path | none | {spec.metadata['about']} {example} |"
    default = " ".join(spec.default) if isinstance(spec.default, tuple) else str(spec.default)
    shown = f"`{default}`" if default else "none"
    kind = _kind(hint) + ("" if spec.repr else ", secret")
    return f"| `{PREFIX}{spec.name.upper()}` | {kind} | {shown} | {spec.metadata['about']} |"


def _kind(hint: Any) -> str:
    if get_origin(hint) is tuple:
        return "words, with spaces or commas between"
    return " or ".join(f"`{choice}`" for choice in get_args(hint)) or _WORDS[hint]
