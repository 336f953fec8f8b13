"""What a model looks like from outside: every face renders these `Field`s into its own dialect."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from connector.annotations import declared_format, marks, plain
from connector.deskdirector.models import TENANT_TYPE
from connector.naming import camel, title_case
from connector.operations.input_kinds import Clearable
from connector.operations.input_limits import limits_of, most_items
from connector.operations.operation import Visibility

Type = Literal["string", "integer", "number", "boolean", "array", "object"]
_SCALARS: dict[Any, tuple[Type, str | None]] = {
    str: ("string", None),
    int: ("integer", "int32"),
    float: ("number", "double"),
    bool: ("boolean", None),
}


@dataclass(frozen=True, slots=True)
class Reference:
    """Marks a text that takes an id or a name: which lookup offers the choices, and what that lookup needs.

    `needs` maps a parameter of the lookup to the field beside this one that supplies it: `{"board": "board"}`.
    """

    lookup: str
    noun: str
    needs: tuple[tuple[str, str], ...] = ()
    several: bool = False
    """Whether the text may name several, separated by commas or line breaks."""


@dataclass(frozen=True, slots=True)
class DynamicSchema:
    """Marks an object whose properties only the tenant knows: which operation answers its schema, and what that needs.

    `needs` maps a parameter of that operation to a field beside this one, or, with a leading `=`, to a literal.
    """

    operation: str
    needs: tuple[tuple[str, str], ...] = ()
    value_path: str = "schema"


@dataclass(frozen=True, slots=True)
class Shown:
    """Marks how prominent a field is."""

    visibility: Visibility


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Marks what people outside the service desk read or get, unless the yes/no field `unless` beside it is yes."""

    unless: str = ""


NOTICE = "notice"
"""The part of answers that is about the call, not about the thing; it comes last."""
_PROMINENCE = ("important", "none", "advanced", "internal")
IMPORTANT = Shown("important")
ADVANCED = Shown("advanced")
INTERNAL = Shown("internal")


@dataclass(frozen=True, slots=True)
class Field:
    """One property or parameter. `items` is set on arrays, `fields` on objects (arrays of objects: in `items`)."""

    name: str
    type: Type
    title: str
    description: str
    required: bool = False
    format: str | None = None
    enum: tuple[str, ...] = ()
    default: Any = None
    visibility: Visibility = "none"
    items: "Field | None" = None
    fields: tuple["Field", ...] = ()
    reference: Reference | None = None
    dynamic: DynamicSchema | None = None
    outgoing: Outgoing | None = None
    example: Any = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Further JSON-schema keys that the model declares, such as `x-ms-notification-url`."""
    model: str = ""
    """The name of the model that an object is, under which documents describe it once."""
    limits: Mapping[str, Any] = field(default_factory=dict)
    """What an input is held to, as JSON Schema says it: `minimum`, `maxItems` …; empty for answers."""


@cache
def fields_of(model: type[BaseModel], *, output: bool = False) -> tuple[Field, ...]:
    """The fields of a model; fields that are never answered are left out.

    What is answered keeps its order. Of what is taken, people see what they need most first: designers keep that order.
    """
    fields = [
        field_of(_wire_name(name, info, output=output), info, output=output)
        for name, info in model.model_fields.items()
        if not info.exclude
    ]
    if output:
        fields.sort(key=lambda field: field.name == NOTICE)
    else:
        fields.sort(key=lambda field: (not field.required, _PROMINENCE.index(field.visibility)))
    return tuple(fields)


def field_of(name: str, info: FieldInfo, *, output: bool = False) -> Field:
    """Describe one field under its wire name."""
    extra = dict(info.json_schema_extra) if isinstance(info.json_schema_extra, dict) else {}
    marked = {type(mark): mark for mark in info.metadata}
    shown = marked.get(Shown)
    kind = _describe(info.annotation, output=output)
    clearable = marked.get(Clearable)
    if isinstance(clearable, Clearable):
        kind["items"] = replace(kind["items"], enum=clearable.names)
    return Field(
        name=name,
        title=info.title or title_case(name),
        description=" ".join((info.description or "").split()),
        required=info.is_required(),
        default=None if info.is_required() or info.default_factory is not None else info.default,
        visibility=shown.visibility if isinstance(shown, Shown) else "none",
        reference=_mark(marked, info.annotation, Reference),
        dynamic=_mark(marked, info.annotation, DynamicSchema) or _tenant_schema(extra.pop(TENANT_TYPE, None)),
        outgoing=_mark(marked, info.annotation, Outgoing),
        example=info.examples[0] if info.examples else None,
        **{**kind, **({"format": extra.pop("format")} if "format" in extra else {})},
        extra=extra,
        limits={} if output else _limits(kind["type"], info),
    )


def _limits(type_: Type, info: FieldInfo) -> dict[str, Any]:
    """The limits of an input; of a list, those of the list itself."""
    if type_ != "array":
        return limits_of(type_, [*info.metadata, *marks(info.annotation)])
    items = [mark for item in get_args(plain(info.annotation)) for mark in marks(item)]
    own = [mark for mark in info.metadata if mark not in items]
    is_reference = any(isinstance(mark, Reference) for mark in items)
    return {**limits_of(type_, own), "maxItems": most_items(is_reference=is_reference, declared=own)}


def _tenant_schema(kind: Any) -> DynamicSchema | None:
    """What an entity of DeskDirector's has besides its fields."""
    return DynamicSchema("GetAdditionalFieldsSchema", (("operation", f"={kind}"),)) if kind else None


def _wire_name(name: str, info: FieldInfo, *, output: bool) -> str:
    alias = info.serialization_alias if output else info.alias
    return alias if isinstance(alias, str) else camel(name)


def _mark(marked: dict[type, Any], annotation: Any, kind: type) -> Any:
    """A mark on the field itself or on the items of its list."""
    return marked.get(kind) or next((mark for mark in marks(annotation) if isinstance(mark, kind)), None)


def _describe(annotation: Any, *, output: bool) -> dict[str, Any]:
    kind = plain(annotation)
    if get_origin(kind) is Literal:
        return {"type": "string", "enum": get_args(kind)}
    if get_origin(kind) is list:
        (item,) = get_args(kind)
        described = _describe(item, output=output)
        limits = {} if output else limits_of(described["type"], marks(item))
        return {"type": "array", "items": Field(name="", title="", description="", **described, limits=limits)}
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {"type": "object", "fields": fields_of(kind, output=output), "model": kind.__name__}
    if kind in _SCALARS:
        scalar, usual = _SCALARS[kind]
        return {"type": scalar, "format": declared_format(annotation) or usual}
    return {"type": "object"}
