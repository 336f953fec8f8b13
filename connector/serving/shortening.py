"""An answer that is too large and no page: its longest texts and lists are cut, and each cut says how to go on."""

import json
from collections.abc import Callable
from typing import Any

from connector.deskdirector.errors import BadGateway

_CUTS = ((100_000, 2000), (40_000, 1000), (20_000, 500), (10_000, 200), (4_000, 100), (1_000, 50), (200, 10))
"""Characters of a text and items of a list that are kept; the first pair that makes the answer fit is taken."""
_NEVER_CUT = frozenset(("continuation", "nextLink", "state", "url"))
NOTICE = "notice"


def shortened_answer(body: bytes, weigh: Callable[[bytes], float], most: int, text_from: int | None = None) -> bytes:
    """The answer with its longest texts and lists cut to weigh `most`; raises `BadGateway` when that cannot be had.

    `text_from`: the character that long texts begin with; None where a caller cannot ask for more of them.
    """
    content = json.loads(body)
    for characters, items in _CUTS:
        cutting = _Cutting(characters, items, text_from)
        short = cutting.within(content)
        if cutting.longest_list and isinstance(short, dict):
            notice = f"Lists are cut to {items} of up to {cutting.longest_list} items; ask for less at once."
            short[NOTICE] = f"{short[NOTICE]} {notice}" if NOTICE in short else notice
        body = json.dumps(short, ensure_ascii=False, separators=(",", ":")).encode()
        if weigh(body) <= most:
            return body
    raise BadGateway("AnswerTooLarge", "DeskDirector's answer is too large to be passed on; ask for less at once.")


class _Cutting:
    def __init__(self, characters: int, items: int, text_from: int | None) -> None:
        self.characters, self.items, self.text_from = characters, items, text_from
        self.longest_list = 0

    def within(self, value: Any) -> Any:
        if isinstance(value, str) and len(value) > self.characters:
            return self._piece(value)
        if isinstance(value, list):
            if len(value) > self.items:
                self.longest_list = max(self.longest_list, len(value))
            return [self.within(item) for item in value[: self.items]]
        if isinstance(value, dict):
            return {name: item if name in _NEVER_CUT else self.within(item) for name, item in value.items()}
        return value

    def _piece(self, text: str) -> str:
        begin = self.text_from if self.text_from and self.text_from < len(text) else 0
        end = begin + self.characters
        if end >= len(text):
            return text[begin:]
        go_on = "" if self.text_from is None else f"; textFrom {end} goes on"
        return f"{text[begin:end]}… (cut, {len(text)} characters{go_on})"
