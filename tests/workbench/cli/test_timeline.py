"""Events as lines of a terminal: narrow ones, hostile ones, and sources that are away for a while."""

import json
from contextlib import aclosing
from typing import Any

import pytest

from connector.storage.records import EventQuery
from workbench.cli import following
from workbench.cli.following import Follower
from workbench.cli.listen import ESCAPES
from workbench.cli.sources import UnreadableError
from workbench.cli.timeline import details_of, line_of

HOSTILE = "\x1b]0;mine\x07\x1b[2J\x9b31m\u202e\r\n"


def hostile(value: Any) -> Any:
    """The same with the hostile text behind every text that is no time and no state."""
    if isinstance(value, dict):
        fixed = ("receivedAt", "dueAt", "at", "state", "wanted")
        return {name: one if name in fixed else hostile(one) for name, one in value.items()}
    if isinstance(value, list):
        return [hostile(one) for one in value]
    return value + HOSTILE if isinstance(value, str) else value


EVENT = {
    "eventId": "e1",
    "eventType": "ticket.new",
    "receivedAt": "2026-07-01T09:00:00",
    "about": {"id": "7", "title": "Printer"},
    "verdicts": [
        {"subscriptionId": "s1", "wanted": "no", "because": "status is New, not Closed"},
        {"subscriptionId": "s2", "wanted": "unknown", "because": "it could not be asked"},
    ],
    "deliveries": [
        {
            "subscriptionId": "s3",
            "flow": {"name": "VIP"},
            "state": "pending",
            "dueAt": "2026-07-01T09:01:00",
            "attempts": 2,
            "reason": "refused",
            "log": [{"at": "2026-07-01T09:00:01", "kind": "answer", "ms": 3, "status": 500, "excerpt": "no"}],
        }
    ],
}


def test_no_text_of_an_event_gives_the_terminal_orders() -> None:
    event = hostile(EVENT)
    for line in (line_of(event), *details_of(event)):
        assert line.plain.isprintable()
    assert "Printer" in line_of(event).plain
    assert any("status is New, not Closed" in line.plain for line in details_of(event))


def test_json_lines_have_no_control_characters_either() -> None:
    written = json.dumps(hostile(EVENT), ensure_ascii=False).translate(ESCAPES)
    assert not any(letter < " " or "\x7f" <= letter < "\xa0" for letter in written)
    assert json.loads(written) == hostile(EVENT)


@pytest.mark.parametrize("width", [38, 58, 78, 98])
def test_what_became_of_an_event_fits_into_a_narrow_terminal(width: int) -> None:
    delivered = {"subscriptionId": "s", "flow": {"name": "demo"}, "state": "delivered", "attempts": 1}
    log = [{"at": "2026-07-01T09:00:01", "kind": "answer", "ms": 27, "status": 202}]
    event = {
        **EVENT,
        "about": {"id": "11501", "title": "A long title, word after word after word"},
        "deliveries": [{**delivered, "log": log}],
    }
    line = line_of(event, width)

    assert line.cell_len <= width
    assert "#11501 A" in line.plain
    assert line.plain.endswith("demo ✓202 27ms")
    assert "word after word after word" in line_of(event).plain


class Leaving:
    """A source that is away for a while, in the middle of telling what came."""

    def __init__(self) -> None:
        self.reads = 0

    async def newest(self, query: EventQuery) -> Any:
        del query
        return {"results": [], "latest": "e0"}

    async def newer(self, query: EventQuery, after: str) -> Any:
        del query
        return {"results": [{"eventId": "e1"}, {"eventId": "e2"}] if after == "e0" else [], "latest": "e2"}

    async def event(self, event_id: str) -> Any:
        self.reads += 1
        if self.reads in (2, 4):
            raise UnreadableError("It does not answer.")
        return {**EVENT, "eventId": event_id, "deliveries": [], "worst": "unwanted"}

    async def replay(self, event_id: str) -> int:
        raise AssertionError(event_id)

    async def close(self) -> None:
        """Nothing to let go of."""


async def test_following_goes_on_when_an_app_was_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "AGAIN_SECONDS", 0.0)
    told: list[str] = []
    follower = Follower(Leaving(), EventQuery(), seconds=0.0, tell=told.append)
    await follower.backlog()
    shown: list[str] = []
    async with aclosing(aiter(follower)) as changes:
        async for event, is_new in changes:
            shown.append(event["eventId"])
            assert is_new
            if len(shown) == 2:
                break

    assert shown == ["e1", "e2"]
    assert told == ["It does not answer. Trying again …", ""]
