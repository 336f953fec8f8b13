"""The page of a recipe, and the index of all."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence

from connector.operations.operation import Operation
from workbench.generators.recipes.expressions import Dialect, expression
from workbench.generators.recipes.model import (
    Call,
    Compose,
    Delay,
    Event,
    Filter,
    Flow,
    ForEach,
    Foreign,
    ForeignEvent,
    If,
    Recipe,
    Schedule,
    Select,
    Step,
    Stop,
    Table,
)

_RULES = """\
## Rules that hold for all

- **Event ids.** Known are `ticket.new`, `ticket.assigned`, `ticket.tags.updated`, `ticket.notes.added` and
  `ticket.timeentries.added`. Others come from the drop-down of the trigger, which asks your site.
- **Repeats.** An event may come twice with the same `eventId`. Creates have an `idempotencyKey` made of it, so the
  second one gets the first answer (`repeated`). Messages in Teams have none.
- **Loops.** A flow that waits for what it writes starts itself: leave out own changes, or let a condition end it.
- **Order.** It is not promised unless the trigger asks for it; compare `occurredAt`.
- **Errors.** 424 means: look before you repeat. 429 and 503 are repeated by the platform.
- **Reading a page.** `[id of what started it]` is what the designer offers as dynamic content, `[Board]` a setting, and
  what stands around them, such as `coalesce(…)`, is an expression; `@{…}` is one inside a text. Names with a slash are
  paths of one field.
- **Importing.** `make recipes` builds `build/recipes/Recipes.zip`, a solution with these flows and nothing else, and a
  Logic Apps definition for each. Import the connector first, then the solution; choose the connections, fill in the
  environment variables, and turn the flows on. Where a flow says that its connector is not found, open it, choose the
  connection and save.
- **Not tried on a tenant.** Everything that a file can be checked for is checked, and the DeskDirector steps are played
  against the simulator. Import, binding of references and other connectors' steps are not.
