"""Conditions of ticket events."""

import json
from typing import Any

import pytest

from connector.deskdirector.entities.events import ChatEvent, TicketEvent
from connector.deskdirector.models import read
from connector.deskdirector.sites import Site
from connector.relay.conditions import Need, fulfils, needs

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


TICKET, CONTACT, NOTE = frozenset({Need.TICKET}), frozenset({Need.CONTACT}), frozenset({Need.NOTE})


@pytest.mark.parametrize(
    ("sent", "conditions", "wanted"),
    [
        ({"id": 7}, {"board": ref(4)}, TICKET),
        ({"id": 7, "board": None}, {"board": ref(4)}, set()),
        ({"id": 7, "Queue": {"id": 4}}, {"board": ref(4)}, set()),
        ({"id": 7, "boardId": 4}, {"board": ref(4)}, set()),
        ({"id": 7, "board": "Support"}, {"board": ref(4, "support")}, set()),
        ({"id": 7, "board": "Support"}, {"board": ref(4, "4")}, TICKET),
        ({"id": 7, "tags": []}, {"tag": "vip"}, set()),
        ({"id": 7}, {"tag": "vip"}, TICKET),
        ({"id": 7, "summary": "x"}, {"text": "x"}, set()),
        ({"id": 7, "summary": "y"}, {"text": "x"}, TICKET),
        ({"id": 7, "summary": "y", "description": "z"}, {"text": "x"}, set()),
        ({"id": 7, "assignedAgents": []}, {"assignedTo": ref(2)}, set()),
        ({"id": 7, "tags": ["vip"]}, {"tag": "vip", "status": ref(1)}, TICKET),
        ({"id": 7, "tags": []}, {"tag": "vip", "status": ref(1)}, set()),  # fails whatever the status is
        ({"id": 7, "contact": {"id": 3}}, {"contactIsVip": True}, CONTACT),
        ({"id": 7}, {"contactIsVip": True}, CONTACT | TICKET),
        ({"id": 7, "contact": {"id": 3, "isVip": False}}, {"contactIsVip": True}, set()),
        ({"id": 7, "note": {"content": "x"}}, {"noteVisibility": "public"}, NOTE),
        ({"id": 7, "note": {"content": "x", "user": {"name": "Jo"}}}, {"noteBy": "contact"}, NOTE),
        ({"id": 7, "note": {"content": "x", "user": {"userType": "Contact"}}}, {"noteBy": "contact"}, set()),
        ({"id": 7}, {"leaveOutOwn": True}, set()),
        ({"id": 7}, {}, set()),
    ],
)
def test_what_a_condition_needs_and_the_notification_does_not_carry(
    sent: dict[str, Any], conditions: dict[str, Any], wanted: set[Need]
) -> None:
    assert needs(event(**sent), sent, conditions) == wanted


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({"noteVisibility": "public"}, True),
        ({"noteVisibility": "internal"}, False),
        ({"noteBy": "contact"}, True),
        ({"noteBy": "member"}, False),
        ({"contactIsVip": True}, True),
        ({"contactIsVip": False}, False),
        ({"leaveOutOwn": True}, True),
        ({"status": ref([30, 31])}, True),
        ({"status": ref([1, 2])}, False),
        ({"contact": ref(9, "JO@acme.com")}, True),
    ],
)
def test_conditions_on_notes_and_people(conditions: dict[str, Any], expected: bool) -> None:
    noted = event(
        id=7,
        status={"id": 31},
        contact={"name": "Jo", "emailAddress": "jo@acme.com", "isVip": True},
        note={"content": "Hi", "isInternal": False, "user": {"name": "Jo"}},
    )
    assert fulfils(noted, conditions) is expected
    noted.is_own_change = True
    assert not fulfils(noted, {"leaveOutOwn": True})


def test_the_status_of_a_chat() -> None:
    chat = read(ChatEvent, b'{"id": "c", "status": "Missed"}')
    assert fulfils(chat, {"chatStatus": "missed"})
    assert not fulfils(chat, {"chatStatus": "handled"})
