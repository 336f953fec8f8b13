"""Events as lines of a terminal: what others wrote in them gives the terminal no orders."""

import json
from typing import Any

from workbench.cli.listen import ESCAPES
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
