"""What an operation takes and answers, read from its function at first use (cold start: models build when needed)."""

import inspect
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_type_hints

from pydantic import BaseModel, create_model

from connector.deskdirector.client import DeskDirector
from connector.operations.confirmation import Plans
from connector.operations.field_model import Field, fields_of
from connector.operations.fields import Input, QueryInput
from connector.operations.operation import Operation
from connector.operations.request import Request
from connector.unchecked import unchecked

Location = Literal["path", "query", "body"]


@dataclass(frozen=True, slots=True)
class Signature:
    """How to call an operation: which arguments, and the models that check them."""

    dd: str | None
    """The name of the parameter that takes the caller's DeskDirector; None when no connection is needed."""
    request: str | None
    body: tuple[str, type[Input]] | None
    parameters: type[Input]
    """Path and query parameters together, as one model."""
    output: type[BaseModel] | None
    query: tuple[str, type[QueryInput]] | None = None
    """The parameter that takes a group of query parameters as one object; `parameters` has its fields."""
    query_fields: tuple[str, ...] = ()
    plans: str | None = None
    """The name of the parameter that takes the caller's plans that wait for a confirmation."""

    def values(self, parameters: BaseModel) -> dict[str, Any]:
        """Checked path and query parameters as arguments of the function."""
        if not self.query:
            return vars(parameters).copy()
        (name, model), values = self.query, vars(parameters).copy()
        values[name] = unchecked(model, {field: values.pop(field) for field in self.query_fields})
        return values

    def fields(self, operation: Operation) -> list[tuple[Location, Field]]:
        """Everything it takes, with where each stands: path, then query, then body."""
        outside = fields_of(self.parameters)
        path = [("path", field) for field in outside if field.name in operation.path_names]
        query = [("query", field) for field in outside if field.name not in operation.path_names]
        body = [("body", field) for field in fields_of(self.body[1])] if self.body else []
        return [*path, *query, *body]  # type: ignore[list-item]


@cache
def signature_of(operation: Operation) -> Signature:
    """Read the signature of an operation's function."""
    hints = get_type_hints(operation.handler, include_extras=True)
    output = hints.pop("return", None)
    special: dict[type, str] = {}
    body: tuple[str, type[Input]] | None = None
    query: tuple[str, type[QueryInput]] | None = None
    outside: dict[str, Any] = {}
    for name, parameter in inspect.signature(operation.handler).parameters.items():
        hint = hints[name]
        if hint in (DeskDirector, Request, Plans):
            special[hint] = name
        elif isinstance(hint, type) and issubclass(hint, QueryInput):
            query = (name, hint)
        elif isinstance(hint, type) and issubclass(hint, Input):
            body = (name, hint)
        else:
            outside[name] = (hint, ... if parameter.default is inspect.Parameter.empty else parameter.default)
    return Signature(
        dd=special.get(DeskDirector),
        request=special.get(Request),
        body=body,
        parameters=create_model(f"{operation.id}Parameters", __base__=query[1] if query else Input, **outside),
        output=output if isinstance(output, type) and issubclass(output, BaseModel) else None,
        query=query,
        query_fields=tuple(query[1].model_fields) if query else (),
        plans=special.get(Plans),
    )
