"""DeskDirector as a list of canned answers, which counts calls and round trips: no sockets, no clock.

A round trip is what is asked before anything of it is answered: nothing is answered as long as more questions come.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from connector.deskdirector import client
from connector.deskdirector.connection import Connection
from connector.deskdirector.retrying import Outgoing
from connector.deskdirector.transport import Answer
from connector.settings import Settings

SETTLED = 300
"""Turns of the event loop after which every caller has sent its request."""
NAMES = 20


def choices(noun: str) -> list[dict[str, Any]]:
    """A list of a drop-down."""
    return [{"id": number, "name": f"{noun} {number}"} for number in range(1, NAMES + 1)]


def _found(request: Outgoing) -> Any:
    """The one person or company with the name that was searched."""
    text = json.loads(request.body or b"{}").get("search", "")
    return {"results": [{"id": 7, "name": text, "email": text}], "totalResults": 1}


def _schema(*names: str) -> Any:
    return {"schema": {"type": "object", "properties": {name: {} for name in names}}}


_TICKET = (
    "name", "description", "companyId", "contactId", "userGroupId", "boardId", "statusId", "priorityId", "sourceId",
    "assignedMemberIds",
)  # fmt: skip
ANSWERS: Mapping[str, Callable[[Outgoing], Any]] = {
    **{
        f"LIST_{plural}": lambda _, noun=noun: choices(noun)  # type: ignore[misc]
        for plural, noun in {
            "BOARDS": "Board", "STATUSES": "Status", "PRIORITIES": "Priority", "SOURCES": "Source",
            "REQUEST_TYPES": "Type",
        }.items()
    },
    **dict.fromkeys(("FIND_CONTACTS", "FIND_COMPANIES", "FIND_MEMBERS", "FIND_USER_GROUPS"), _found),
    "LIST_COMPANY_TEAMS": lambda _: {"results": choices("Team"), "totalResults": NAMES},
    "GET_DYNAMIC_SCHEMA2": lambda _: _schema("search", "companyId", "take", "skip"),
    "GET_CREATE_TICKET_REQUEST_SCHEMA2": lambda _: _schema(*_TICKET),
    "CREATE_TICKET": lambda _: {"id": 1, "name": "Printer"},
    "FIND_TICKETS": lambda _: {"results": [], "totalResults": 0},
}  # fmt: skip


class Waves:
    """Answers in waves."""

    def __init__(self, answers: Mapping[str, Callable[[Outgoing], Any]] = ANSWERS) -> None:
        self.answers = answers
        self.settled = SETTLED
        self.calls: Counter[str] = Counter()
        self.trips = 0
        self._waiting: list[asyncio.Event] = []

    def reset(self) -> None:
        """Count from zero."""
        self.calls.clear()
        self.trips = 0

    async def send(self, request: Outgoing, settings: Settings, deadline: float) -> Answer:
        """In place of the network."""
        del settings, deadline
        self.calls[request.endpoint.name] += 1
        go = asyncio.Event()
        self._waiting.append(go)
        await go.wait()
        return Answer(200, {}, json.dumps(self.answers[request.endpoint.name](request)).encode())

    async def serve(self) -> None:
        """Answer one wave after another."""
        while True:
            count = -1
            while count != len(self._waiting) or not count:
                count = len(self._waiting)
                for _ in range(self.settled if count else 1):
                    await asyncio.sleep(0)
            self.trips += 1
            waiting, self._waiting = self._waiting, []
            for go in waiting:
                go.set()


@asynccontextmanager
async def upstream(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Waves]:
    """The client talks to canned answers."""
    waves = Waves()
    monkeypatch.setattr(client, "send", waves.send)
    serving = asyncio.get_running_loop().create_task(waves.serve())
    try:
        yield waves
    finally:
        serving.cancel()


def desk(settings: Settings, site: str = "acme.deskdirector.com") -> client.DeskDirector:
    """What an operation is given; each site is a connection of its own."""
    return client.DeskDirector(
        Connection.from_headers({"dd-host": site, "dd-api-key": "a-psa-key"}, settings), settings
    )
