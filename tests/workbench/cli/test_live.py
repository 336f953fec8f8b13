"""`serve`, `trigger` and `listen` together, as somebody meets them who has never seen an event arrive."""

import json
import os
import pty
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from tests.desk import ROOT
from workbench.cli.app import app
from workbench.cli.listen import parts_of
from workbench.cli.live import View
from workbench.cli.timeline import shortened

PATIENCE = 300.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Served:
    """What `make run` starts, on ports and in a folder of its own."""

    port: int
    data: Path

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CONNECTOR_")}
        kept.pop("CONTAINER_NAME", None)
        kept.pop("WEBSITE_INSTANCE_ID", None)
        return {**kept, "CONNECTOR_DATA_DIR": str(self.data), "PORT": str(self.port), "COLUMNS": "200"}

    def told(self, *words: str, **more: str) -> Result:
        """What a command says; in this process, since starting one takes longer than most of them."""
        runner = CliRunner(env={"PORT": str(self.port), "COLUMNS": "200", "CONNECTOR_CONSOLE_KEY": None, **more})
        return runner.invoke(app, words)

    def local(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        url = f"http://127.0.0.1:{self.port}/console/local{path}"
        return httpx.request(method, url, json=body, headers=headers, trust_env=False, timeout=PATIENCE)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    one = Served(free_port(), tmp_path_factory.mktemp("served"))
    command = [sys.executable, "-m", "workbench", "serve"]
    ports = ["--port", str(one.port), "--simulator-port", str(free_port())]
    process = subprocess.Popen([*command, *ports], cwd=ROOT, env=one.environment, stdout=subprocess.DEVNULL)
    try:
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends and "subscriptionId" not in _flows(one):
            assert process.poll() is None
            time.sleep(0.1)
        yield one
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=PATIENCE)


def _flows(one: Served) -> str:
    try:
        return one.local("GET", "/flows").text
    except httpx.HTTPError:
        return ""


def test_one_command_shows_an_event_arriving(served: Served) -> None:
    words = ("trigger", "ticket", "--title", "First of all", "--company", "Contoso Freight", "--wait")
    told = subprocess.run(
        [sys.executable, "-m", "workbench", *words],
        cwd=ROOT, env=served.environment, capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip

    assert told.returncode == 0, told.stdout + told.stderr
    assert "First of all" in told.stdout
    assert "demo ✓202" in told.stdout
    assert "demo: delivered" in told.stdout


@pytest.mark.parametrize("what", ["note", "status", "tag", "chat", "form", "survey"])
def test_other_things_find_a_flow_too(served: Served, what: str) -> None:
    told = served.told("trigger", what, "--wait")

    assert told.exit_code == 0, told.stdout + told.stderr
    assert f"demo-{what} ✓202" in told.stdout


def test_a_flow_that_is_gone_ends_the_wait_with_1(served: Served) -> None:
    served.local("POST", "/flows/subscribe", {"flow": "going", "eventType": "ticket.new"})
    changed = served.told("trigger", "flow", "going", "gone", "--status", "410", "--times", "1")
    told = served.told("trigger", "ticket", "--title", "For nobody", "--wait")

    assert changed.exit_code == 0
    assert told.exit_code == 1, told.stdout
    assert "going ✕410" in told.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("list",), "survey"),
        (("form", "New starter", "--answer", "Name=Jane"), "form "),
        (("survey", "--score", "1"), "1 of 5"),
        (("burst", "--count", "3", "--per-second", "100"), "3 tickets were opened."),
        (("fault", "status=503", "--path", "no-such-path"), "Planned."),
        (("fault", "off"), "No faults any more."),
        (("clock", "+1m"), "clock"),
        (("flow", "other", "slow", "--times", "2"), "slow"),
    ],
)
def test_every_trigger_says_what_it_did(served: Served, words: tuple[str, ...], said: str) -> None:
    told = served.told("trigger", *words)

    assert told.exit_code == 0, told.stdout + told.stderr
    assert said in told.stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("ticket", "--company", "Nobody & Sons"), "There is no company 'Nobody & Sons'; there are "),
        (("status", "11500", "Nonsense"), "There is no status"),
        (("note", "1"), "1"),
        (("fault", "nonsense"), "is not one of status"),
    ],
)
def test_what_cannot_happen_is_a_sentence_and_1(served: Served, words: tuple[str, ...], sentence: str) -> None:
    told = served.told("trigger", *words)

    assert told.exit_code == 1
    assert sentence.lower() in told.stderr.lower()
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize(
    "words",
    [
        "trigger ticket --port 99999", "trigger ticket --port -5", "trigger note 0", "trigger form --answer =x",
        "trigger form --answer xyz", "trigger survey --score 9", "trigger clock +-2d", "trigger clock \u00b2d",
        "trigger clock soon", "trigger clock d", "trigger fault status=abc", "trigger fault status=200",
        "trigger fault delay=99999", "trigger flow ../x", "trigger flow demo failing --status 9",
        "trigger burst --count 0", "listen --since abc", "listen --port 0", "listen --forward-to http://[bad",
        "listen --forward-to ftp://127.0.0.1/x", "listen --forward-to http://127.0.0.1:99999/",
        "events list --state bogus", "deliveries list --state bogus", "events list --take 0",
    ],
)  # fmt: skip
def test_what_a_command_cannot_take_is_refused_before_it_does_anything(words: str) -> None:
    told = CliRunner().invoke(app, words.split())

    assert told.exit_code == 2, told.output
    assert isinstance(told.exception, SystemExit)


