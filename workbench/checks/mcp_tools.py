"""Rules about MCP tools as `tools/list` gives them, strict enough for every client that we know of.

Copilot Studio drops a tool with a `$ref` and cuts a schema off at a type array; Foundry refuses `anyOf`; Copilot's
command line breaks on an object without `properties`, VS Code on an array without `items`. None of them says so.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from workbench.checks.finding import Finding
from workbench.checks.json_reading import JsonObject, json_type, mapping, names, nodes, pointer, sequence, text
from workbench.checks.rules import Faults, RuleBook

Tools = Sequence[JsonObject]

tool_rules: RuleBook[Tools] = RuleBook()
rule = tool_rules.rule

MAX_NAME = 64
SCALARS = ("string", "integer", "number", "boolean")
HINTS = ("readOnlyHint", "destructiveHint", "openWorldHint")
"""What the directories of Claude and ChatGPT want on every tool; repeating matters for what changes something."""

_NAME = re.compile(r"[a-z][a-zA-Z]*")
_FOREIGN = names(
    "$ref $defs definitions anyOf oneOf allOf not if then else const nullable exclusiveMinimum exclusiveMaximum "
    "patternProperties prefixItems"
)


def check_mcp_tools(tools: list[dict[str, Any]]) -> list[Finding]:
    """The findings of a list of tools; pointers run from the result of `tools/list`."""
    return tool_rules.check([mapping(tool) for tool in tools], "tools/list")


@rule("ToolNameNotCamelCase")
def name_form(tools: Tools) -> Faults:
    """Use letters only, in camelCase: "addTicketNote"; Foundry refuses digits, others refuse marks."""
    for at, tool in _each(tools):
        if not _NAME.fullmatch(text(tool.get("name"))):
            yield f"{at}/name", f"The tool's name is '{tool.get('name')}'."


@rule("ToolNameTooLong")
def name_length(tools: Tools) -> Faults:
    """Shorten the name to at most 64 characters."""
    for at, tool in _each(tools):
        if len(text(tool.get("name"))) > MAX_NAME:
            yield f"{at}/name", f"The name '{tool['name']}' is too long."


@rule("ToolNameNotUnique")
def name_unique(tools: Tools) -> Faults:
    """Give each tool a name of its own, in any case of letters."""
    counts = Counter(text(tool.get("name")).lower() for tool in tools)
    for at, tool in _each(tools):
        if counts[text(tool.get("name")).lower()] > 1:
            yield f"{at}/name", f"The name '{tool.get('name')}' is used more than once."


@rule("ToolDescriptionMissing")
def description(tools: Tools) -> Faults:
    """Say what the tool does; the model chooses by it."""
    for at, tool in _each(tools):
        if not text(tool.get("description")).strip():
            yield at, f"The tool '{tool.get('name')}' has no description."


@rule("ToolTitleMissing", severity="warning")
def title(tools: Tools) -> Faults:
    """Give the tool a title for people."""
    for at, tool in _each(tools):
        if not (text(tool.get("title")) or text(mapping(tool.get("annotations")).get("title"))):
            yield at, f"The tool '{tool.get('name')}' has no title."


@rule("ToolAnnotationsMissing")
def annotations(tools: Tools) -> Faults:
    """Declare readOnlyHint, destructiveHint and openWorldHint, and idempotentHint unless the tool only reads."""
    for at, tool in _each(tools):
        declared = mapping(tool.get("annotations"))
        for hint in HINTS if declared.get("readOnlyHint") is True else (*HINTS, "idempotentHint"):
            if not isinstance(declared.get(hint), bool):
                yield f"{at}/annotations", f"The tool '{tool.get('name')}' does not declare {hint}."


@rule("ToolAnnotationsContradict")
def contradiction(tools: Tools) -> Faults:
    """Make the tool either read-only or destructive."""
    for at, tool in _each(tools):
        hints = mapping(tool.get("annotations"))
        if hints.get("readOnlyHint") is True and hints.get("destructiveHint") is True:
            yield f"{at}/annotations", f"The tool '{tool.get('name')}' is read-only and destructive."


@rule("InputSchemaNotObject")
def input_object(tools: Tools) -> Faults:
    """Take an object, with "properties" even when there are none."""
    for at, tool in _each(tools):
        schema = mapping(tool.get("inputSchema"))
        if schema.get("type") != "object" or not isinstance(schema.get("properties"), dict):
            yield f"{at}/inputSchema", f"The input of '{tool.get('name')}' is not an object with properties."


@rule("InputRequiredNotExplicit")
def required(tools: Tools) -> Faults:
    """Give "required" as a list, even an empty one, of properties that exist."""
    for at, tool in _each(tools):
        schema = mapping(tool.get("inputSchema"))
        if not isinstance(schema.get("required"), list):
            yield f"{at}/inputSchema", f"The input of '{tool.get('name')}' has no list of required properties."
        for name in sequence(schema.get("required")):
            if name not in list(mapping(schema.get("properties"))):
                yield f"{at}/inputSchema/required", f"The required property '{name}' does not exist."


@rule("InputNotFlat")
def flat(tools: Tools) -> Faults:
    """Take scalars and arrays of scalars only."""
    for at, name, node in _inputs(tools):
        items = mapping(node.get("items"))
        if node.get("type") == "object" or (node.get("type") == "array" and items.get("type", "string") not in SCALARS):
            yield at, f"The input '{name}' is nested."


@rule("InputDescriptionMissing")
def input_description(tools: Tools) -> Faults:
    """Describe every input."""
    for at, name, node in _inputs(tools):
        if not text(node.get("description")).strip():
            yield at, f"The input '{name}' has no description."


@rule("EnumNotInDescription")
def enum_description(tools: Tools) -> Faults:
    """Name the values of the enum in the description too; Copilot Studio keeps only the type."""
    for at, name, node in _inputs(tools):
        choices = sequence(node.get("enum")) or sequence(mapping(node.get("items")).get("enum"))
        description = text(node.get("description"))
        for value in choices if description.strip() else ():
            if not re.search(rf"(?<!\w){re.escape(str(value))}(?!\w)", description):
                yield at, f"The description of '{name}' does not name '{value}'."


@rule("TypeNotSingle")
def single_type(tools: Tools) -> Faults:
    """Give one type, as text; make what may be null optional instead."""
    for at, node in _schemas(tools):
        if not isinstance(node.get("type"), str):
            yield at, f"The type is {json_type(node.get('type'))}."


@rule("KeywordNotSupported")
def keywords(tools: Tools) -> Faults:
    """Write the schema out, without references, compositions and exclusive limits."""
    for at, node in _schemas(tools):
        for key in (key for key in node if key in _FOREIGN):
            yield at + pointer(key), f"'{key}' is not supported."


@rule("ArrayItemsMissing")
def items(tools: Tools) -> Faults:
    """Describe the array's items."""
    for at, node in _schemas(tools):
        if node.get("type") == "array" and not mapping(node.get("items")):
            yield at, "The array has no items."


