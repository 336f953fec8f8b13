"""What changed from one swagger definition to the next, by the rules for certified connectors.

An operation is known by its operationId, an input by its name or its path in the body, an output by its path: these are
what a saved flow refers to.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from workbench.checks.diff.change import Change
from workbench.checks.json_reading import JsonObject, mapping, sequence, text
from workbench.checks.power_platform.definition import Definition
from workbench.checks.power_platform.operation import Operation
from workbench.checks.shapes import Field

# key -> whether a greater value admits fewer inputs
_LIMITS = {
    "minimum": True,
    "minLength": True,
    "minItems": True,
    "maximum": False,
    "maxLength": False,
    "maxItems": False,
}


@dataclass(frozen=True, slots=True)
class Input:
    """An input as a saved flow knows it."""

    location: str
    field: Field
    required: bool
    """Whether it must be there when what is around it is."""


def definition_changes(old: JsonObject, new: JsonObject) -> Iterator[Change]:
    """Every difference that matters to flows, apps and agents made with the old definition."""
    before, after = Definition(old), Definition(new)
    yield from _whole(old, new)
    for name, operation in before.by_id.items():
        if name in after.by_id:
            yield from _operation(operation, after.by_id[name])
        else:
            yield Change(operation.pointer, "operation-removed", f"'{name}' was removed.", True)
    for name, operation in after.by_id.items():
        if name not in before.by_id:
            yield Change(operation.pointer, "operation-added", f"'{name}' was added.", False)


def _whole(old: JsonObject, new: JsonObject) -> Iterator[Change]:
    if text(old.get("basePath")).rstrip("/") != text(new.get("basePath")).rstrip("/"):
        yield Change("/basePath", "path-changed", "The basePath of all operations changed.", True)
    if old.get("host") != new.get("host"):
        yield Change("/host", "host-changed", f"The host is '{new.get('host')}' now.", False)
    if _authentication(old) != _authentication(new):
        yield Change("/securityDefinitions", "authentication-changed", "The authentication changed.", True)


def _authentication(document: JsonObject) -> list[tuple[str, str, str]]:
    schemes = [mapping(scheme) for scheme in mapping(document.get("securityDefinitions")).values()]
    return sorted((text(scheme.get("type")), text(scheme.get("in")), text(scheme.get("flow"))) for scheme in schemes)


def _operation(old: Operation, new: Operation) -> Iterator[Change]:
    name, at = new.label, new.pointer
    if old.path != new.path:
        yield Change(at, "path-changed", f"The path of '{name}' was '{old.path}'.", True)
    if old.method != new.method:
        yield Change(at, "method-changed", f"'{name}' was a {old.method.upper()}.", True)
    if _trigger(old) != _trigger(new):
        yield Change(at, "trigger-changed", f"'{name}' was {_trigger(old)} and is {_trigger(new)}.", True)
    if "x-ms-pageable" in old.node and "x-ms-pageable" not in new.node:
        yield Change(at, "paging-removed", f"'{name}' does not come in pages any more.", True)
    if new.deprecated and not old.deprecated:
        yield Change(at, "operation-deprecated", f"'{name}' is deprecated.", False)
    if new.internal and not old.internal:
        yield Change(at, "operation-hidden", f"'{name}' is internal now.", False)
    yield from _inputs(old, new)
    yield from _outputs(old, new)


def _trigger(operation: Operation) -> str:
    if not operation.is_trigger:
        return "an action"
    return f"a {operation.node['x-ms-trigger']} {'webhook' if operation.is_webhook else 'polling'} trigger"


def _inputs(old: Operation, new: Operation) -> Iterator[Change]:
    before, after = _inputs_of(old), _inputs_of(new)
    for name, was in before.items():
        if name not in after:
            yield Change(was.field.pointer, "input-removed", f"The input '{name}' of '{new.label}' was removed.", True)
        else:
            yield from _input(name, was, after[name])
    for name, added in after.items():
        if name not in before:
            parent = name.rpartition("/")[0]
            needed = added.required and "default" not in added.field.node and (not parent or parent in before)
            kind = "required-input-added" if needed else "input-added"
            yield Change(added.field.pointer, kind, f"The input '{name}' of '{new.label}' was added.", needed)


def _input(name: str, was: Input, now: Input) -> Iterator[Change]:
    at, old, new = now.field.pointer, was.field.node, now.field.node
    if was.location != now.location:
        yield Change(at, "input-moved", f"'{name}' moved from {was.location} to {now.location}.", True)
    if now.required and not was.required and "default" not in new:
        yield Change(at, "input-made-required", f"'{name}' is required now.", True)
    if was.required and not now.required:
        yield Change(at, "input-made-optional", f"'{name}' is optional now.", False)
    if _type(old) != _type(new):
        yield Change(at, "input-type-changed", f"'{name}' was {_type(old)} and is {_type(new)}.", True)
    if old.get("default") != new.get("default"):
        yield Change(at, "default-changed", f"The default of '{name}' was {old.get('default')!r}.", False)
    if now.field.internal and not was.field.internal:
        yield Change(at, "input-hidden", f"'{name}' is internal now.", False)
    yield from _choices(name, at, old, new)
    for key, narrows_upwards in _LIMITS.items():
        yield from _limit(name, at, key, old.get(key), new.get(key), narrows_upwards)
    if "pattern" in new and new["pattern"] != old.get("pattern"):
        yield Change(at, "input-narrowed", f"'{name}' must match another pattern.", True)


def _choices(name: str, at: str, old: JsonObject, new: JsonObject) -> Iterator[Change]:
    before, after = sequence(old.get("enum")), sequence(new.get("enum"))
    if after and not before:
        yield Change(at, "enum-added", f"'{name}' takes only listed values now.", True)
    elif before and not after:
        yield Change(at, "enum-removed", f"'{name}' takes any value now.", False)
    else:
        for value in (value for value in before if value not in after):
            yield Change(at, "enum-value-removed", f"'{name}' does not take {value!r} any more.", True)
        for value in (value for value in after if value not in before):
            yield Change(at, "enum-value-added", f"'{name}' takes {value!r} now.", False)


def _limit(name: str, at: str, key: str, old: object, new: object, narrows_upwards: bool) -> Iterator[Change]:
    if not isinstance(new, int | float) or new == old:
        return
    narrower = not isinstance(old, int | float) or (new > old) == narrows_upwards
    kind = "input-narrowed" if narrower else "input-widened"
    yield Change(at, kind, f"The {key} of '{name}' is {new} now, it was {old}.", narrower)


def _outputs(old: Operation, new: Operation) -> Iterator[Change]:
    before = {"/".join(field.path): field for field in old.output_fields}
    after = {"/".join(field.path): field for field in new.output_fields}
    for name, was in before.items():
        what = f"The output '{name}' of '{new.label}'" if name else f"The output of '{new.label}'"
        if name not in after:
            yield Change(was.pointer, "output-removed", f"{what} was removed.", True)
            continue
        now = after[name]
        if _type(was.node) != _type(now.node):
            message = f"{what} was {_type(was.node)} and is {_type(now.node)}."
            yield Change(now.pointer, "output-type-changed", message, True)
        if now.internal and not was.internal:
            yield Change(now.pointer, "output-hidden", f"{what} is internal now.", True)
    for name, now in after.items():
        if name not in before:
            yield Change(now.pointer, "output-added", f"'{new.label}' gives '{name}' now.", False)


def _inputs_of(operation: Operation) -> dict[str, Input]:
    found = {
        parameter.name: Input(
            parameter.location,
            Field((parameter.name,), parameter.pointer, parameter.node, parameter.required, parameter.internal),
            parameter.required,
        )
        for parameter in operation.inputs
    }
    body = next((parameter.name for parameter in operation.parameters if parameter.location == "body"), "")
    needed: dict[tuple[str, ...], list[object]] = {}
    for field in operation.body_fields:
        needed[field.path] = sequence(field.node.get("required"))
        around = needed.get(field.path[:-1], []) if field.path else []
        required = field.path[-1] in around if field.path else field.required
        found["/".join((body, *field.path))] = Input("body", field, required)
    return found


def _type(node: JsonObject) -> str:
    kind, form = text(node.get("type")) or "untyped", text(node.get("format"))
    return f"{kind} ({form})" if form else kind
