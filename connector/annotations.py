"""Looking through type annotations: `Annotated[int, …] | None` -> `int`, and the marks on the way."""

import types
from typing import Any, Union, get_args, get_origin

from pydantic.fields import FieldInfo


def plain(annotation: Any) -> Any:
    """The type behind `| None` and `Annotated`."""
    while True:
        if get_origin(annotation) in (Union, types.UnionType):
            annotation = next(arg for arg in get_args(annotation) if arg is not type(None))
        elif hasattr(annotation, "__metadata__"):
            annotation = get_args(annotation)[0]
        else:
            return annotation


def marks(annotation: Any) -> list[Any]:
    """Everything that `Annotated` attaches, at any depth."""
    found = list(getattr(annotation, "__metadata__", ()))
    for part in get_args(annotation):
        found += marks(part)
    return found


def declared_format(annotation: Any) -> str | None:
    """The JSON-schema format that a type declares for itself, e.g. `date-time`."""
    extras = (mark.json_schema_extra for mark in marks(annotation) if isinstance(mark, FieldInfo))
    return next((str(extra["format"]) for extra in extras if isinstance(extra, dict) and "format" in extra), None)
