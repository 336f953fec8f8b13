"""Plays a cloud flow: runs its DeskDirector steps against the app, answers other connectors' steps with stand-ins.

It knows the steps that recipes have and the workflow functions that they use, and fails on anything else.
"""

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

Json = Any
_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|-?\d+(?:\.\d+)?|[A-Za-z_]\w*|\?\[|[\[\](),])")

FUNCTIONS: Mapping[str, Callable[..., Json]] = {
    "equals": lambda one, other: one == other,
    "not": lambda value: not value,
    "and": lambda *values: all(values),
    "or": lambda *values: any(values),
    "greater": lambda one, other: one > other,
    "less": lambda one, other: one < other,
    "lessOrEquals": lambda one, other: one <= other,
    "length": len,
    "empty": lambda value: not value,
    "first": lambda value: value[0] if value else None,
    "skip": lambda value, count: value[count:],
    "split": lambda text, by: text.split(by),
    "join": lambda values, by: by.join(values),
    "startsWith": lambda text, start: text.lower().startswith(start.lower()),
    "contains": lambda value, part: part in value,
    "coalesce": lambda *values: next((value for value in values if value is not None), None),
    "string": lambda value: value if isinstance(value, str) else json.dumps(value),
    "int": int,
    "json": json.loads,
    "toLower": lambda text: text.lower(),
    "concat": lambda *texts: "".join(map(str, texts)),
    "guid": lambda: "00000000-0000-0000-0000-000000000000",
    "utcNow": lambda: _time(datetime.now(UTC)),
    "addDays": lambda time, days: _time(datetime.fromisoformat(time) + timedelta(days=days)),
    "addHours": lambda time, hours: _time(datetime.fromisoformat(time) + timedelta(hours=hours)),
}


def _time(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat() + "Z"


class Ended(Exception):  # noqa: N818
    """The flow ended itself."""


class Player:
    """One run of a flow. `call` runs a DeskDirector operation with flat arguments; `stand_in` answers other steps."""

    def __init__(
        self,
        flow: Json,
        trigger: Json,
        settings: Mapping[str, str],
        call: Callable[[str, dict[str, Json]], Json],
        stand_in: Callable[[str, dict[str, Json]], Json],
    ) -> None:
        self.definition = flow["properties"]["definition"]
        self.trigger, self.call, self.stand_in = trigger, call, stand_in
        self.settings = {name: settings.get(name.partition(" ")[0], one["defaultValue"])
                         for name, one in self.definition["parameters"].items()}  # fmt: skip
        self.outputs: dict[str, Json] = {}
        self.items: dict[str, Json] = {}
        self.item: Json = None
        self.called: list[str] = []

    def run(self) -> list[str]:
        """Play all steps; the operations that were called, in order."""
        with suppress(Ended):
            self._run(self.definition["actions"])
        return self.called

    def _run(self, actions: Json) -> None:
        for name, step in actions.items():
            self._step(name, step)

    def _step(self, name: str, step: Json) -> None:
        match step["type"]:
            case "If":
                (left, right) = step["expression"]["equals"]
                branch = step if self.value(left) == right else step.get("else", {})
                self._run(branch.get("actions", {}))
            case "Foreach":
                for item in self.value(step["foreach"]):
                    self.items[name] = item
                    self._run(step["actions"])
            case "Query":
                kept = [
                    item for item in self.value(step["inputs"]["from"]) if self._with(item, step["inputs"]["where"])
                ]
                self.outputs[name] = {"body": kept}
            case "Select":
                source = self.value(step["inputs"]["from"])
                self.outputs[name] = {"body": [self._with(item, step["inputs"]["select"]) for item in source]}
            case "Table":
                self.outputs[name] = {"body": "<table></table>"}
            case "Compose":
                self.outputs[name] = self.value(step["inputs"])
            case "Wait":
                pass
            case "Terminate":
                raise Ended
            case "OpenApiConnection" | "OpenApiConnectionWebhook":
                self.outputs[name] = {"body": self._call(step["inputs"])}
            case other:
                raise AssertionError(f"the player does not know {other}")

    def _call(self, inputs: Json) -> Json:
        operation = inputs["host"]["operationId"]
        given = {name: self.value(value) for name, value in inputs["parameters"].items()}
        if "deskdirector" not in inputs["host"]["apiId"]:
            return self.stand_in(operation, given)
        self.called.append(operation)
        return self.call(operation, {name.removeprefix("body/"): value for name, value in given.items()})

    def _with(self, item: Json, expression: str) -> Json:
        self.item = item
        return self.value(expression)

    def value(self, value: Json) -> Json:
        """A value with its expressions worked out."""
        if isinstance(value, dict):
            return {name: self.value(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.value(inner) for inner in value]
        if not isinstance(value, str):
            return value
        if value.startswith("@") and not value.startswith("@{"):
            return _Expression(value[1:], self).result()
        return re.sub(r"@\{(.+?)\}", lambda match: _shown(_Expression(match[1], self).result()), value)


def _shown(value: Json) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)


class _Expression:
    """One workflow expression: calls, safe navigation, texts and numbers."""

    def __init__(self, text: str, player: Player) -> None:
        self.tokens = _TOKEN.findall(text)
        assert len("".join(self.tokens)) >= len(re.sub(r"\s", "", text)), f"not understood: {text}"
        self.player = player
        self.at = 0

    def result(self) -> Json:
        value = self._value()
        assert self.at == len(self.tokens), self.tokens
        return value

    def _next(self) -> str:
        self.at += 1
        return str(self.tokens[self.at - 1])

    def _value(self) -> Json:
        token = self._next()
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if re.fullmatch(r"-?\d+", token):
            return int(token)
        if token in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[token]
        assert self._next() == "(", self.tokens
        given = []
        while self.tokens[self.at] != ")":
            given.append(self._value())
            if self.tokens[self.at] == ",":
                self.at += 1
        self.at += 1
        value = self._called(token, given)
        while self.at < len(self.tokens) and self.tokens[self.at] == "?[":
            self.at += 1
            value = _inside(value, self._value())
            assert self._next() == "]"
        return value

    def _called(self, name: str, given: list[Json]) -> Json:
        player = self.player
        match name:
            case "triggerOutputs":
                return {"body": player.trigger}
            case "outputs":
                return player.outputs.get(given[0])
            case "items":
                return player.items[given[0]]
            case "item":
                return player.item
            case "parameters":
                return player.settings[given[0]]
            case _:
                return FUNCTIONS[name](*given)


def _inside(value: Json, path: Json) -> Json:
    for part in str(path).split("/"):
        value = value.get(part) if isinstance(value, dict) else None
    return value
