"""Reading objects of one shape, as fast as Python can: a function is generated for it, as `dataclasses` does.

Only the structure goes into the source. Keys, names and converters are its variables, so nothing that a site answers
ever becomes code. The function takes short cuts for what it was shown; whatever else comes is left to the search that
reads any shape.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from connector.deskdirector.converting import LONGEST_NUMBER, MISSING, Convert, is_bare, to_date
from connector.deskdirector.dates import utc_time

Find = Callable[[Mapping[str, Any]], Any]
"""Gives the value of a field in an object, MISSING when it has none."""
Quick = Callable[[Mapping[str, Any]], dict[str, Any] | None]
"""Gives all fields of an object, None when it lacks a required one."""

_PLAIN_KINDS: Final = frozenset({int, bool, float})


@dataclass(frozen=True, slots=True)
class Member:
    """A field that is looked for inside an object: under which keys, and how."""

    name: str
    part: str
    """The key inside."""
    spelled: Callable[[tuple[str, ...]], str | None]
    """The key of an object with these keys that the field is read from, "" when it has none; None when it may vary."""
    kind: type | None
    """The type of values that need no conversion."""
    convert: Convert
    find: Find
    bare: tuple[Any, ...]
    """The annotations of the field where a bare name or id may stand in place of the object."""


class ShapeWriter:
    """Writes the function; `defaults` are the values of fields that an object lacks, MISSING for required ones."""

    def __init__(self, defaults: Mapping[str, Any]) -> None:
        self._defaults = defaults
        self._lines: list[str] = []
        self._space: dict[str, Any] = {"MISSING": MISSING, "utc_time": utc_time, "inside": _inside,
                                       "PLAIN": _PLAIN_KINDS}  # fmt: skip
        self._variables: dict[str, str] = {}

    def plain(self, key: str, name: str, kind: type | None, convert: Convert) -> None:
        """A field whose only place is `key`; values of type `kind` need no conversion."""
        value = self._variable(name)
        self._line(f"{value} = data[{self._constant(key)}]")
        if convert is to_date and self._defaults[name] is None:
            self._line(f"if {value} is not None:")
            self._line(f"    {value} = utc_time({value})")
            return
        converted = f"MISSING if {value} is None else {self._constant(convert)}({value})"
        if kind is None:
            self._line(f"{value} = {converted}")
            self._default(name)
        else:
            self._line(f"if type({value}) is not {self._constant(kind)}:")
            self._line(f"    {value} = {converted}")
            self._default(name, "    ")

    def members(self, key: str, fields: list[Member], sample: Any) -> None:
        """Fields below `key`; `sample` is what stands there usually."""
        self._line(f"inner = data[{self._constant(key)}]")
        self._line("if inner is None:")
        self._each(fields, lambda field: self._blank(field.name))
        if type(sample) is dict and any(field.part not in sample for field in fields):
            self._line(f"elif type(inner) is dict and tuple(inner) == {self._constant(tuple(sample))}:")
            for field in fields:
                spelled = field.spelled(tuple(sample))
                if spelled is None:
                    self._searched(field.name, field.find, "    ")
                elif spelled:
                    self._inner(field, f"inner[{self._constant(spelled)}]")
                else:
                    self._line(f"    {self._variable(field.name)} = {self._blank(field.name)}")
        else:
            self._line("elif type(inner) is dict:")
            for field in fields:
                self._inner(field, f"inner.get({self._constant(field.part)})")
        self._line("elif type(inner) is int:")
        self._each(fields, lambda field: self._bare(field, int))
        self._line("elif type(inner) is str:")
        self._each(fields, lambda field: self._bare(field, str))
        self._line("else:")
        for field in fields:
            self._searched(field.name, field.find, "    ")

    def searched(self, name: str, find: Find) -> None:
        """A field with several places."""
        self._searched(name, find, "")

    def others(self, name: str, keys: Mapping[str, str], convert: Convert) -> None:
        """The field that takes what no other looks at: keys, each with the name that it is given."""
        variable = self._variable(name)
        self._line(f"{variable} = {{}}")
        for key, given in keys.items():
            store = f"{variable}[{self._constant(given)}]"
            self._line(f"value = data[{self._constant(key)}]")
            self._line("if type(value) is str:")
            self._line("    if value:")
            self._line(f"        {store} = value if value[0] != '/' else {self._constant(convert)}(value)")
            self._line("elif type(value) in PLAIN:")
            self._line(f"    {store} = value")
            self._line("elif value:")
            self._line(f"    {store} = {self._constant(convert)}(value)")
        self._line(f"{variable} = {variable} or None")

    def function(self) -> Quick:
        """The function."""
        for name, default in self._defaults.items():
            if default is MISSING:
                self._line(f"if {self._variables.get(name, 'MISSING')} is MISSING:")
                self._line("    return None")
        # A copy of all defaults takes less time than a new object of as many fields.
        self._line(f"fields = {self._constant(dict(self._defaults).copy)}()")
        for name, default in self._defaults.items():
            if name in self._variables or isinstance(default, list | dict):
                self._line(f"fields[{name!r}] = {self._variables.get(name) or self._blank(name)}")
        source = "\n    ".join(["def read(data):", *self._lines, "return fields"])
        # The source holds structure and the names of our fields only; keys are passed as values.
        exec(source, self._space)  # noqa: S102  # nosec B102
        function: Quick = self._space["read"]
        return function

    def _inner(self, field: Member, value: str) -> None:
        variable = self._variable(field.name)
        find, convert = self._constant(field.find), self._constant(field.convert)
        self._line(f"    {variable} = {value}")
        self._line(f"    if type({variable}) is not {self._constant(field.kind)} or not {variable}:")
        if field.kind is int:
            self._line(f"        if type({variable}) is str and {variable}.isdecimal() and {variable}.isascii()"
                       f" and len({variable}) <= {LONGEST_NUMBER}:")  # fmt: skip
            self._line(f"            {variable} = int({variable})")
            self._line("        else:")
            self._line(f"            {variable} = inside({variable}, {convert}, {find}, data)")
        else:
            self._line(f"        {variable} = inside({variable}, {convert}, {find}, data)")
        self._default(field.name, "        ")

    def _bare(self, field: Member, kind: type) -> str:
        """What a bare value of this kind is for the field: itself, nothing, or for the search to say."""
        sample = kind()
        if not any(is_bare(annotation, sample) for annotation in field.bare):
            return self._blank(field.name)
        return "inner" if field.kind is kind else f"{self._constant(field.find)}(data)"

    def _each(self, fields: list[Member], value: Callable[[Member], str]) -> None:
        for field in fields:
            variable = self._variable(field.name)
            self._line(f"    {variable} = {value(field)}")
            self._default(field.name, "    ")

    def _searched(self, name: str, find: Find, indent: str) -> None:
        self._line(f"{indent}{self._variable(name)} = {self._constant(find)}(data)")
        self._default(name, indent)

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
        if default is None or isinstance(default, bool):
            return repr(default)
        if isinstance(default, list | dict):
            return f"{self._constant(default)}.copy()"
        return "MISSING" if default is MISSING else self._constant(default)

    def _variable(self, name: str) -> str:
        return self._variables.setdefault(name, f"value{len(self._variables)}")

    def _constant(self, value: Any) -> str:
        name = f"constant{len(self._space)}"
        self._space[name] = value
        return name


def _inside(value: Any, convert: Convert, find: Find, data: Mapping[str, Any]) -> Any:
    """What a field has at its first place inside an object, else what the search finds."""
    if value is not None:
        value = convert(value)
        if value is not MISSING and (value or type(value) not in (str, list)):
            return value
    return find(data)
