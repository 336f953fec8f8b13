"""Spans of the local host, as a real OTLP receiver gets them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, Span, Status

from tests.upstream_servers import serving
from tests.workbench.localhost.conftest import QUEUES, WEB
from tests.workbench.localhost.test_queue_functions import settings, wait_for
from workbench.localhost import HostError, LocalHost
from workbench.localhost.tracing import traced
from workbench.localhost.worker import Worker

ROOT = Path(__file__).resolve().parents[3]
KEY = "a-psa-key-of-its-own"
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACED = {"traceparent": f"00-{TRACE}-{PARENT}-01"}


class Receiver:
    """What was exported to `url`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.posts: list[bytes] = []

    @property
    def environment(self) -> dict[str, str]:
        return {"OTEL_EXPORTER_OTLP_ENDPOINT": self.url}

    @property
    def groups(self) -> list[ResourceSpans]:
        return [group for post in self.posts for group in ExportTraceServiceRequest.FromString(post).resource_spans]

    @property
    def spans(self) -> list[Span]:
        return [span for group in self.groups for scope in group.scope_spans for span in scope.spans]


@contextmanager
def receiving() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            received.posts.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        received = Receiver(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield received
        server.shutdown()


def attributes(of: Span | Resource) -> dict[str, object]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value") or "") for each in of.attributes}


async def test_a_call_is_a_span_of_the_callers_trace_and_desk_director_is_below_it() -> None:
    sent = []

    async def answer(request: web.Request) -> web.Response:
        sent.append(request.headers["traceparent"])
        return web.json_response({"id": 7, "name": "Printer"})

    with receiving() as received:
        async with serving() as upstream:
            upstream.on("GET /api/v2/automate/connector/tickets/7", answer)
            env = {**received.environment, "CONNECTOR_DEVELOPMENT_SITES": upstream.host, "CONNECTOR_DISCOVERY": "off"}
            async with LocalHost(ROOT, env) as host, httpx.AsyncClient(base_url=host.url) as client:
                headers = {"dd-host": upstream.host, "dd-api-key": KEY, **TRACED}
                (await client.get("/api/tickets/7", headers=headers)).raise_for_status()
        (span,) = [span for span in received.spans if span.kind == Span.SPAN_KIND_SERVER]
        assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, PARENT)
        assert attributes(span) == {
            "faas.trigger": "http",
            "http.request.method": "GET",
            "http.route": "api/tickets/{ticketId}",
            "http.response.status_code": 200,
        }
        assert span.status.code == Status.STATUS_CODE_UNSET
        assert sent == [f"00-{TRACE}-{span.span_id.hex()}-01"]
        assert attributes(received.groups[0].resource)["service.name"] == "deskdirector-connector"
        assert not any(word in post for post in received.posts for word in (KEY.encode(), upstream.host.encode()))


def test_messages_are_spans(tmp_path: Path) -> None:
    with receiving() as received:
        host = LocalHost(QUEUES, {**settings(tmp_path, ""), **received.environment})
        with host, httpx.Client(base_url=host.url) as client:
            client.post("/accept", content=b"one").raise_for_status()
            wait_for(client, "work", "one", 1)
        assert {span.name: span.kind for span in received.spans if span.name in ("accept", "work")} == {
            "accept": Span.SPAN_KIND_SERVER,
            "work": Span.SPAN_KIND_CONSUMER,
        }


def test_a_failure_is_an_error_without_its_reason() -> None:
    with receiving() as received:
        with LocalHost(WEB, received.environment) as host:
            assert httpx.get(f"{host.url}/api/raises").status_code == 500
        (failed,) = [span for span in received.spans if span.name == "raises"]
        assert (failed.status.code, failed.status.message) == (Status.STATUS_CODE_ERROR, "")
        assert b"secret-in-a-url" not in b"".join(received.posts)


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_SDK_DISABLED": "true"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_TRACES_EXPORTER": "none"},
    ],
)
def test_nothing_is_sent_unless_an_endpoint_is_named(environment: dict[str, str]) -> None:
    worker = Worker([])
    assert traced(worker, environment) is worker


def test_another_protocol_is_refused_with_a_sentence() -> None:
    with pytest.raises(HostError, match="OTEL_EXPORTER_OTLP_PROTOCOL must be http/protobuf"):
        traced(Worker([]), {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"})


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "opentelemetry.sdk.resources", None)
    with pytest.raises(HostError, match="pip install opentelemetry-sdk"):
        traced(Worker([]), {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x"})