@pytest.mark.parametrize(
    "at", ["http://[::1", "notaurl", "http://example.com", "https://", "https://x:99999", "ftp://x"]
)
def test_an_address_that_is_none_is_told_in_a_sentence(at: str) -> None:
    told = CliRunner().invoke(app, ["listen", "--at", at], env={"CONNECTOR_CONSOLE_KEY": "x" * 20})

    assert told.exit_code == 1
    assert told.stderr.startswith("--at takes an https address")


def test_a_real_site_is_never_touched() -> None:
    class RealApp(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), RealApp) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        told = CliRunner().invoke(app, ["trigger", "ticket", "--port", str(server.server_port)])
        server.shutdown()

    assert told.exit_code == 1
    assert "never touches a real site" in told.stderr


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"origin": "https://evil.example"},
        {"x-forwarded-for": "203.0.113.7"},
        {"sec-fetch-site": "cross-site"},
    ],
)
def test_only_this_machine_gets_at_the_controls(served: Served, headers: dict[str, str]) -> None:
    for method, path in (("GET", ".json"), ("POST", "/sim/reset"), ("GET", "/flows/received")):
        answer = served.local(method, path, **headers)
        assert (answer.status_code, answer.content) == (404, b"")


def test_the_controls_are_a_fixed_list(served: Served) -> None:
    served.told("trigger", "ticket", "--wait")
    about = served.local("GET", ".json").json()
    for method, path in (("GET", "/sim/calls"), ("POST", "/sim/profile"), ("PUT", "/flows")):
        assert served.local(method, path).status_code == 404, path
    assert served.local("POST", "/sim/trigger", [1]).status_code == 400
    assert served.local("POST", "/flows/subscribe", {"flow": "a/b"}).status_code == 400
    assert served.local("POST", "/sim/trigger", {"what": "nonsense"}).status_code == 400
    assert served.local("POST", "/sim/trigger", {"what": "burst", "count": 10_000}).status_code == 400
    names = served.local("GET", "/sim/choices").json()
    assert names["companies"][0]["name"]
    assert {"boards", "contacts", "tickets", "forms"} <= names.keys()
    received = served.local("GET", "/flows/received?after=0").json()
    assert received["results"][-1]["number"] == received["latest"]
    headers = {"x-console-key": about["consoleKey"]}
    session = httpx.get(f"http://127.0.0.1:{served.port}/api/console/session", headers=headers, trust_env=False)
    assert session.json()["role"] == "operator"


def test_lines_and_json_for_other_programs(served: Served) -> None:
    served.told("trigger", "ticket", "--title", "For jq", "--wait")
    lines = listened(served, "--since", "1h", "--output", "lines")
    parts = [json.loads(line) for line in listened(served, "--since", "1h", "--output", "json").splitlines()]

    assert "For jq" in lines
    assert {"event", "verdict", "attempt"} == {part["kind"] for part in parts}
    assert any(part["kind"] == "attempt" and part["status"] == 202 for part in parts)


def test_an_app_elsewhere_is_listened_to_with_its_key(served: Served) -> None:
    key = served.local("GET", ".json").json()["consoleKey"]
    at = f"http://127.0.0.1:{served.port}"

    assert "ticket.new" in listened(served, "--at", at, "--since", "1h", CONNECTOR_CONSOLE_KEY=key)
    for environment, sentence in (({"CONNECTOR_CONSOLE_KEY": "x" * 20}, "not the console's key"), ({}, "Set CONN")):
        refused = served.told("listen", "--at", at, **environment)
        assert refused.exit_code == 1
        assert sentence in refused.stderr
    assert served.told("listen", "--at", "http://example.com").exit_code == 1


