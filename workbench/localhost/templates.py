"""Route templates (`tickets/{ticketId:int}/notes/{*rest}`) parsed into segments that match path segments."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from workbench.localhost.constraints import Constraint, constraint

_PARAMETER: Final = re.compile(r"(?P<stars>\*{0,2})(?P<name>[^:=?*{}/]+)")


class TemplateError(ValueError):
    """A route template that the host would refuse."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One `{name}`; `default` is the text after `=`, constraints all have to hold."""

    name: str
    constraints: tuple[Constraint, ...] = ()
    default: str | None = None
    optional: bool = False
    catch_all: bool = False

    @property
    def may_be_missing(self) -> bool:
        """Whether the path may end before it."""
        return self.optional or self.catch_all or self.default is not None

    def accepts(self, text: str) -> bool:
        """Whether every constraint holds."""
        return all(holds(text) for holds in self.constraints)


@dataclass(frozen=True, slots=True)
class Literal:
    """Fixed text; compared without regard to case."""

    text: str


@dataclass(frozen=True, slots=True)
class Mixed:
    """Several parts in one segment, e.g. `{name}.{ext?}`; the left parameters take as much as they can."""

    parts: tuple[Literal | Parameter, ...]

    def values(self, text: str) -> dict[str, str] | None:
        """Name -> value when the segment has this form, else None."""
        for pattern in self._patterns():
            if found := re.fullmatch(pattern, text, re.IGNORECASE | re.DOTALL):
                parameters = [part for part in self.parts if isinstance(part, Parameter)]
                pairs = zip(parameters, found.groups(), strict=False)
                return _accepted({parameter: value for parameter, value in pairs if value is not None})
        return None

    def _patterns(self) -> Iterator[str]:
        yield "".join(re.escape(part.text) if isinstance(part, Literal) else "(.+)" for part in self.parts)
        last = self.parts[-1]
        if isinstance(last, Parameter) and last.optional:
            # The separator in front of an optional last part (`{name}.{ext?}`) goes away with it.
            yield "".join(re.escape(part.text) if isinstance(part, Literal) else "(.+)" for part in self.parts[:-2])


Segment = Literal | Parameter | Mixed


