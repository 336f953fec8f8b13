"""Rules about the adaptive cards in which answers are shown, inline in a plugin or in files of their own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from workbench.checks.copilot.package import Package
from workbench.checks.json_reading import JsonObject, follow, mapping, nodes, text
from workbench.checks.rules import Faults, RuleBook

card_rules: RuleBook[Package] = RuleBook()
rule = card_rules.rule

_UNSUPPORTED_ACTIONS = ("Action.OpenUrl", "Action.ToggleVisibility")
_EXPRESSION = re.compile(r"\$\{([^}]*)\}")
_LITERAL = re.compile(r"'[^']*'")
_NAME = re.compile(r"(?<![\w$])[A-Za-z_]\w*\b(?!\s*\()")
_CONSTANTS = {"true", "false", "null"}


@dataclass(frozen=True, slots=True)
class Card:
    """A card where it is written, with the names of the fields that the function's answer has (none: not known)."""

    file: str
    pointer: str
    node: JsonObject
    function: str
    fields: frozenset[str]


@rule("CardTypeNotValid")
def card_type(package: Package) -> Faults:
    """Write the card as an AdaptiveCard with its version."""
    for card in _cards(package):
        if card.node.get("type") != "AdaptiveCard" or not text(card.node.get("version")):
            yield card.pointer, "The card is not of type AdaptiveCard, or has no version.", card.file


@rule("CardActionNotSupported")
def card_actions(package: Package) -> Faults:
    """Remove the action from the card; Copilot does not show it. A link can stand in a text instead."""
    for card in _cards(package):
        for at, value in nodes(card.node):
            if value in _UNSUPPORTED_ACTIONS:
                yield card.pointer + at, f"'{value}' is not supported.", card.file


@rule("CardFieldNotInAnswer")
def card_fields(package: Package) -> Faults:
    """Name fields that the function's answer has; the card shows nothing for others."""
    for card in _cards(package):
        for at, value in nodes(card.node):
            for name in _names(text(value)):
                if card.fields and name not in card.fields:
                    yield card.pointer + at, f"The answer of '{card.function}' has no '{name}'.", card.file


def _cards(package: Package) -> Iterator[Card]:
    for plugin in package.plugins.values():
        for at, name, node in plugin.functions:
            template = mapping(follow(node, "/capabilities/response_semantics/static_template"))
            file = text(template.get("file"))
            card = package.documents.get(file) if file else template
            if not card:  # another rule reports a missing file
                continue
            operation = plugin.operation(name)
            fields = frozenset(step for field in operation.output for step in field.path) if operation else frozenset()
            place = "" if file else f"{at}/capabilities/response_semantics/static_template"
            yield Card(file or plugin.name, place, card, name, fields)


def _names(value: str) -> Iterator[str]:
    """The fields that a text's template expressions read; functions and quoted texts are none."""
    for expression in _EXPRESSION.findall(value):
        yield from set(_NAME.findall(_LITERAL.sub("''", expression))) - _CONSTANTS
