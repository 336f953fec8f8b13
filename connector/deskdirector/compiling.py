"""Reading objects of one shape, as fast as Python can: a function is generated for it, as `dataclasses` does.

Only the structure goes into the source. Keys, names and converters are its variables, so nothing that a site answers
ever becomes code.
"""

from collections.abc import Callable, Mapping
from typing import Any

from connector.deskdirector.converting import MISSING, Convert

Find = Callable[[Mapping[str, Any]], Any]
"""Gives the value of a field in an object, MISSING when it has none."""
Quick = Callable[[Mapping[str, Any]], dict[str, Any] | None]
"""Gives all fields of an object, None when it lacks a required one."""


class ShapeWriter:
    """Writes the function; `defaults` are the values of fields that an object lacks, MISSING for required ones."""

    def __init__(self, defaults: Mapping[str, Any]) -> None:
        self._defaults = defaults
        self._lines: list[str] = []
        self._space: dict[str, Any] = {"MISSING": MISSING, "dict": dict, "type": type}
        self._variables: dict[str, str] = {}

    def plain(self, key: str, name: str, kind: type | None, convert: Convert) -> None:
        """A field whose only place is `key`; values of type `kind` need no conversion."""
        value = self._variable(name)
        self._line(f"{value} = data[{self._constant(key)}]")
        converted = f"MISSING if {value} is None else {self._constant(convert)}({value})"
        if kind is None:
            self._line(f"{value} = {converted}")
            self._default(name)
        else:
            self._line(f"if type({value}) is not {self._constant(kind)}:")
            self._line(f"    {value} = {converted}")
            self._default(name, "    ")

    def members(self, key: str, fields: list[tuple[str, str, type | None, Find]]) -> None:
        """Fields below `key`: each with its key inside, its name, its type, and how to find it otherwise."""
        self._line(f"inner = data[{self._constant(key)}]")
        self._line("if type(inner) is dict:")
        for part, name, kind, find in fields:
            value = self._variable(name)
            self._line(f"    {value} = inner.get({self._constant(part)})")
            self._line(f"    if type({value}) is not {self._constant(kind)} or not {value}:")
            self._line(f"        {value} = {self._constant(find)}(data)")
            self._default(name, "        ")
        self._line("elif inner is None:")
        for _, name, _, _ in fields:
            self._line(f"    {self._variable(name)} = {self._blank(name)}")
        self._line("else:")
        for _, name, _, find in fields:
            self._line(f"    {self._variable(name)} = {self._constant(find)}(data)")
            self._default(name, "    ")

    def searched(self, name: str, find: Find) -> None:
        """A field with several places."""
        self._line(f"{self._variable(name)} = {self._constant(find)}(data)")
        self._default(name)

    def function(self) -> Quick:
        """The function."""
        for name, default in self._defaults.items():
            if default is MISSING:
                self._line(f"if {self._variables.get(name, 'MISSING')} is MISSING:")
                self._line("    return None")
        items = (f"{self._constant(name)}: {self._variables.get(name) or self._blank(name)}" for name in self._defaults)
        source = "\n    ".join(["def read(data):", *self._lines, f"return {{{', '.join(items)}}}"])
        # The source holds structure only; field and key names are passed as values.
        exec(source, self._space)  # noqa: S102  # nosec B102
        function: Quick = self._space["read"]
        return function

    def _line(self, text: str) -> None:
        self._lines.append(text)

    def _default(self, name: str, indent: str = "") -> None:
        if self._defaults[name] is not MISSING:
            value = self._variable(name)
            self._line(f"{indent}if {value} is MISSING:")
            self._line(f"{indent}    {value} = {self._blank(name)}")

    def _blank(self, name: str) -> str:
        """The default of a field; lists and objects are new each time."""
        default = self._defaults[name]
        if isinstance(default, list | dict):
            return f"{self._constant(default)}.copy()"
        return self._constant(default)

    def _variable(self, name: str) -> str:
        return self._variables.setdefault(name, f"value{len(self._variables)}")

    def _constant(self, value: Any) -> str:
        name = f"constant{len(self._space)}"
        self._space[name] = value
        return name
