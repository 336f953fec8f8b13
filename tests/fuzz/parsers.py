"""Every parser of bytes that come from outside: any bytes give a value, or an error that is ours.

`python -m tests.fuzz.parsers --seconds 60` feeds them with atheris, which looks for bytes that take new paths through
the code; `test_parsers.py` feeds each for a moment.
"""

import argparse
import asyncio
import base64
import gzip
import importlib.util
import re
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from connector.catalog import operations
from connector.deskdirector.connection import Connection
from connector.deskdirector.dates import utc_time
from connector.deskdirector.discovery.documents import Document, DocumentRefusedError
from connector.deskdirector.discovery.swagger_page import listed
from connector.deskdirector.entities.tickets import Ticket
from connector.deskdirector.errors import ConnectorError
from connector.deskdirector.models import read
from connector.deskdirector.retrying import retry_after_seconds
from connector.deskdirector.upstream_reasons import message_of
from connector.operations.arguments import arguments_of_call
from connector.operations.paging import FindInput
from connector.operations.request import Request
from connector.relay.callbacks import check_callback
from connector.relay.normalise import parse
from connector.relay.polling.cursor import Cursor
from connector.relay.polling.states import States
from connector.serving.limits import check_request
from connector.serving.rate_limits import address_of
from connector.serving.reporting import trace_id_of
from connector.serving.secrecy import redactor_for
from connector.settings import Settings
from connector.storage.protocol import Payloads
from connector.storage.records import read_wake_up
from connector.storage.sealing import BrokenSealError, Sealer

SETTINGS = Settings()
NOW = datetime(2026, 11, 29, tzinfo=UTC)
SEALER = Sealer(["bm90IGEgc2VjcmV0LCBqdXN0IDMyIGJ5dGVzIGhlcmU="])


def _headers(data: bytes) -> dict[str, str]:
    """Headers as a host hands them over: names in lower case, one a line."""
    lines = data.decode("latin-1").split("\n")
    return {
        name.strip().lower(): value.strip() for name, colon, value in (line.partition(":") for line in lines) if colon
    }


def _request(data: bytes) -> Request:
    return Request("POST", "http://127.0.0.1:7071/api/tickets", {"content-type": "application/json"}, body=data)


def json_body(data: bytes) -> None:
    """The body of a call, as far as it goes without DeskDirector."""
    request = _request(data)
    check_request(request, SETTINGS)
    arguments_of_call(operations()["CreateTicket"], request)


def secrets_of_a_body(data: bytes) -> None:
    """What a refused body calls a secret is struck."""
    redactor_for(_request(data)).strike(data)


def headers(data: bytes) -> None:
    """A connection, an address and a trace, from headers."""
    given = _headers(data)
    request = Request("GET", "http://127.0.0.1:7071/api/tickets/7", given)
    address_of(request)
    trace_id_of(request)
    Connection.from_headers(given, SETTINGS)


def api_key(data: bytes) -> None:
    """The API key alone."""
    key = data.decode("latin-1")
    Connection.from_headers({"dd-host": "acme.deskdirector.com", "dd-api-key": key}, SETTINGS)


def site_host(data: bytes) -> None:
    """The site host alone."""
    host = data.decode(errors="replace")
    Connection.from_headers({"dd-host": host, "dd-api-key": "global:correct-horse"}, SETTINGS)


def callback_url(data: bytes) -> None:
    """Where a flow waits."""
    check_callback(data.decode(errors="replace"), SETTINGS)


def continuation(data: bytes) -> None:
    """Where a find goes on."""
    FindInput.model_construct(continuation=data.decode("latin-1")).resumed()


def polling_state(data: bytes) -> None:
    """Where a polling trigger goes on, without what is kept in the store."""
    text = data.decode("latin-1")
    if not text.startswith("k"):
        asyncio.run(States(_no_store, 3000).load(text))


def inbound_event(data: bytes) -> None:
    """What DeskDirector posts; the first byte chooses an encoding."""
    encoding = ("", "gzip", "deflate", "br", "?")[data[0] % 5] if data else ""
    parse(data[1:], 2**16, encoding)


def wake_up(data: bytes) -> None:
    """A message of the deliveries queue."""
    read_wake_up(data.decode("latin-1"))


def answer(data: bytes) -> None:
    """An answer of DeskDirector's, as a ticket."""
    read(Ticket, data)


def error_answer(data: bytes) -> None:
    """The reason in an error answer of DeskDirector's."""
    assert len(message_of(data, lambda text: text)) <= 300


def retry_after(data: bytes) -> None:
    """A Retry-After header."""
    seconds = retry_after_seconds(data.decode("latin-1"), NOW)
    assert seconds is None or 0 <= seconds <= 86_400


def moment(data: bytes) -> None:
    """A date in an answer."""
    utc_time(data.decode(errors="replace"))


def discovery_page(data: bytes) -> None:
    """The page that lists a site's documents."""
    listed(data.decode(errors="replace"))


def discovery_document(data: bytes) -> None:
    """A site's document and the routes in it."""
    for method, path, operation in Document.read(data, "v1").routes():
        operation.route(method, path)


def sealed_text(data: bytes) -> None:
    """A sealed text of the store."""
    SEALER.open_bytes(data.decode("latin-1"))


def _no_store() -> Payloads:
    raise AssertionError("nothing is kept here")


