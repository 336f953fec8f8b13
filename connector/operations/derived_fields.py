"""Fields of one input taken over into another, under a prefix: declared once, so that both are always the same.

Inputs are flat, so what finds something and what changes it stand side by side: `board` and `whereBoard`.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from types import UnionType
from typing import Annotated, Any, Final, TypeVar, Union, cast, get_args, get_origin

from pydantic import Field, create_model
from pydantic.fields import FieldInfo

from connector.operations.field_model import ADVANCED, IMPORTANT, Reference, Shown
from connector.operations.fields import Input
from connector.operations.input_kinds import RELATIVE_DATES

M = TypeVar("M", bound=Input)
WHERE: Final = "where"


def filtered_by(source: type[Input], left_out: Collection[str]) -> Callable[[type[M]], type[M]]:
    """Decorate an input so that it also has the filters of `source`: `board` as `whereBoard`.

    What is prominent there is shown here too, everything else is advanced.
    """

    def decorate(model: type[M]) -> type[M]:
        fields = {
            f"{WHERE}_{name}": _prefixed(info, model.model_config["alias_generator"])
            for name, info in source.model_fields.items()
            if name not in left_out
        }
        return _with_fields(model, fields)

    return decorate


def with_fields_of(source: type[Input], left_out: Collection[str]) -> Callable[[type[M]], type[M]]:
    """Decorate an input so that it also has the fields of `source`, under the same names."""

    def decorate(model: type[M]) -> type[M]:
        return _with_fields(
            model, {name: _taken(info) for name, info in source.model_fields.items() if name not in left_out}
        )

    return decorate


def filters_in(inputs: Input, source: type[M], **more: Any) -> M | None:
    """The filters that `inputs` sets, as `source` takes them; None when it sets none."""
    start = f"{WHERE}_"
    given = {name.removeprefix(start) for name in inputs.model_fields_set if name.startswith(start)}
    if not given:
        return None
    values = {name: getattr(inputs, start + name) for name in given} | more
    return source.model_validate({source.model_fields[name].alias or name: value for name, value in values.items()})


def _with_fields(model: type[M], fields: Mapping[str, tuple[Any, Any]]) -> type[M]:
    made = create_model(model.__name__, __base__=model, __module__=model.__module__, __doc__=model.__doc__, **fields)  # type: ignore[call-overload]
    return cast("type[M]", made)


def _taken(info: FieldInfo) -> tuple[Any, Any]:
    kind = Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation
    return kind, _declared(info)


def _prefixed(info: FieldInfo, camel: Any) -> tuple[Any, Any]:
    shown = next((mark for mark in info.metadata if isinstance(mark, Shown)), None)
    others = [mark for mark in info.metadata if not isinstance(mark, Shown)]
    prominence = [] if shown in (None, IMPORTANT) else [ADVANCED]
    annotation = _renamed(info.annotation, lambda name: camel(f"{WHERE}_{name}"))
    return Annotated[(annotation, *others, *prominence, RELATIVE_DATES)], _declared(info)


def _declared(info: FieldInfo) -> Any:
    return Field(info.default, description=info.description, json_schema_extra=info.json_schema_extra)


def _renamed(annotation: Any, rename: Callable[[str], str]) -> Any:
    """The same type, whose references depend on the renamed fields."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        kind, *marks = parts
        return Annotated[(_renamed(kind, rename), *(_needing(mark, rename) for mark in marks))]
    if origin in (Union, UnionType):
        return Union[tuple(_renamed(part, rename) for part in parts)]  # noqa: UP007  (made at run time)
    if origin is list:
        return list[_renamed(parts[0], rename)]  # type: ignore[misc]
    return annotation


def _needing(mark: Any, rename: Callable[[str], str]) -> Any:
    if not isinstance(mark, Reference):
        return mark
    return replace(mark, needs=tuple((parameter, rename(field)) for parameter, field in mark.needs))
