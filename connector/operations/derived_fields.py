"""Fields of one input taken over into another: declared once, so that both are always the same.

`UpdateTickets` takes what `UpdateTicket` takes, and finds its tickets by the filters of `FindTickets`.
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import Field, create_model
from pydantic.fields import FieldInfo

from connector.operations.field_model import Reference
from connector.operations.fields import Input

M = TypeVar("M", bound=Input)


def with_fields_of(source: type[Input], left_out: Collection[str], *, place: str = "") -> Callable[[type[M]], type[M]]:
    """Decorate an input so that it also has the fields of `source`.

    `place`: the name of the field that the input will be the value of; references then depend on what stands there.
    """

    def decorate(model: type[M]) -> type[M]:
        fields: dict[str, Any] = {
            name: (_annotation(info, place), _declared(info))
            for name, info in source.model_fields.items()
            if name not in left_out
        }
        return create_model(
            model.__name__, __base__=model, __module__=model.__module__, __doc__=model.__doc__, **fields
        )

    return decorate


def taken_from(inputs: Input, source: type[M], **more: object) -> M:
    """What `inputs` sets of the fields of `source`, as `source` takes them."""
    names = {name for name in inputs.model_fields_set if name in source.model_fields}
    values = {name: getattr(inputs, name) for name in names} | more
    return source.model_validate({source.model_fields[name].alias or name: value for name, value in values.items()})


def _annotation(info: FieldInfo, place: str) -> Any:
    kind = _placed(info.annotation, place) if place else info.annotation
    return Annotated[(kind, *info.metadata)] if info.metadata else kind


def _declared(info: FieldInfo) -> Any:
    return Field(info.default, description=info.description, json_schema_extra=info.json_schema_extra)


def _placed(annotation: Any, place: str) -> Any:
    """The same type, whose references depend on the fields beside it in `place`."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        kind, *marks = parts
        return Annotated[(_placed(kind, place), *(_needing(mark, place) for mark in marks))]
    if origin in (Union, UnionType):
        return Union[tuple(_placed(part, place) for part in parts)]  # noqa: UP007  (made at run time)
    if origin is list:
        return list[_placed(parts[0], place)]  # type: ignore[misc]
    return annotation


def _needing(mark: Any, place: str) -> Any:
    if not isinstance(mark, Reference):
        return mark
    return replace(mark, needs=tuple((parameter, f"{place}/{field}") for parameter, field in mark.needs))
