"""docs/errors.md: every error code, from the table in `error_codes`."""

from collections.abc import Mapping

from connector.operations.operation import Operation
from workbench.generators.error_codes import GROUPS, Explanation

PAGE = "errors.md"
_HEAD = """\
# Errors

Every error is the same object: `statusCode`, `message` (one sentence that says what to do), `error` with `code`,
`message` and `details`, and `requestId`. Codes do not change; messages may. Power Automate and Logic Apps repeat 408,
429 and 5xx by themselves, so nothing that a repeat could do twice has such a status. Generated from
`workbench/generators/error_codes.py`.
"""
_TABLE = "| Code | Status | When | What to do | Send it again? |\n| --- | --- | --- | --- | --- |"


def render(operations: Mapping[str, Operation], host: str) -> dict[str, bytes]:
    """The page, by its path below `docs`."""
    del operations, host
    sections = [
        "\n".join((f"## {title}", "", _TABLE, *(_row(code, text) for code, text in codes.items())))
        for title, codes in GROUPS.items()
    ]
    return {PAGE: ("\n\n".join((_HEAD.rstrip(), *sections)) + "\n").encode()}


def _row(code: str, text: Explanation) -> str:
    statuses = ", ".join(map(str, text.statuses))
    return f"| `{code}` | {statuses} | {text.when} | {text.remedy} | {text.retry} |"
