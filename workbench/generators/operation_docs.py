"""docs/operations: what each operation does, takes and answers, with an example that a test plays.

One page a group of operations. The fields of an answer stand once, on the page of the first operation that answers it;
others link there.
"""

import json
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote, urlencode

from pydantic import BaseModel

from connector.operations.field_model import Field, fields_of
from connector.operations.operation import Kind, Operation
from connector.operations.request import ROOT
from connector.operations.signature import signature_of
from workbench.generators.examples import SITE, example_of
from workbench.generators.failures import FAILURES, failures_of
from workbench.generators.identity import PLACEHOLDER_HOST
from workbench.generators.json_text import as_json

FOLDER = "operations"
INDEX = "README.md"

_HEAD = """\
# Operations

Everything that the app can do, as HTTP. The same operations are the actions and triggers of the Power Platform
connector, the tools of the MCP server and the functions of the Copilot agent. Generated from the catalog; a test plays
every example.

## Calling them

- The address is `https://YOUR-APP.azurewebsites.net/api/…`; input is JSON, and so is every answer.
- The header `dd-host` names the site, `dd-api-key` carries the API key in whatever form the portal shows it.
- Boards, statuses, people and the like are given by name, e-mail address or id. A name that does not exist or means
  several things is an error that lists the candidates.
- A find returns `results` and, while `hasMore` is true, a `continuation` that gets the next page.
- Creating twice is avoided by `idempotencyKey`: a repeat with the same key gets the first answer.
- In Postman, import `/api/openapi.json` with **Parameter generation: Example**, in Bruno as it is; then set the
  variables `siteHost` and `apiKey`. In a browser, `/api/docs` tries every operation.
"""
_ERRORS = """\
## Errors

Always the same object: `statusCode`, `message` (one sentence that says what to do), `error` (`code`, `message`,
`details`) and `requestId`. [All codes](../errors.md), and by status:
"""
_KINDS: Mapping[Kind, str] = {
    Kind.LOOKUP: "Fills a drop-down; agents, who have none, call it too.",
    Kind.SUPPORT: "Called by designers and platforms by themselves.",
    Kind.WEBHOOK_TRIGGER: "Starts a flow as soon as it happens: each event is posted to `callbackUrl`.",
    Kind.POLLING_TRIGGER: "Starts a flow that asks every few minutes. The first call answers 202 and, in `Location`, "
    "where to ask from then on; later ones answer 200 with what is new, or 202.",
}
_PREVIEW = (
    "Preview: DeskDirector has published no route for this. Where a site does not have it at the assumed address, the "
    "answer is 404 `RouteNotFound`, which names the setting that points elsewhere."
)
_TYPES = {"string": "text", "integer": "whole number", "number": "number", "boolean": "yes or no", "object": "object"}


def render(operations: Mapping[str, Operation], host: str) -> dict[str, bytes]:
    """The pages by path below `docs`, for an app that runs under `host`."""
    answers = _Answers(operations)
    groups: dict[str, list[Operation]] = {}
    for operation in operations.values():
        groups.setdefault(operation.group, []).append(operation)
    pages = {_file(group): _page(group, members, answers) for group, members in groups.items()}
    pages[INDEX] = _index(groups)
    return {f"{FOLDER}/{name}": page.replace(PLACEHOLDER_HOST, host).encode() for name, page in pages.items()}


@dataclass(frozen=True)
class _Answers:
    """Which models are answered, and on which page each stands."""

    operations: Mapping[str, Operation]

    @cached_property
    def homes(self) -> Mapping[str, str]:
        """The group whose page describes a model, by its name."""
        return {model.__name__: group for model, group in reversed(list(self._all()))}

    def name_of(self, fields: tuple[Field, ...]) -> str | None:
        """The name of the model with these fields: items of lists know nothing else of it."""
        found = (model.__name__ for model, _ in self._all() if fields_of(model, output=True) is fields)
        return next(found, None)

    def of_page(self, group: str) -> list[type[BaseModel]]:
        """The models that the page of a group describes."""
        return list(dict.fromkeys(model for model, home in self._all() if home == self.homes[model.__name__] == group))

    def _all(self) -> Iterable[tuple[type[BaseModel], str]]:
        for operation in self.operations.values():
            for model in (_output(operation), operation.notification):
                if model is not None:
                    yield model, operation.group

    def link(self, name: str, group: str) -> str:
        """A link to a model from the page of `group`."""
        home = self.homes[name]
        return f"[{name}]({'' if home == group else _file(home)}#{name.lower()})"


def _index(groups: Mapping[str, list[Operation]]) -> str:
    errors = ["| Status | Meaning | Repeat? |", "| --- | --- | --- |"]
    for status, failure in FAILURES.items():
        repeat = "after `Retry-After`" if failure.can_be_repeated else "no"
        errors.append(f"| {status} | {failure.meaning} | {repeat} |")
    lists = []
    for group, members in groups.items():
        rows = [
            f"| [{member.shown_title}]({_file(group)}#{_anchor(member.title)}) | {member.description} |"
            for member in members
        ]
        lists.append(
            "\n".join((f"## {group}", "", *_toolset(members), "| Operation | What it does |", "| --- | --- |", *rows))
        )
    return "\n\n".join((_HEAD.rstrip(), _ERRORS + "\n" + "\n".join(errors), *lists)) + "\n"


