"""Conditions of ticket events."""

import json
from typing import Any

import pytest

from connector.deskdirector.entities.events import TicketEvent
from connector.deskdirector.models import read
from connector.deskdirector.sites import Site
from connector.relay.conditions import fulfils, is_silent_on

SITE = Site("support.deskdirector.com")


def event(**sent: Any) -> TicketEvent:
    found = read(TicketEvent, json.dumps(sent).encode())
    found.complete(SITE)
    return found


EVENT = event(
    id=7,
    name="The Printer  on level 2",
    board={"id": 4, "name": "Support"},
    status={"id": 31, "name": "New"},
    company="Acme",
    priority=None,
    assignedMembers=[{"id": 2, "name": "Ann Lee"}],
    tags=["VIP", "Level 2"],
    note={"note": "Turned it off and on"},
)


def ref(identity: Any, name: str = "?") -> dict[str, Any]:
    return {"id": identity, "name": name}


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({}, True),
        ({"board": ref(4)}, True),
        ({"board": ref(5, "Support")}, False),
        ({"board": ref(4), "status": ref(32)}, False),
        ({"board": ref(4), "status": ref(31)}, True),
        ({"company": ref(9, " acme ")}, True),  # a notification that carries the name only
        ({"company": ref(9, "Other")}, False),
        ({"priority": ref(1, "High")}, False),  # a ticket without a priority
        ({"contact": ref(3, "Jo")}, False),
        ({"assignedTo": ref(2)}, True),
        ({"assignedTo": ref(3, "Ann Lee")}, False),
        ({"tag": "vip"}, True),
        ({"tag": "level  2"}, True),
        ({"tag": "level"}, False),
        ({"text": "printer on LEVEL"}, True),
        ({"text": "off and on"}, True),
        ({"text": "scanner"}, False),
    ],
)
def test_conditions(conditions: dict[str, Any], expected: bool) -> None:
    assert fulfils(EVENT, conditions) is expected


def test_members_by_name_when_the_notification_has_no_ids() -> None:
    assert fulfils(event(id=7, assignedAgents=[{"name": "Ann Lee"}]), {"assignedTo": ref(2, "ann lee")})


@pytest.mark.parametrize(
    ("sent", "conditions", "silent"),
    [
        ({"id": 7}, {"board": ref(4)}, True),
        ({"id": 7, "board": None}, {"board": ref(4)}, False),
        ({"id": 7, "Queue": {"id": 4}}, {"board": ref(4)}, False),
        ({"id": 7, "boardId": 4}, {"board": ref(4)}, False),
        ({"id": 7, "tags": []}, {"tag": "vip"}, False),
        ({"id": 7}, {"tag": "vip"}, True),
        ({"id": 7, "summary": "x"}, {"text": "x"}, False),
        ({"id": 7, "assignedAgents": []}, {"assignedTo": ref(2)}, False),
        ({"id": 7, "tags": []}, {"tag": "vip", "status": ref(1)}, True),
        ({"id": 7}, {}, False),
    ],
)
def test_a_notification_may_say_nothing_about_it(
    sent: dict[str, Any], conditions: dict[str, Any], silent: bool
) -> None:
    assert is_silent_on(sent, conditions) is silent
