"""`demo`: the main job as a story, against the running pair or one of its own; every step is checked."""

import os
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.panel import Panel

from ..localhost import LocalHost
from ..simulator import Simulator
from .serve import running_simulator

console = Console(highlight=False)
NOTE = "It is the one on the second floor."
TITLE = "Cannot print since this morning"


class StepFailedError(Exception):
    """A step did not answer what it should."""


@dataclass
class Story:
    """Makes the calls that a flow makes, shows them, and checks what comes back."""

    base: str
    site: str
    key: str
    steps: int = 0
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=100, trust_env=False))

    def step(
        self, what: str, method: str, path: str, body: Any = None, *, check: Callable[[Any], bool], show: str
    ) -> Any:
        """One call. `check` decides on the answer, `show` is a format string over it."""
        self.steps += 1
        headers = {"dd-host": self.site, "dd-api-key": self.key}
        response = self.client.request(method, f"{self.base}/api/{path}", json=body, headers=headers)
        answer = response.json()
        console.print(f"\n[bold]{self.steps}. {what}[/bold]\n   [dim]{method} /api/{path}[/dim]")
        if body:
            console.print(f"   [dim]{_shortened(body)}[/dim]", markup=True)
        if response.status_code >= 300 or not check(answer):
            raise StepFailedError(f"Step {self.steps} answered {response.status_code}: {_shortened(answer)}")
        console.print(f"   [green]✓[/green] {show.format(**answer)}")
        return answer


def tell(root: Path) -> int:
    """Tell the story; 0 when every step was right."""
    with _pair(root) as (base, site):
        console.print(Panel.fit("A help desk, automated: from a connection to a changed status", border_style="dim"))
        try:
            story = Story(base, site, Simulator.tokity_key)
            _main_job(story)
        except (StepFailedError, httpx.HTTPError) as problem:
            console.print(f"\n   [red]✗ {problem}[/red]")
            return 1
    console.print(f"\n[green]All {story.steps} steps were right.[/green]")
    return 0


def _main_job(story: Story) -> None:
    story.step(
        "Connect with a site host and an API key", "GET", "connection/test",
        check=lambda a: a["status"] == "ok", show="Connected to {site}.",
    )  # fmt: skip
    contact = story.step(
        "Find a contact by name", "POST", "find/contacts", {"take": 5},
        check=lambda a: any(c.get("email") for c in a["results"]), show="{total} contacts; taking one with an address.",
    )  # fmt: skip
    person = next(one for one in contact["results"] if one.get("email"))
    ticket = story.step(
        "Create a ticket for that contact, everything by name", "POST", "tickets",
        {"title": TITLE, "contact": person["email"], "board": "Support", "priority": "High"},
        check=lambda a: (a["board"], a["priority"], a["contactId"]) == ("Support", "High", person["id"]),
        show="Ticket {id} on {board} for {contact}, status {status}.",
    )  # fmt: skip
    story.step(
        "Add a note on behalf of the contact", "POST", f"tickets/{ticket['id']}/notes",
        {"text": NOTE, "onBehalfOf": person["email"]},
        check=lambda a: a["author"] == person["name"] and not a["isInternal"], show="Note {id} by {author}.",
    )  # fmt: skip
    statuses = story.step(
        "See which statuses the board has", "GET", "lookups/statuses?board=Support",
        check=lambda a: len(a["results"]) > 1, show="{total} statuses.",
    )  # fmt: skip
    target = next(one["name"] for one in statuses["results"] if one["name"] != ticket["status"])
    story.step(
        f"Change the status to “{target}” by name", "PATCH", f"tickets/{ticket['id']}", {"status": target},
        check=lambda a: a["status"] == target, show="The status is now {status}.",
    )  # fmt: skip
    story.step(
        "Read it back", "GET", f"tickets/{ticket['id']}",
        check=lambda a: a["status"] == target and a["title"] == TITLE,
        show="{title}: {status}, {url}",
    )  # fmt: skip
    story.step(
        "And its notes", "POST", f"find/tickets/{ticket['id']}/notes", {},
        check=lambda a: any(n["text"] == NOTE for n in a["results"]),
        show="{total} note(s), the contact's among them.",
    )  # fmt: skip


@contextmanager
def _pair(root: Path) -> Iterator[tuple[str, str]]:
    """The pair that `make run` has started, or one of our own on free ports."""
    base, site = "http://127.0.0.1:7071", "127.0.0.1:7070"
    if _serves(base, site):
        yield base, site
        return
    port = _free_port()
    site = f"127.0.0.1:{port}"
    with running_simulator(port), LocalHost(root, env={**os.environ, "CONNECTOR_DEVELOPMENT_SITES": site}) as host:
        yield host.url, site


def _serves(base: str, site: str) -> bool:
    headers = {"dd-host": site, "dd-api-key": Simulator.tokity_key}
    try:
        return httpx.get(f"{base}/api/connection/test", headers=headers, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _shortened(value: Any) -> str:
    text = re.sub(r"\s+", " ", str(value))
    return text if len(text) < 160 else text[:157] + "…"
