"""Models made past pydantic's checks, for values that have passed ours."""

from typing import Any, TypeVar

from pydantic import BaseModel

M = TypeVar("M", bound=BaseModel)

_new, _set = object.__new__, object.__setattr__


def unchecked(model: type[M], fields: dict[str, Any]) -> M:
    """The model with these fields, which are all that it has; many times faster than `model_construct`.

    For models without private attributes.
    """
    made = _new(model)
    _set(made, "__dict__", fields)
    _set(made, "__pydantic_fields_set__", set())
    _set(made, "__pydantic_extra__", None)
    _set(made, "__pydantic_private__", None)
    return made