def _toolset(members: Iterable[Operation]) -> list[str]:
    """The name of the MCP toolset that these operations make up, for those that are tools."""
    names = dict.fromkeys(member.resource for member in members if member.kind in (Kind.ACTION, Kind.LOOKUP))
    return [f"Toolset: {', '.join(f'`{name}`' for name in names)}.", ""] if names else []


def _page(group: str, members: Iterable[Operation], answers: _Answers) -> str:
    sections = [_section(operation, answers) for operation in members]
    models = answers.of_page(group)
    if models:
        sections.append("## Answers")
    sections += [_answer(model, group, answers) for model in models]
    return "\n\n".join((f"# {group}", f"[All operations]({INDEX}) · [errors]({INDEX}#errors)", *sections)) + "\n"


def _section(operation: Operation, answers: _Answers) -> str:
    parts = [
        f"## {operation.title}",
        f"`{operation.id}` · `{operation.method} {ROOT}{operation.path}`{' · preview' if operation.is_preview else ''}",
        operation.description,
        operation.guidance,
        _PREVIEW if operation.is_preview else "",
        _KINDS.get(operation.kind, ""),
        _input(operation),
        _outcome(operation, answers),
        _failures(operation),
        _example(operation),
    ]
    return "\n\n".join(part for part in parts if part)


def _input(operation: Operation) -> str:
    fields = signature_of(operation).fields(operation)
    if not fields:
        return "It takes nothing."
    rows = [
        f"| `{before}{field.name}`{' *' if field.required else ''} | {at} | {_type(field)} | {_about(field)} |"
        for at, group in fields
        for before, field in (("", group), *((f"{group.name}.", inner) for inner in group.fields))
    ]
    return "\n".join(("| Input (* required) | In | Type | Meaning |", "| --- | --- | --- | --- |", *rows))


def _outcome(operation: Operation, answers: _Answers) -> str:
    model, event = _output(operation), operation.notification
    answered = f"Answers {operation.status}" + (
        f" with {answers.link(model.__name__, operation.group)}." if model else " with no content."
    )
    return answered + (f" Each event is a {answers.link(event.__name__, operation.group)}." if event else "")


def _failures(operation: Operation) -> str:
    statuses = ", ".join(map(str, failures_of(operation)))
    return f"Fails with {statuses} ([meaning]({INDEX}#errors))." if statuses else ""


def _answer(model: type[BaseModel], group: str, answers: _Answers) -> str:
    fields = fields_of(model, output=True)
    about = " ".join((model.__doc__ or "").partition("\n\n")[0].partition("Shape:")[0].split())
    rows = list(_rows(fields, group, answers))
    table = ["| Field | Type | Meaning |", "| --- | --- | --- |", *rows]
    return "\n\n".join(part for part in (f"### {model.__name__}", about, "\n".join(table) if rows else "") if part)


def _rows(fields: Iterable[Field], group: str, answers: _Answers, before: str = "") -> Iterable[str]:
    for field in fields:
        inside = field.items.fields if field.items else field.fields
        known = answers.name_of(inside) if inside else None
        kind = f"list of {answers.link(known, group)}" if known and field.items else _type(field)
        yield f"| `{before}{field.name}` | {kind} | {_cell(field.description)} |"
        if inside and not known:
            yield from _rows(inside, group, answers, f"{before}{field.name}{'[]' if field.items else ''}.")


def _example(operation: Operation) -> str:
    example = example_of(operation)
    if example.status is None:
        return ""
    path = operation.path.format(**{name: quote(str(value), safe="") for name, value in example.path.items()})
    query = f"?{urlencode(example.query, quote_via=quote)}" if example.query else ""
    method = [] if operation.method == ("POST" if example.body else "GET") else ["-X", operation.method]
    command = ["curl", "-s", *method, f"https://{PLACEHOLDER_HOST}{ROOT}{path}{query}"]
    lines = ["$ " + " ".join(map(shlex.quote, command))]
    if signature_of(operation).dd:
        lines.append(f"-H 'dd-host: {SITE}' -H \"dd-api-key: $DD_API_KEY\"")
    if example.body:
        lines.append("-H 'content-type: application/json'")
        lines.append("-d " + shlex.quote(json.dumps(example.body, ensure_ascii=False)))
    answer = as_json(example.answer).decode() if example.answer else ""
    return "```console\n" + " \\\n    ".join(lines) + f"\n{answer}```"


def _output(operation: Operation) -> type[BaseModel] | None:
    output: type[BaseModel] | None = operation.declared_output or signature_of(operation).output
    return output


def _type(field: Field) -> str:
    if field.items:
        return f"list of {_type(field.items)}s" if field.items.type in ("string", "object") else "list"
    return "time" if field.format == "date-time" else _TYPES[field.type]


def _about(field: Field) -> str:
    default = f" Usual: `{json.dumps(field.default)}`." if isinstance(field.default, bool | int | str) else ""
    choices = f" One of {', '.join(f'`{choice}`' for choice in field.enum)}." if field.enum else ""
    return _cell(f"{field.description}{choices}{default}")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _file(group: str) -> str:
    return f"{group.lower().replace(' ', '-')}.md"


def _anchor(title: str) -> str:
    return "".join(sign for sign in title.lower().replace(" ", "-") if sign.isalnum() or sign == "-")
