"""The adapter around `azure-functions-runtime`, Microsoft's own worker library: the only file that touches it.

It indexes and calls functions with the same converters, context and thread pool as in Azure. The library is not a
documented API (its version is pinned in requirements-dev.txt) and keeps module-global state: one app a process.
"""

import json
import logging
import os
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import azure_functions_runtime as runtime  # type: ignore[import-untyped]
from azure_functions_runtime.bindings.datumdef import Datum  # type: ignore[import-untyped]
from azure_functions_runtime.native_invocation import invocation_request_native  # type: ignore[import-untyped]

from workbench.localhost.config import HostError

_WRONG_SETTING = "connector.settings.SettingsError: "
"""What a traceback ends with, before the sentence, when the app of this project has a setting that cannot be used."""


class InvocationError(Exception):
    """A function raised, or returned what its binding cannot carry; `trace` is the traceback as text."""

    def __init__(self, function: str, problem: str, trace: str) -> None:
        super().__init__(f"{function} failed: {problem}")
        self.trace = trace


@dataclass(frozen=True, slots=True)
class Function:
    """An indexed function; `bindings` as the host sees them, e.g. `{"type": "httpTrigger", "route": "x", …}`."""

    id: str
    name: str
    bindings: tuple[Mapping[str, Any], ...]
    trigger: Mapping[str, Any]
    answers_http: bool  # whether what it returns is an HTTP answer


@dataclass(slots=True)
class Request:
    """What an HTTP trigger receives; header names in lower case, `url` absolute."""

    method: str
    url: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    route: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class HttpAnswer:
    """What an HTTP function returned; cookies are ready `Set-Cookie` values."""

    status: int
    headers: Mapping[str, str]
    cookies: Sequence[str]
    body: bytes


@dataclass(slots=True)
class Outcome:
    """What a call produced: an HTTP answer if it has one, and messages for output bindings by binding name."""

    answer: HttpAnswer | None
    outputs: Mapping[str, Sequence[bytes]]


class Worker:
    """The functions of one app, ready to be called."""

    def __init__(self, functions: Sequence[Function]) -> None:
        self.functions = tuple(functions)

    @classmethod
    async def load(cls, app_dir: Path) -> "Worker":
        """Import `function_app.py` and index it; raises `HostError`, with the app's traceback or its own sentence."""
        _prepare(app_dir)
        request = _InitRequest(app_dir)
        started = await runtime.worker_init_request(request)
        if started.result.status == _StatusResult.Failure:
            problem = started.result.exception
            if _WRONG_SETTING in problem.stack_trace:
                raise HostError(problem.stack_trace.rpartition(_WRONG_SETTING)[2].strip())
            raise HostError(f"The app cannot be loaded: {problem.message}\n{problem.stack_trace}")
        indexed = await runtime.functions_metadata_request(request)
        if indexed.function_metadata_results is None:
            raise HostError(f"There is no function_app.py in {app_dir}, or it has no functions.")
        runtime.start_threadpool_executor()
        return cls([_function(metadata) for metadata in indexed.function_metadata_results])

    def close(self) -> None:
        """Let running synchronous functions end, then stop their threads."""
        runtime.stop_threadpool_executor()

    async def call_http(self, function: Function, request: Request) -> Outcome:
        """Call an HTTP function; raises `InvocationError`."""
        data = Datum(
            {
                "method": Datum(request.method, "string"),
                "url": Datum(request.url, "string"),
                "headers": _strings(request.headers),
                "query": _strings(request.query),
                "params": _strings(request.route),
                "body": Datum(request.body, "bytes"),
            },
            "http",
        )
        return await self._call(function, data, {}, request.headers.get("traceparent", ""))

    async def call_queue(self, function: Function, body: bytes, metadata: Mapping[str, Any]) -> Outcome:
        """Call a queue function; `metadata` has Id, DequeueCount, InsertionTime … Raises `InvocationError`."""
        try:
            data = Datum(body.decode(), "string")
        except UnicodeDecodeError:
            data = Datum(body, "bytes")
        described = {
            name: Datum(value, "string") if isinstance(value, str) else Datum(json.dumps(value), "json")
            for name, value in metadata.items()
        }
        return await self._call(function, data, described)

    async def call_timer(self, function: Function, timer: Mapping[str, Any]) -> Outcome:
        """Call a timer function; `timer` has IsPastDue, Schedule, ScheduleStatus. Raises `InvocationError`."""
        return await self._call(function, Datum(json.dumps(timer), "json"), {})

    async def _call(
        self, function: Function, data: Datum, metadata: Mapping[str, Datum], trace_parent: str = ""
    ) -> Outcome:
        succeeded, returned, outputs, problem, trace = await invocation_request_native(
            _invocation_id(), function.id, [(function.trigger["name"], data)], metadata, trace_parent
        )
        if not succeeded:
            raise InvocationError(function.name, problem or "", trace or "")
        messages = {name: _messages(datum) for name, datum in outputs}
        if function.answers_http:
            return Outcome(_answer(returned), messages)
        if returned is not None:
            messages["$return"] = _messages(returned)
        return Outcome(None, messages)


