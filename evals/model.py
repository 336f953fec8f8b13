"""What a scripted model is: it calls tools, reads what comes back, and answers."""

import json
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

import httpx

from benchmarks.tokens import tokens_of, tokens_of_result
from workbench.simulator import Simulator
from workbench.simulator.tenant import Tenant


@dataclass(frozen=True, slots=True)
class Call:
    """A tool that the model calls."""

    tool: str
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the model reads of it: the answer as data, or the sentence of the error."""

    data: dict[str, Any]
    error: str = ""

    @property
    def results(self) -> list[dict[str, Any]]:
        """The entries of a list."""
        return list(self.data.get("results", ()))

    def candidates(self) -> list[str]:
        """The names that an error offers."""
        return [part.partition(" (id ")[0].strip(" .") for part in self.error.partition("There is: ")[2].split(";")]


def call(tool: str, **arguments: Any) -> Call:
    """A call, written as a model thinks of it."""
    return Call(tool, arguments)


Trace = Generator[Call, Seen, str]
"""The calls of a model, one after the other; it returns what it tells the person."""


@dataclass(frozen=True, slots=True)
class Request:
    """Something that a person asks of the help desk's model."""

    says: str
    trace: Callable[["Desk"], Trace]
    is_done: Callable[["Desk", str], bool]
    """Whether the site is then as it should be, and the answer says what is so."""
    query: str = ""
    most_calls: int = 6


@dataclass(frozen=True, slots=True)
class Run:
    """How one request went."""

    calls: int
    tokens: int
    upstream: int
    is_done: bool
    answer: str


class Desk:
    """The site as the checks see it, and the server as the model does."""

    def __init__(self, simulator: Simulator, url: str) -> None:
        self.simulator = simulator
        self._url = url
        self._client = httpx.Client(timeout=100, trust_env=False)

    @property
    def tenant(self) -> Tenant:
        """The state of the site."""
        return self.simulator.tenant("tokity")

    def run(self, request: Request) -> Run:
        """Let the model work on a request; an unknown tool ends it."""
        trace = request.trace(self)
        tokens = tokens_of(json.dumps(self._send(request, "tools/list"), ensure_ascii=False))
        before, calls = self.simulator.total_calls, 0
        try:
            asked = next(trace)
            while True:
                calls += 1
                seen, cost = self.call(request, asked)
                tokens += cost + tokens_of(json.dumps(asked.arguments, ensure_ascii=False))
                asked = trace.send(seen)
        except StopIteration as ended:
            answer = str(ended.value)
        upstream = self.simulator.total_calls - before
        return Run(calls, tokens, upstream, request.is_done(self, answer), answer)

    def call(self, request: Request, asked: Call) -> tuple[Seen, int]:
        """What the model reads of a call, and how many tokens that has."""
        answer = self._send(request, "tools/call", name=asked.tool, arguments=asked.arguments)
        if "error" in answer:
            text = str(answer["error"]["message"])
            return Seen({}, text), tokens_of(text)
        result = answer["result"]
        data = json.loads("".join(content.get("text", "") for content in result["content"]))
        error = str(data.get("message", "")) if result.get("isError") else ""
        return Seen({} if error else data, error), tokens_of_result(result)

    def _send(self, request: Request, method: str, **params: Any) -> dict[str, Any]:
        sent = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        headers = {"dd-host": self.simulator.site, "dd-api-key": self.simulator.tokity_key}
        address = f"{self._url}/mcp{f'?{request.query}' if request.query else ''}"
        answer: dict[str, Any] = self._client.post(address, json=sent, headers=headers).json()
        return answer

    def close(self) -> None:
        """End it."""
        self._client.close()
