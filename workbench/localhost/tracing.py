"""OpenTelemetry spans of what the local host runs: off, unless OpenTelemetry's own variables name an OTLP endpoint.

Each call of a function is a span, part of the caller's trace. The function gets the span's context as `traceparent` and
passes it to DeskDirector. Spans hold names, methods and statuses; never an address, a header, a body or a traceback,
which may carry keys. In Azure the host makes these spans itself (`docs/decisions/the-worker-has-no-telemetry-sdk.md`).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from workbench.localhost.config import HostError
from workbench.localhost.worker import Function, Outcome, Request, Worker

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
PROTOCOLS: Final = ("OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL")
PROTOCOL: Final = "http/protobuf"
SERVICE: Final = "deskdirector-connector"
SERVER_ERRORS: Final = 500


def traced(worker: Worker, environment: Mapping[str, str]) -> Worker:
    """The worker, or one that sends spans of its calls where the environment asks for it; raises `HostError`."""
    if not any(environment.get(name) for name in ENDPOINTS):
        return worker
    if environment.get("OTEL_SDK_DISABLED", "").lower() == "true" or environment.get("OTEL_TRACES_EXPORTER") == "none":
        return worker
    for name in PROTOCOLS:
        if environment.get(name, PROTOCOL) != PROTOCOL:
            raise HostError(f"{name} must be {PROTOCOL}; the local host sends spans in no other way.")
    try:
        return TracedWorker(worker, _provider(environment))
    except ModuleNotFoundError as missing:
        if missing.name is None or not missing.name.startswith("opentelemetry"):
            raise
        raise HostError(
            "An OTLP endpoint is set, but OpenTelemetry is not installed: "
            "pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http"
        ) from None


def _provider(environment: Mapping[str, str]) -> "TracerProvider":
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    is_named = "OTEL_SERVICE_NAME" in environment or "service.name=" in environment.get("OTEL_RESOURCE_ATTRIBUTES", "")
    provider = TracerProvider(resource=Resource.create({} if is_named else {"service.name": SERVICE}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


class TracedWorker(Worker):
    """A worker whose calls are spans."""

    def __init__(self, worker: Worker, provider: "TracerProvider") -> None:
        super().__init__(worker.functions)
        self._provider = provider
        self._tracer = provider.get_tracer(SERVICE)

    @override
    def close(self) -> None:
        super().close()
        self._provider.shutdown()  # sends what is left

    @override
    async def call_http(self, function: Function, request: Request) -> Outcome:
        with self._span(function, "http", request) as (span, context):
            outcome = await super().call_http(function, replace(request, headers={**request.headers, **context}))
            if outcome.answer is not None:
                span.set_attribute("http.response.status_code", outcome.answer.status)
                if outcome.answer.status >= SERVER_ERRORS:
                    _fail(span)
            return outcome

    @override
    async def call_queue(self, function: Function, body: bytes, metadata: Mapping[str, Any]) -> Outcome:
        with self._span(function, "pubsub"):
            return await super().call_queue(function, body, metadata)

    @override
    async def call_timer(self, function: Function, timer: Mapping[str, Any]) -> Outcome:
        with self._span(function, "timer"):
            return await super().call_timer(function, timer)

    @contextmanager
    def _span(
        self, function: Function, trigger: str, request: Request | None = None
    ) -> "Iterator[tuple[Span, dict[str, str]]]":
        """A span of a call, and the headers that carry its context on."""
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        propagator = TraceContextTextMapPropagator()
        kinds = {"http": SpanKind.SERVER, "pubsub": SpanKind.CONSUMER, "timer": SpanKind.INTERNAL}
        said = {"faas.trigger": trigger}
        if request is not None:
            said |= {
                "http.request.method": request.method,
                "http.route": function.trigger.get("route") or function.name,
            }
        with self._tracer.start_as_current_span(
            function.name,
            propagator.extract(request.headers if request is not None else {}),
            kinds[trigger],
            said,
            record_exception=False,  # its message and traceback may hold what was sent
            set_status_on_exception=False,
        ) as span:
            context: dict[str, str] = {}
            propagator.inject(context)
            try:
                yield span, context
            except BaseException:
                _fail(span)
                raise


def _fail(span: "Span") -> None:
    from opentelemetry.trace import StatusCode

    span.set_status(StatusCode.ERROR)