class _Fields(SimpleNamespace):
    """Stands in for a protobuf message: the library only sets and reads attributes."""


class _StatusResult(_Fields):
    Failure: Final = 0
    Success: Final = 1


class _BindingInfo(_Fields):
    undefined: Final = 0
    out: Final = 1
    inout: Final = 2


_PROTOS: Final = SimpleNamespace(
    StatusResult=_StatusResult,
    BindingInfo=_BindingInfo,
    WorkerMetadata=_Fields,
    RpcFunctionMetadata=_Fields,
    RpcRetryOptions=_Fields,
    RpcException=_Fields,
    WorkerInitResponse=_Fields,
    FunctionMetadataResponse=_Fields,
)


class _InitRequest:
    """The request that both start-up calls take."""

    def __init__(self, app_dir: Path) -> None:
        self.properties = {"protos": _PROTOS, "host": "127.0.0.1"}
        init = SimpleNamespace(function_app_directory=str(app_dir), capabilities={})
        self.request = SimpleNamespace(worker_init_request=init)


def _prepare(app_dir: Path) -> None:
    """Make this process look like a worker that the host started for this app."""
    # With either of these the library believes that it runs in Azure: it restarts itself and changes sys.path.
    for name in ("CONTAINER_NAME", "WEBSITE_INSTANCE_ID"):
        os.environ.pop(name, None)
    os.environ.setdefault("FUNCTIONS_WORKER_RUNTIME", "python")
    os.environ.setdefault("AzureWebJobsScriptRoot", str(app_dir))
    # The host's own default; synchronous functions block a thread each.
    os.environ.setdefault("PYTHON_THREADPOOL_THREAD_COUNT", "1000")
    os.chdir(app_dir)
    sys.path.insert(0, str(app_dir))
    # Failures are logged once, by the code that called the function and knows its answer.
    logging.getLogger("azure.functions").addFilter(lambda record: not record.msg.startswith("Native invocation failed"))


def _function(metadata: Any) -> Function:
    bindings = tuple(json.loads(binding) for binding in metadata.raw_bindings)
    return Function(
        id=metadata.function_id,
        name=metadata.name,
        bindings=bindings,
        trigger=next(binding for binding in bindings if binding["type"].lower().endswith("trigger")),
        answers_http=any(binding["type"] == "http" and binding["name"] == "$return" for binding in bindings),
    )


def _invocation_id() -> str:
    """A GUID; `uuid4` would ask the kernel for secrecy that an invocation id has no use for, at every call."""
    digits = f"{random.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _strings(values: Mapping[str, str]) -> dict[str, Datum]:
    return {name: Datum(value, "string") for name, value in values.items()}


def _answer(returned: Datum) -> HttpAnswer:
    if returned.type == "string":
        return HttpAnswer(200, {"content-type": "text/plain; charset=utf-8"}, (), returned.value.encode())
    parts = returned.value
    cookies = [morsel.OutputString() for jar in parts["cookies"] or () for morsel in jar.values()]
    headers = {name: datum.value for name, datum in parts["headers"].items()}
    return HttpAnswer(int(parts["status_code"].value), headers, cookies, parts["body"].value)


def _messages(datum: Datum) -> list[bytes]:
    """One value of an output binding as messages: text and bytes are one, a list is one each."""
    value = json.loads(datum.value) if datum.type == "json" else datum.value
    if value is None:
        return []
    return [_message(item) for item in (value if isinstance(value, list) else [value])]


def _message(item: Any) -> bytes:
    if isinstance(item, bytes):
        return item
    if isinstance(item, str):
        return item.encode()
    if isinstance(item, dict) and item.keys() == {"id", "body"}:  # a `func.QueueMessage`
        return str(item["body"]).encode()
    return json.dumps(item).encode()