def test_events_are_forwarded_to_a_program_on_this_machine(served: Served) -> None:
    taken: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"thanks")

        def log_message(self, *_: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        there = f"http://127.0.0.1:{server.server_port}/x"
        shown = listened(served, "--since", "1h", "--type", "ticket.new", "--forward-to", there, until="thanks")
        server.shutdown()

    assert "answered 200: thanks" in shown
    assert taken[0]["eventType"] == "ticket.new"
    assert served.told("listen", "--forward-to", "http://example.com/x").exit_code == 2


def listened(served: Served, *words: str, until: str = "ticket.new", **more: str) -> str:
    """What `listen` prints until a text comes, ended by Ctrl-C."""
    command = [sys.executable, "-m", "workbench", "listen", *words]
    environment = {**served.environment, **more}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    shown = b""
    while until.encode() not in shown or not shown.endswith(b"\n"):
        assert select.select([process.stdout], [], [], PATIENCE)[0], shown
        shown += os.read(process.stdout.fileno(), 65_536)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    rest, failure = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, failure
    return (shown + rest).decode()


@dataclass
class Terminal:
    """A program at a pseudo-terminal of 24 lines and 100 columns."""

    process: "subprocess.Popen[bytes]"
    end: int
    shown: str = ""

    def see(self, text: str) -> None:
        ends = time.monotonic() + PATIENCE
        while text not in self.shown:
            assert select.select([self.end], [], [], ends - time.monotonic())[0], self.shown[-3000:]
            self.shown += os.read(self.end, 65_536).decode(errors="replace")

    def press(self, keys: str) -> None:
        self.shown = ""
        os.write(self.end, keys.encode())


@pytest.fixture
def terminal(served: Served) -> Iterator[Terminal]:
    end, inner = pty.openpty()
    environment = {**served.environment, "LINES": "24", "COLUMNS": "100", "TERM": "xterm-256color"}
    command = [sys.executable, "-m", "workbench", "listen", "--since", "1h", "--port", str(served.port)]
    environment = {name: value for name, value in environment.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=inner, stdout=inner, stderr=inner)
    os.close(inner)
    yield Terminal(process, end)
    process.kill()
    process.wait()
    os.close(end)


def test_the_live_view_follows_filters_and_explains(served: Served, terminal: Terminal) -> None:
    terminal.see("following")
    served.told("trigger", "ticket", "--title", "Seen live", "--wait")
    terminal.see("Seen live")
    terminal.press("d")
    terminal.see("demo: delivered")
    terminal.press("dk")
    terminal.see("paused")
    terminal.press("/no such event\r")
    terminal.see("Nothing has arrived")
    terminal.press("\x1b")
    terminal.see("following")
    terminal.press("o")
    terminal.see(f"Open http://127.0.0.1:{served.port}/console#events/")
    terminal.press("r")
    terminal.see("deliveries are due again.")
    terminal.press("q")
    terminal.process.wait(timeout=PATIENCE)
    assert terminal.process.returncode == 0


def event(number: int, worst: str = "delivered", title: str = "") -> dict[str, Any]:
    return {
        "eventId": f"e{number:04d}", "site": "acme", "eventType": "ticket.new", "subject": str(number),
        "receivedAt": "2026-11-30T10:42:07.120Z", "worst": worst, "readable": True, "verdicts": [],
        "about": {"kind": "ticket", "id": str(number), "title": title or f"Ticket {number}"}, "deliveries": [],
    }  # fmt: skip


def test_nothing_moves_under_the_cursor_and_the_list_stays_bounded() -> None:
    view = View("here")
    for number in range(1200):
        view.add(event(number, "dead" if number == 900 else "delivered"))
    view.key("k")
    chosen = view.chosen
    view.add(event(1200))

    assert (len(view.events), chosen, view.chosen) == (1000, "e1198", "e1198")
    view.key("f")
    assert [row["eventId"] for row in view.rows()] == ["e0900"]
    view.key("\x1b")
    for key in ("/", *"1199", "\r"):
        view.key(key)
    assert [row["eventId"] for row in view.rows()] == ["e1199"]
    assert [view.key(key) for key in ("r", "c", "q")] == ["replay", "copy", "quit"]


def test_a_title_cannot_move_the_cursor_of_a_terminal() -> None:
    assert "\x1b" not in shortened("a\x1b[2Jb\r\n" * 30)
    assert len(shortened("x" * 500)) == 40
    assert parts_of(event(1, title="\x1b[2J"), is_new=True)[0]["about"]["title"] == "\x1b[2J"
