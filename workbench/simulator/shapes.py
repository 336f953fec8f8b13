"""Describes bodies once: the same table validates what a caller sends and is what the schema routes publish.

A schema is a Swagger 2 schema object. Unknown keys are tolerated and dropped, keys match in any case,
wrong types are refused with a text a field, as ASP.NET's JSON binding does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from workbench.simulator.clock import ticks
from workbench.simulator.wire import INT32, bad_request

LISTS_THAT_NEED = {"ListStatuses": "boardId", "ListCompanyTeams": "companyId"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One property: `type` and `format` as in Swagger, `picker` the list operation that offers its values."""

    type: str
    summary: str = ""
    format: str = ""
    enum: tuple[str, ...] = ()
    picker: str = ""
    required: bool = False
    items: "Field | None" = None
    properties: "Mapping[str, Field] | None" = None


Fields = Mapping[str, Field]


def text(summary: str, *, enum: tuple[str, ...] = (), picker: str = "", required: bool = False) -> Field:
    """A string."""
    return Field(type="string", summary=summary, enum=enum, picker=picker, required=required)


def moment(summary: str) -> Field:
    """A date and time."""
    return Field(type="string", format="date-time", summary=summary)


def whole(summary: str, *, picker: str = "", required: bool = False, large: bool = False) -> Field:
    """An int32, or an int64 when `large`."""
    size = "int64" if large else "int32"
    return Field(type="integer", format=size, summary=summary, picker=picker, required=required)


def decimal(summary: str) -> Field:
    """A double."""
    return Field(type="number", format="double", summary=summary)


def flag(summary: str, *, required: bool = False) -> Field:
    """A boolean."""
    return Field(type="boolean", summary=summary, required=required)


def many(items: Field, summary: str) -> Field:
    """An array."""
    return Field(type="array", summary=summary, items=items)


def record(summary: str, properties: Fields | None = None, *, required: bool = False) -> Field:
    """An object; without `properties` any object."""
    return Field(type="object", summary=summary, properties=properties, required=required)


def reference(summary: str, *, key: str = "integer") -> Field:
    """`{id, name}` with an int32 or a string id."""
    identifier = whole("Id") if key == "integer" else text("Id")
    return record(summary, {"id": identifier, "name": text("Name")})


def needed(field: Field) -> Field:
    """The same field, required."""
    return replace(field, required=True)


def schema_of(fields: Fields, summary: str = "") -> dict[str, Any]:
    """The Swagger 2 object schema of some fields."""
    schema: dict[str, Any] = {"type": "object", "properties": {name: _schema(field) for name, field in fields.items()}}
    required = [name for name, field in fields.items() if field.required]
    if required:
        schema["required"] = required
    if summary:
        schema["x-ms-summary"] = summary
    return schema


def _schema(field: Field) -> dict[str, Any]:
    if field.properties is not None:
        return schema_of(field.properties, field.summary)
    schema: dict[str, Any] = {"type": field.type}
    if field.format:
        schema["format"] = field.format
    if field.summary:
        schema["x-ms-summary"] = field.summary
    if field.enum:
        schema["enum"] = list(field.enum)
    if field.items is not None:
        schema["items"] = _schema(field.items)
    if field.picker:
        schema |= _picker(field.picker)
    return schema


def _picker(operation_id: str) -> dict[str, Any]:
    needs = LISTS_THAT_NEED.get(operation_id)
    return {
        "x-ms-dynamic-values": {
            "operationId": operation_id,
            "value-path": "id",
            "value-title": "name",
            "value-collection": "results",
            "parameters": {needs: {"parameter": needs}} if needs else {},
        },
        "x-ms-dynamic-list": {
            "operationId": operation_id,
            "itemsPath": "results",
            "itemTitlePath": "name",
            "itemValuePath": "id",
            "parameters": {needs: {"parameterReference": f"req/{needs}"}} if needs else {},
        },
    }


def read(fields: Fields, body: object) -> dict[str, Any]:
    """The known keys of a JSON body under their declared names, dates as ticks; null stays None, absent absent."""
    if not isinstance(body, dict):
        raise bad_request(req="A JSON object is required.")
    errors: dict[str, str] = {}
    values = _read_object(fields, body, "", errors)
    if errors:
        raise bad_request(**errors)
    return values


def _read_object(fields: Fields, body: dict[str, Any], path: str, errors: dict[str, str]) -> dict[str, Any]:
    declared = {name.lower(): name for name in fields}
    values: dict[str, Any] = {}
    for key, value in body.items():
        name = declared.get(key.lower())
        if name is not None:
            values[name] = None if value is None else _read(fields[name], value, path + name, errors)
    for name, field in fields.items():
        if field.required and values.get(name) in (None, ""):
            errors.setdefault(path + name, f"The {name} field is required.")
    return values


def _read(field: Field, value: object, path: str, errors: dict[str, str]) -> Any:
    match field.type, value:
        case "object", dict():
            return value if field.properties is None else _read_object(field.properties, value, f"{path}.", errors)
        case "array", list() if field.items is not None:
            item = field.items
            return [_read(item, element, f"{path}[{at}]", errors) for at, element in enumerate(value)]
        case "integer", int() if not isinstance(value, bool) and (field.format == "int64" or abs(value) <= INT32):
            return value
        case "number", int() | float() if not isinstance(value, bool):
            return float(value)
        case "boolean", bool():
            return value
        case "string", str():
            return _read_text(field, value, path, errors)
    kind = f"{field.type} ({field.format})" if field.format else field.type
    errors[path] = f"The JSON value could not be converted to {kind}."
    return None


def _read_text(field: Field, value: str, path: str, errors: dict[str, str]) -> str | int | None:
    if field.format == "date-time":
        try:
            return ticks(value)
        except ValueError:
            errors[path] = "The JSON value could not be converted to string (date-time)."
            return None
    if field.enum and value not in field.enum:
        errors[path] = f"The value '{value}' is not one of {', '.join(field.enum)}."
    return value