@rule("ObjectPropertiesMissing")
def properties(tools: Tools) -> Faults:
    """List the object's properties, even when there are none."""
    for at, node in _schemas(tools):
        inside = not at.endswith(("/inputSchema", "/outputSchema"))
        if inside and node.get("type") == "object" and not isinstance(node.get("properties"), dict):
            yield at, "The object has no properties."


@rule("OutputSchemaNotObject")
def output_object(tools: Tools) -> Faults:
    """Answer an object, described with its properties."""
    for at, tool in _each(tools):
        schema = mapping(tool.get("outputSchema"))
        if schema.get("type") != "object" or not isinstance(schema.get("properties"), dict):
            yield f"{at}/outputSchema", f"The output of '{tool.get('name')}' is not an object with properties."


@rule("OutputNotFlat")
def output_flat(tools: Tools) -> Faults:
    """Answer scalars, arrays of scalars, and lists of such objects."""
    for index, tool in enumerate(tools):
        root = f"/tools/{index}/outputSchema"
        for at, node in nodes(tool.get("outputSchema")):
            is_property = at.rpartition("/")[0].endswith("/properties")
            if is_property and mapping(node).get("type") == "object":
                yield root + at, f"The output '{at.rpartition('/')[2]}' is nested."


def _each(tools: Tools) -> Iterator[tuple[str, JsonObject]]:
    return ((f"/tools/{index}", tool) for index, tool in enumerate(tools))


def _inputs(tools: Tools) -> Iterator[tuple[str, str, JsonObject]]:
    """Every input of every tool: pointer, name, schema."""
    for at, tool in _each(tools):
        for name, node in mapping(mapping(tool.get("inputSchema")).get("properties")).items():
            yield f"{at}/inputSchema{pointer('properties', name)}", name, mapping(node)


def _schemas(tools: Tools) -> Iterator[tuple[str, JsonObject]]:
    """Every schema inside the tools, the inputs and outputs themselves included."""
    for at, tool in _each(tools):
        stack = [(f"{at}/{key}", tool[key]) for key in ("inputSchema", "outputSchema") if key in tool]
        while stack:
            place, node = stack.pop()
            yield place, mapping(node)
            inner = mapping(mapping(node).get("properties"))
            stack += [(place + pointer("properties", name), child) for name, child in inner.items()]
            if "items" in mapping(node):
                stack.append((f"{place}/items", node["items"]))
