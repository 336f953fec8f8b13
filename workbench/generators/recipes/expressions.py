"""Expressions of recipes in the words of each platform."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

_BRACES: Final = re.compile(r"\{\{((?:(?!\}\}).)+)\}\}", re.DOTALL)
_PATH: Final = r"((?:\.\w+)*)"
_TRIGGER: Final = re.compile(r"\$trigger" + _PATH)
_STEP: Final = re.compile(r"\$step\((\w+)\)" + _PATH)
_ITEM: Final = re.compile(r"\$item\((\w+)\)" + _PATH)
_VALUE: Final = re.compile(r"\$value\((\w+)\)")
_EACH: Final = re.compile(r"\$each" + _PATH)
_SETTING: Final = re.compile(r"\$setting\((\w+)\)")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a platform refers to what the trigger, a step, or an environment variable gives."""

    trigger: Callable[[list[str]], str]
    step: Callable[[str, list[str]], str]
    setting: Callable[[str], str]


def written(value: Any, dialect: Dialect) -> Any:
    """A value with its expressions in the dialect."""
    if isinstance(value, dict):
        return {name: written(inner, dialect) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [written(inner, dialect) for inner in value]
    if not isinstance(value, str):
        return value
    whole = _BRACES.fullmatch(value)
    if whole:
        return "@" + expression(whole[1], dialect)
    return _BRACES.sub(lambda match: "@{" + expression(match[1], dialect) + "}", value)


def expression(text: str, dialect: Dialect) -> str:
    """One expression, without braces, in the dialect."""
    text = _TRIGGER.sub(lambda match: dialect.trigger(_parts(match[1])), text)
    text = _STEP.sub(lambda match: dialect.step(match[1], _parts(match[2])), text)
    text = _VALUE.sub(lambda match: f"outputs('{match[1]}')", text)
    text = _ITEM.sub(lambda match: f"items('{match[1]}')" + inside(_parts(match[2])), text)
    text = _EACH.sub(lambda match: "item()" + inside(_parts(match[1])), text)
    return _SETTING.sub(lambda match: dialect.setting(match[1]), text).strip()


def inside(parts: list[str]) -> str:
    """Safe navigation: `?['a']?['b']`."""
    return "".join(f"?['{part}']" for part in parts)


def _parts(path: str) -> list[str]:
    return [part for part in path.split(".") if part]
