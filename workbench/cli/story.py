"""The demo's scenes: what a flow does, step by step, each step shown and checked."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from rich.console import Console

from workbench.simulator import FlowReceiver

console = Console(highlight=False)
TITLE = "Cannot print since this morning"
NOTE = "It is the one on the second floor."
ANSWER = "A technician comes at ten."
FLOW = "note-added"
_DELIVERY_SECONDS = 20


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
        response = self.ask(what, method, path, body)
        answer = response.json() if response.content else {}
        if response.status_code >= 300 or not check(answer):
            raise StepFailedError(f"Step {self.steps} answered {response.status_code}: {_shortened(answer)}")
        self.right(show.format(**answer))
        return answer

    def ask(self, what: str, method: str, path: str, body: Any = None) -> httpx.Response:
        """Show and make a call; `path` is below `/api/`, or a whole address."""
        self.steps += 1
        url = path if path.startswith("http") else f"{self.base}/api/{path}"
        console.print(f"\n[bold]{self.steps}. {what}[/bold]")
        console.print(f"   {method} {_shortened(url.removeprefix(self.base))}", style="dim", markup=False)
        if body:
            console.print(f"   {json.dumps(body, ensure_ascii=False)}", style="dim", markup=False, soft_wrap=True)
        headers = {"dd-host": self.site, "dd-api-key": self.key}
        return self.client.request(method, url, json=body, headers=headers)

    def right(self, sentence: str) -> None:
        """Say what came back."""
        console.print(f"   [green]✓[/green] {sentence}")


def main_job(story: Story) -> int:
    """Connect, find, create, note, change a status by name, close; the ticket's number."""
    ticket = _opened(story)
    _worked_on(story, ticket)
    return int(ticket["id"])


def _opened(story: Story) -> dict[str, Any]:
    story.step(
        "Connect with a site host and an API key", "GET", "connection/test",
        check=lambda a: a["status"] == "ok", show="Connected to {site}.",
    )  # fmt: skip
    contacts = story.step(
        "Find a contact by name", "POST", "find/contacts", {"take": 5},
        check=lambda a: any(c.get("email") for c in a["results"]), show="{total} contacts; taking one with an address.",
    )  # fmt: skip
    contact = next(contact for contact in contacts["results"] if contact.get("email"))
    ticket = story.step(
        "Create a ticket for that contact, everything by name", "POST", "tickets",
        {"title": TITLE, "contact": contact["email"], "board": "Support", "priority": "High"},
        check=lambda a: (a["board"], a["priority"], a["contactId"]) == ("Support", "High", contact["id"]),
        show="Ticket {id} on {board} for {contact}, status {status}.",
    )  # fmt: skip
    story.step(
        "Add a note on behalf of the contact", "POST", f"tickets/{ticket['id']}/notes",
        {"text": NOTE, "onBehalfOf": contact["email"]},
        check=lambda a: a["author"] == contact["name"] and not a["isInternal"], show="Note {id} by {author}.",
    )  # fmt: skip
    return dict(ticket)


def _worked_on(story: Story, ticket: dict[str, Any]) -> None:
    statuses = story.step(
        "See which statuses the board has", "GET", "lookups/statuses?board=Support",
        check=lambda a: len(a["results"]) > 1, show="{total} statuses.",
    )  # fmt: skip
    target = next(status["name"] for status in statuses["results"] if status["name"] != ticket["status"])
    story.step(
        f"Change the status to “{target}” by name", "PATCH", f"tickets/{ticket['id']}", {"status": target},
        check=lambda a: a["status"] == target, show="The status is now {status}.",
    )  # fmt: skip
    story.step(
        "Read it back", "GET", f"tickets/{ticket['id']}",
        check=lambda a: (a["status"], a["title"]) == (target, TITLE), show="{title}: {status}, {url}",
    )  # fmt: skip
    story.step(
        "Close it with a note, both in one update", "POST", f"tickets/{ticket['id']}/close", {"note": "Done."},
        check=lambda a: a["isClosed"], show="The status is now {status}.",
    )  # fmt: skip
    story.step(
        "List its notes", "POST", f"find/tickets/{ticket['id']}/notes", {},
        check=lambda a: any(n["text"] == NOTE for n in a["results"]), show="{total} note(s), the contact's among them.",
    )  # fmt: skip


