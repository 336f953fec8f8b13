"""What changed from one apiProperties document to the next: whether existing connections go on working."""

from collections.abc import Iterator

from workbench.checks.diff.change import Change
from workbench.checks.json_reading import JsonObject, mapping, pointer, text

_ROOT = "/properties/connectionParameters"
_SETS = "/properties/connectionParameterSets/values"


def property_changes(old: JsonObject, new: JsonObject) -> Iterator[Change]:
    """Every difference in what a connection is made of; certification refuses any other authentication."""
    before, after = mapping(old.get("properties")), mapping(new.get("properties"))
    old_sets, new_sets = _sets(before), _sets(after)
    if bool(old_sets) != bool(new_sets):
        yield Change("/properties", "authentication-changed", "The ways to connect were replaced.", True)
        return
    yield from _parameters(_ROOT, before.get("connectionParameters"), after.get("connectionParameters"))
    for name, (at, one) in old_sets.items():
        if name not in new_sets:
            yield Change(at, "connection-set-removed", f"The way to connect '{name}' was removed.", True)
        else:
            now_at, now = new_sets[name]
            yield from _parameters(f"{now_at}/parameters", one.get("parameters"), now.get("parameters"))
    for name, (at, _) in new_sets.items():
        if name not in old_sets:
            yield Change(at, "connection-set-added", f"The way to connect '{name}' was added.", False)


def _parameters(at: str, old: object, new: object) -> Iterator[Change]:
    before, after = mapping(old), mapping(new)
    for name, node in before.items():
        place = at + pointer(name)
        if name not in after:
            yield Change(place, "connection-parameter-removed", f"'{name}' was removed.", True)
        elif _kind(node) != _kind(after[name]):
            yield Change(place, "authentication-changed", f"'{name}' was {_kind(node)}, is {_kind(after[name])}.", True)
    for name, node in after.items():
        if name not in before:
            needed = _is_required(node)
            kind = "required-connection-parameter-added" if needed else "connection-parameter-added"
            yield Change(at + pointer(name), kind, f"'{name}' was added.", needed)


def _sets(properties: JsonObject) -> dict[str, tuple[str, JsonObject]]:
    values = mapping(properties.get("connectionParameterSets")).get("values")
    entries = [mapping(entry) for entry in values] if isinstance(values, list) else []
    return {text(entry.get("name")): (f"{_SETS}/{index}", entry) for index, entry in enumerate(entries)}


def _kind(node: object) -> str:
    provider = text(mapping(mapping(node).get("oAuthSettings")).get("identityProvider"))
    return " ".join(part for part in (text(mapping(node).get("type")), provider) if part)


def _is_required(node: object) -> bool:
    constraints = mapping(mapping(mapping(node).get("uiDefinition")).get("constraints"))
    return constraints.get("required") == "true"