def _accepted(values: dict[Parameter, str]) -> dict[str, str] | None:
    if all(parameter.accepts(text) for parameter, text in values.items()):
        return {parameter.name: text for parameter, text in values.items()}
    return None


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed template. `least` is how many path segments it needs; a catch-all takes any number beyond."""

    text: str
    segments: tuple[Segment, ...]

    @property
    def least(self) -> int:
        """How many segments a path must have."""
        count = len(self.segments)
        while count and isinstance(last := self.segments[count - 1], Parameter) and last.may_be_missing:
            count -= 1
        return count

    @property
    def takes_rest(self) -> bool:
        """Whether the last segment is a catch-all."""
        last = self.segments[-1] if self.segments else None
        return isinstance(last, Parameter) and last.catch_all

    def literals(self, count: int) -> tuple[int, ...]:
        """Which of the first `count` segments are fixed text."""
        return tuple(index for index, part in enumerate(self.segments[:count]) if isinstance(part, Literal))

    def bind(self, path: Sequence[str]) -> dict[str, str] | None:
        """Route values for a path whose literals are known to agree; None when a constraint or form fails."""
        values: dict[str, str] = {}
        for index, segment in enumerate(self.segments):
            if isinstance(segment, Parameter):
                text = self._text(segment, path, index)
                if text is None:
                    continue
                if segment.constraints and not segment.accepts(text):
                    return None
                values[segment.name] = text
            elif isinstance(segment, Mixed):
                found = segment.values(path[index])
                if found is None:
                    return None
                values.update(found)
        return values

    @staticmethod
    def _text(parameter: Parameter, path: Sequence[str], index: int) -> str | None:
        if index >= len(path):
            return parameter.default
        return "/".join(path[index:]) if parameter.catch_all else path[index]


def parse(text: str) -> Template:
    """Parse a template; raises `TemplateError` or `ConstraintError` for one that the host would refuse."""
    segments = tuple(_segment(part, text) for part in _split(text.strip("/"), text))
    names = [part.name.lower() for segment in segments for part in _parts(segment) if isinstance(part, Parameter)]
    if len(names) != len(set(names)):
        raise TemplateError(f"The route '{text}' names one parameter twice.")
    for segment in segments[:-1]:
        if isinstance(segment, Parameter) and segment.catch_all:
            raise TemplateError(f"In the route '{text}' a catch-all has to come last.")
    return Template(text, segments)


def _parts(segment: Segment) -> tuple[Literal | Parameter, ...]:
    return segment.parts if isinstance(segment, Mixed) else (segment,)


def _split(text: str, whole: str) -> list[str]:
    """Segments between slashes; a slash inside braces (in a regex) does not count."""
    if not text:
        return []
    pieces, inside = [""], False
    for character, inside in _braces(text, whole):
        if character == "/" and not inside:
            pieces.append("")
        else:
            pieces[-1] += character
    if inside:
        raise TemplateError(f"The route '{whole}' opens a brace that it does not close.")
    if "" in pieces:
        raise TemplateError(f"The route '{whole}' has an empty segment.")
    return pieces


def _braces(text: str, whole: str) -> Iterator[tuple[str, bool]]:
    """Each character with whether it is inside a parameter; doubled braces are kept as they are."""
    inside, position = False, 0
    while position < len(text):
        pair, character = text[position : position + 2], text[position]
        if pair in ("{{", "}}"):
            yield pair, inside
            position += 2
            continue
        if character == "{" if inside else character == "}":
            raise TemplateError(f"The route '{whole}' has a brace out of place.")
        if character in "{}":
            inside = character == "{"
        yield character, inside
        position += 1


def _segment(text: str, whole: str) -> Segment:
    parts: list[Literal | Parameter] = []
    buffer, was_inside = "", False
    for character, inside in _braces(text, whole):
        if character == "{" and not was_inside:
            if buffer:
                parts.append(Literal(buffer))
            buffer = ""
        elif character == "}" and was_inside:
            parts.append(_parameter(buffer, whole))
            buffer = ""
        else:
            buffer += character[0] if len(character) == 2 else character
        was_inside = inside
    if buffer:
        parts.append(Literal(buffer))
    if len(parts) == 1:
        return parts[0]
    _check_mixed(parts, whole)
    return Mixed(tuple(parts))


def _check_mixed(parts: list[Literal | Parameter], whole: str) -> None:
    for left, right in pairwise(parts):
        if isinstance(left, Parameter) and isinstance(right, Parameter):
            raise TemplateError(f"In the route '{whole}' two parameters touch; put text between them.")
        if isinstance(left, Parameter) and left.optional:
            raise TemplateError(f"In the route '{whole}' an optional parameter has to come last.")
    if any(isinstance(part, Parameter) and part.catch_all for part in parts):
        raise TemplateError(f"In the route '{whole}' a catch-all has to stand alone in its segment.")


def _parameter(text: str, whole: str) -> Parameter:
    """`name`, `name?`, `name=default`, `*rest`, each with `:constraint` in any number after the name."""
    head = _PARAMETER.match(text)
    if head is None:
        raise TemplateError(f"The route '{whole}' has a parameter without a name.")
    rest = text[head.end() :]
    constraints: list[Constraint] = []
    while rest.startswith(":"):
        written, rest = _constraint_text(rest[1:])
        constraints.append(constraint(written))
    default = rest[1:] if rest.startswith("=") else None
    if rest not in ("", "?") and default is None:
        raise TemplateError(f"The route '{whole}' has a parameter that cannot be read: '{text}'.")
    return Parameter(head["name"], tuple(constraints), default, rest == "?", bool(head["stars"]))


def _constraint_text(text: str) -> tuple[str, str]:
    """One constraint and what follows it; brackets may hold anything, also colons and question marks."""
    depth = 0
    for position, character in enumerate(text):
        if character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
        elif character in ":=?" and not depth:
            return text[:position], text[position:]
    return text, ""
