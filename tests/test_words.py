"""The words of docstrings and comments: plain technical English (docs/architecture.md has the glossary).

A ratchet: the limits may only fall. Say fix for mend; say, report or distinguish for tell; quarantine for
set aside; again for anew; the caller or the process for whoever, anybody, somebody; this many for so many.
A source that readers cannot open (a fact sheet) is no source: name the published one, or say that it is a guess.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.desk import ROOT

FILES = sorted(path for folder in ("connector", "workbench") for path in (ROOT / folder).rglob("*.py"))
LIMITS = {
    r"\bmend(?:s|ed|ing)?\b": 0,
    r"\b(?:tells?|told|telling)\b": 0,
    r"\b(?:any|some)body\b": 3,
    r"\b(?:set|sets|setting|put|puts|putting) aside\b": 1,
    r"\bas often as one\b": 0,
    r"\bfacts? (?:sheet|§)": 0,
    r"\b(?:anew|who(?:m|so)?ever)\b": 0,
    r"\bso many (?!that)": 5,
}


@cache
def all_prose() -> list[tuple[Path, str]]:
    """Every comment and docstring with its file."""
    return [(path, text) for path in FILES for text in prose(path)]


def prose(path: Path) -> Iterator[str]:
    """The comments and the docstrings of a file, those behind a constant too."""
    text = path.read_text()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.string
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value.value


@pytest.mark.parametrize("word", LIMITS)
def test_words_that_are_not_the_fields_become_fewer(word: str) -> None:
    used = [f"{path.relative_to(ROOT)}: {text.strip()[:80]}" for path, text in all_prose()
            for _ in re.findall(word, text, re.IGNORECASE)]  # fmt: skip

    assert len(used) <= LIMITS[word], "\n".join(used)