"""


def page(recipe: Recipe, operations: Mapping[str, Operation]) -> bytes:
    """The page as Markdown."""
    mark = "proven routes" if recipe.state == "proven" else "stands in part on routes that not every site has (preview)"
    lines = [
        f"# {recipe.number}. {recipe.title}",
        "",
        recipe.value,
        "",
        f"**Where:** {', '.join(recipe.platforms)} · **DeskDirector:** {mark}",
    ]
    if recipe.flows:
        names = ", ".join(f"`{flow.name}`" for flow in recipe.flows)
        lines += ["", f"**To import:** {names} of `Recipes.zip`; [how](README.md#rules-that-hold-for-all)."]
    if recipe.settings:
        lines += ["", "## What you choose", "", "| Setting | Usual | Meaning |", "| --- | --- | --- |"]
        lines += [f"| {setting.title} | {setting.default or '-'} | {setting.about} |" for setting in recipe.settings]
    for flow in recipe.flows:
        lines += ["", *_flow(flow, operations)]
    if recipe.body:
        lines += ["", "## Steps", "", recipe.body.strip()]
    if recipe.edge_cases:
        lines += ["", "## Edge cases", "", *(f"- {case}" for case in recipe.edge_cases)]
    if recipe.needs:
        lines += ["", "## What only your tenant can settle", "", *(f"- {need}" for need in recipe.needs)]
    return ("\n".join(lines) + "\n").encode()


def index(recipes: Sequence[Recipe]) -> bytes:
    """The list of recipes, with the rules that hold for all."""
    rows = [
        f"| {recipe.number} | [{recipe.title}]({recipe.slug}.md) | {recipe.value} | {', '.join(recipe.platforms)} "
        f"| {recipe.state} |"
        for recipe in recipes
    ]
    head = ["# Recipes", "", "Complete automations to import or to build by hand. Generated from the catalog.", ""]
    table = ["| # | Recipe | What it does | Where | DeskDirector |", "| --- | --- | --- | --- | --- |", *rows]
    return "\n".join([*head, *table, "", _RULES]).encode()


def _flow(flow: Flow, operations: Mapping[str, Operation]) -> list[str]:
    lines = [
        f"## Flow: {flow.name}",
        "",
        f"**Starts:** {_starts(flow, operations)}",
        "",
        *_steps(flow.steps, operations),
    ]
    return [*lines, "", f"*Why it does not start itself:* {flow.guard}."] if flow.guard else lines


def _starts(flow: Flow, operations: Mapping[str, Operation]) -> str:
    trigger = flow.trigger
    match trigger:
        case Event():
            return f"{operations[trigger.operation].title} (`{trigger.operation}`){_fields(trigger.inputs)}"
        case ForeignEvent():
            return f"`{trigger.operation}` of {trigger.connector}{_fields(trigger.inputs)}"
        case Schedule():
            days = f" on {', '.join(trigger.days)}" if trigger.days else ""
            at = f" at {trigger.hour:02d}:{trigger.minute:02d} UTC" if trigger.hour is not None else ""
            return f"every {trigger.interval} {trigger.frequency.lower()}(s){days}{at}"


def _steps(steps: Iterable[Step], operations: Mapping[str, Operation], depth: int = 0) -> list[str]:
    lines: list[str] = []
    for number, step in enumerate(steps, 1):
        lines.append(f"{'   ' * depth}{number}. {_told(step, operations)}")
        if isinstance(step, If):
            lines += _steps(step.yes, operations, depth + 1)
            if step.no:
                lines += [f"{'   ' * depth}   Otherwise:", *_steps(step.no, operations, depth + 1)]
        elif isinstance(step, ForEach):
            lines += _steps(step.steps, operations, depth + 1)
    return lines


def _told(step: Step, operations: Mapping[str, Operation]) -> str:
    name = step.name.replace("_", " ")
    match step:
        case Call():
            operation = operations[step.operation]
            return f"**{name}**: {operation.shown_title} (`{step.operation}`){_fields(step.inputs)}"
        case Foreign():
            memory = "; the operation's names are from memory" if step.evidence == "from memory" else ""
            return f"**{name}**: `{step.operation}` of {step.connector}{memory}{_fields(step.inputs)}"
        case If():
            return f"**{name}**: if `{_words(step.condition)}`"
        case ForEach():
            return f"**{name}**: for each of `{_words(step.over)}`"
        case Delay():
            return f"**{name}**: wait " + (
                f"until `{_readable(step.until)}`" if step.until else f"{step.minutes} minutes"
            )
        case Filter():
            return f"**{name}**: Filter array — from `{_words(step.over)}`, where `{_words(step.where)}`"
        case Select():
            return f"**{name}**: Select with map `{_words(step.value)}`, over `{_words(step.over)}`"
        case Table():
            columns = "".join(f", `{heading}`: `{_words(value)}`" for heading, value in step.columns.items())
            return f"**{name}**: Create HTML table — from `{_words(step.over)}`{columns}"
        case Compose():
            return f"**{name}**: Compose — `{_readable(step.value)}`"
        case Stop():
            return f"**{name}**: end the run"


_WORDS = Dialect(
    trigger=lambda parts: f"[{' '.join(parts)} of what started it]",
    step=lambda name, parts: f"[{' of '.join([*parts, name.replace('_', ' ')])}]",
    setting=lambda name: f"[{name}]",
)
_OF_ITEM = re.compile(r"(?:items\('\w+'\)|\bitem\(\))(?:\?\['(\w+)'\])?")


def _readable(value: object) -> str:
    """A value with its references in words: `[id of what started it]`."""
    text = value if isinstance(value, str) else json.dumps(value)
    parts = re.split(r"\{\{(.+?)\}\}", text)
    inside = [_words(part) for part in parts[1::2]]
    if parts[::2] != ["", ""]:
        inside = [part if re.fullmatch(r"\[[^][]+\]", part) else f"@{{{part}}}" for part in inside]
    return "".join(part for pair in zip(parts[::2], [*inside, ""], strict=True) for part in pair)


def _words(text: str) -> str:
    """An expression with its references in words."""
    return _OF_ITEM.sub(lambda match: f"[{match[1]}]" if match[1] else "[the item]", expression(text, _WORDS))


def _fields(inputs: Mapping[str, object]) -> str:
    if not inputs:
        return ""
    shown = (f"`{name}`: `{_readable(value)}`" for name, value in inputs.items())
    return " — " + ", ".join(shown)