def events(story: Story, receiver: FlowReceiver, ticket_id: int) -> None:
    """A flow waits for public notes on one board; it gets that event, filled, although it was too busy at first."""
    subscribed = story.ask(
        "A flow waits for public notes on the board Support", "POST", "triggers/ticket-events",
        {"eventType": "ticket.notes.added", "board": "Support", "noteVisibility": "public",
         "callbackUrl": receiver.url(FLOW)},
    )  # fmt: skip
    if subscribed.status_code != 201:
        raise StepFailedError(f"Subscribing answered {subscribed.status_code}: {_shortened(subscribed.text)}")
    unsubscribe = subscribed.headers["location"]
    story.right("Subscribed; DeskDirector posts to the app from now on, and the app to the flow.")
    story.step(
        "An internal note is added: an event that the conditions leave out", "POST", f"tickets/{ticket_id}/notes",
        {"text": "The toner is out of stock.", "isInternal": True},
        check=lambda a: a["isInternal"], show="Added.",
    )  # fmt: skip
    receiver.behave(FLOW, "throttled", retry_after=1, times=1)
    story.step(
        "A public note is added while the flow answers 429", "POST", f"tickets/{ticket_id}/notes",
        {"text": ANSWER}, check=lambda a: not a["isInternal"], show="Added.",
    )  # fmt: skip
    event = _event(receiver, ticket_id)
    story.right("Delivered at the second attempt, with everything that a flow asks for:")
    for name in ("eventType", "title", "board", "contact", "contactEmail", "noteText", "noteAuthor"):
        story.right(f"{name}: {event[name]}")
    removed = story.ask("The flow is turned off", "DELETE", unsubscribe)
    if removed.status_code >= 300:
        raise StepFailedError(f"Unsubscribing answered {removed.status_code}")
    story.right("Unsubscribed, here and in DeskDirector.")


def _event(receiver: FlowReceiver, ticket_id: int) -> dict[str, Any]:
    """The one event that the flow accepted: of the public note, with its fields filled."""
    deadline = time.monotonic() + _DELIVERY_SECONDS
    while time.monotonic() < deadline:
        accepted = receiver.accepted(FLOW)
        if accepted:
            event: dict[str, Any] = accepted[0].body
            expected = {"id": ticket_id, "title": TITLE, "board": "Support", "noteText": ANSWER}
            wrong = [name for name, value in expected.items() if event.get(name) != value]
            empty = [name for name in ("contact", "contactEmail", "noteAuthor") if not event.get(name)]
            if wrong or empty:
                raise StepFailedError(f"The event lacks {', '.join(wrong + empty)}: {_shortened(event)}")
            return event
        time.sleep(0.05)
    raise StepFailedError("The event was not delivered.")


def polling(story: Story) -> None:
    """A flow that asks by itself: nothing at first, then exactly what is new."""
    first = story.ask("Another flow asks every few minutes for new tickets", "GET", "triggers/created-tickets")
    if first.status_code != 202:
        raise StepFailedError(f"The first poll answered {first.status_code}, not 202")
    story.right("Nothing yet, and no history; the answer says where to go on.")
    made = story.step(
        "A ticket comes in", "POST", "tickets", {"title": "New laptop", "company": "201"},
        check=lambda a: a["title"] == "New laptop", show="Ticket {id}.",
    )  # fmt: skip
    story.step(
        "The flow asks again", "GET", first.headers["location"],
        check=lambda a: [one["id"] for one in a["results"]] == [made["id"]],
        show="Exactly the new one: {results[0][title]}.",
    )  # fmt: skip


def _shortened(value: Any) -> str:
    """A line of it, without what gives access: even a stand-in's secrets are no example to show."""
    text = re.sub(r"(token=|state=|/workflows/)[\w-]+[^'\s]*", r"\1…", re.sub(r"\s+", " ", str(value)))
    return text if len(text) < 160 else text[:157] + "…"
