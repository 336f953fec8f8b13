"""No regular expression of the app takes more than linear time, whatever text it is given.

Each is run on long texts that repeat what its own repeats match. A quadratic one would take minutes on them, and then
the test's timeout ends it.
"""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from re import _constants, _parser
from typing import Any

import pytest

import connector

LONG = 50_000
SEARCHING = re.compile(r"\.(?:search|sub|subn|split|findall|finditer)\(")
"""Methods that try every place of a text; the others only look at its beginning."""


def patterns() -> Iterator[tuple[str, "re.Pattern[Any]"]]:
    """Every compiled pattern at the top of a module, or inside a list or table there."""
    for module in pkgutil.walk_packages(connector.__path__, "connector."):
        loaded = importlib.import_module(module.name)
        for name, value in vars(loaded).items():
            inside = (
                value.values() if isinstance(value, dict) else value if isinstance(value, tuple | list) else [value]
            )
            for index, one in enumerate(inside):
                if isinstance(one, re.Pattern):
                    yield f"{module.name}.{name}" + (f"[{index}]" if value is not one else ""), one


PATTERNS = dict(patterns())


def letters(tree: Any) -> Iterator[str]:
    """A letter for each literal and class in a parsed pattern."""
    for kind, value in tree:
        match kind:
            case _constants.LITERAL:
                yield chr(value)
            case _constants.NOT_LITERAL | _constants.ANY:
                yield "~"
            case _constants.IN:
                yield member(value)
            case _constants.BRANCH:
                for branch in value[1]:
                    yield from letters(branch)
            case _constants.SUBPATTERN:
                yield from letters(value[3])
            case _constants.ASSERT | _constants.ASSERT_NOT:
                yield from letters(value[1])
            case _constants.MAX_REPEAT | _constants.MIN_REPEAT | _constants.POSSESSIVE_REPEAT:
                yield from letters(value[2])


def member(parts: Any) -> str:
    """Something that a class matches."""
    every = (chr(code) for code in (*range(33, 127), 32, 9, 10, 0x200B, 0xE9))
    for sign in every:
        if any(within(kind, value, sign) for kind, value in parts if kind is not _constants.NEGATE) != (
            parts[0][0] is _constants.NEGATE
        ):
            return sign
    return "a"


def within(kind: Any, value: Any, sign: str) -> bool:
    match kind:
        case _constants.LITERAL:
            return bool(value == ord(sign))
        case _constants.RANGE:
            return bool(value[0] <= ord(sign) <= value[1])
    classes = {
        _constants.CATEGORY_DIGIT: r"\d",
        _constants.CATEGORY_SPACE: r"\s",
        _constants.CATEGORY_WORD: r"\w",
        _constants.CATEGORY_NOT_DIGIT: r"\D",
        _constants.CATEGORY_NOT_SPACE: r"\S",
        _constants.CATEGORY_NOT_WORD: r"\W",
    }
    return bool(re.match(classes[value], sign))


def hostile(pattern: "re.Pattern[Any]") -> Iterator[Any]:
    """Long texts that begin well and end badly."""
    source = pattern.pattern.decode("latin-1") if isinstance(pattern.pattern, bytes) else pattern.pattern
    signs = list(dict.fromkeys(letters(_parser.parse(source, pattern.flags))))
    pairs = [first + second for first in signs[:6] for second in signs[:6] if first != second]
    for unit in (*signs, *pairs, "".join(signs)):
        for before in ("", *signs[:1]):
            text = before + unit * (LONG // max(1, len(unit))) + "\x00"
            yield text.encode("latin-1", "replace") if isinstance(pattern.pattern, bytes) else text


def test_there_are_patterns() -> None:
    assert len(PATTERNS) > 20


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_takes_linear_time(name: str) -> None:
    pattern = PATTERNS[name]
    module, _, variable = name.partition("[")[0].rpartition(".")
    source = inspect.getsource(importlib.import_module(module))
    only_whole = re.search(rf"\b{variable}\.(?:fullmatch|match)\b", source) and not re.search(
        rf"\b{variable}{SEARCHING.pattern}", source
    )
    for text in hostile(pattern):
        pattern.fullmatch(text)
        if not only_whole:
            pattern.search(text)