@dataclass(frozen=True, slots=True)
class Target:
    """A parser, bytes that it takes to begin with, and the errors of its own that it may raise."""

    parser: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    errors: tuple[type[Exception], ...] = (ConnectorError,)

    def __call__(self, data: bytes) -> None:
        """Parse; any other error is a defect."""
        with suppress(*self.errors):
            self.parser(data)


_KEY = base64.b64encode(b"global:correct-horse")
_FIND = base64.urlsafe_b64encode(b'{"find": {"take": 5}, "skip": 5}').rstrip(b"=")
_PAGE = (
    b"""<script>const ui = SwaggerUIBundle({"urls": [{"url": "/swagger/v2/swagger.json", "name": "v2"}]})</script>"""
)
_DOCUMENT = b"""{"openapi": "3.0.1", "p": {"name": "b", "in": "query"}, "s": {"properties": {"id": {}}},
"paths": {"/a/{b}": {"get": {"parameters": [{"$ref": "#/p"}], "responses": {"200": {
"content": {"application/json": {"schema": {"allOf": [{"$ref": "#/s"}]}}}}}}}}}"""
_STATE = asyncio.run(States(_no_store, 3000).save(Cursor.beginning(10**16, 600, now=10**16), None, 1.7e9)).encode()
_TRACED = b"traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\ndd-agent: 7\n"
_TRACED += b"dd-host: acme.deskdirector.com\nauthorization: DdApi " + _KEY
TARGETS: Mapping[str, Target] = {
    target.parser.__name__: target
    for target in (
        Target(json_body, (b'{"title": "Printer", "dueAt": "2026-12-31T17:00:00Z", "contact": "jane@acme.com"}',)),
        Target(secrets_of_a_body, (b'{"callbackUrl": "https://x/?sig=abcdefgh", "a": [{"password": "correct"}]}',)),
        Target(headers, (b"dd-host: acme.deskdirector.com\ndd-api-key: %b\nx-forwarded-for: 1.2.3.4:5" % _KEY,
                         _TRACED)),
        Target(api_key, (_KEY, b"DdApi " + _KEY, b"global:correct-horse", b"Bearer " + _KEY)),
        Target(site_host, (b"acme.deskdirector.com", b"https://acme.deskdirector.com:443/")),
        Target(callback_url, (b"https://prod-00.westeurope.logic.azure.com:443/workflows/1?sig=a%2Fb",)),
        Target(continuation, (_FIND, _FIND + b".AQID")),
        Target(polling_state, (_STATE,)),
        Target(inbound_event, (b"\x00" + b'[{"id": 7, "triggeredOn": "2026-07-01T12:00:00Z"}]',
                               b"\x01" + gzip.compress(b'{"id": 7}', mtime=0), b"\x02" + zlib.compress(b"{}"))),
        Target(wake_up, (b'{"deliveryId": "a", "receipt": "b"}',), (ValueError,)),
        Target(answer, (b'{"id": 7, "name": "Printer", "status": {"id": 1, "name": "Open"}}', b'[{"ID": "7"}]')),
        Target(error_answer, (b'{"Message": "No.", "ModelState": {"a.b": ["Wrong."]}}', b"Plain words of a server")),
        Target(retry_after, (b"120", b"Wed, 21 Oct 2026 07:28:00 GMT", b"2026-10-21T07:28:00Z")),
        Target(moment, (b"2026-05-28T21:53:34.5992262Z", b"/Date(1716933214000+0200)/", b"28 May 2026")),
        Target(discovery_page, (_PAGE, b'var x = {"documentUrls": ["/swagger/docs/v1"]}')),
        Target(discovery_document, (_DOCUMENT,), (DocumentRefusedError,)),
        Target(sealed_text, (SEALER.seal("x").encode(),), (ConnectorError, BrokenSealError)),
    )
}  # fmt: skip


INSTRUMENTED = """
import atheris
with atheris.instrument_imports(include=["connector"]):
    from tests.fuzz.parsers import fuzz
fuzz({name!r}, {seconds})
"""
"""Our modules are instrumented as they are imported; all modules of the process would take a minute."""


def fuzz(name: str, seconds: int) -> None:
    """Feed one parser with atheris; ends the process."""
    import atheris

    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(TARGETS[name].seeds):
            (Path(folder) / str(number)).write_bytes(seed)
        limits = [f"-max_total_time={seconds}", "-max_len=4096", "-timeout=10", "-rss_limit_mb=1024", "-verbosity=0"]
        atheris.Setup([name, *limits, "-print_final_stats=1", folder], TARGETS[name])
        atheris.Fuzz()


def main() -> int:
    """Feed every parser for its share of the time."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.parsers", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    asked = parser.parse_args()
    if importlib.util.find_spec("atheris") is None:
        sys.stdout.write("atheris does not install on this platform; the parsers are not fuzzed with it.\n")
        return 0
    failed = []
    for name in TARGETS:
        code = INSTRUMENTED.format(name=name, seconds=max(1, asked.seconds // len(TARGETS)))
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        runs = re.search(r"number_of_executed_units: (\d+)", done.stderr)
        sys.stdout.write(f"{name}: {runs[1] if runs else 0} inputs{'' if done.returncode == 0 else ', FAILED'}\n")
        if done.returncode:
            failed.append(name)
            sys.stdout.write(done.stderr[-4000:])
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
