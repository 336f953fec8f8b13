"""Polling triggers as a platform calls them: each answer's Location next, everything new exactly once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connector.catalog import operations
from connector.catalog.polling_triggers import polled
from connector.catalog.ticket_polling_triggers import TicketBatch
from connector.deskdirector.entities.tickets import Ticket
from connector.operations.request import Request
from connector.relay.polling.items import TICKS_PER_SECOND, Reading, Source
from connector.settings import Settings
from tests.desk import Answer, Desk
from tests.relay.flows import local
from workbench.simulator.records import Note


class Poller:
    """Follows a trigger's Location, as a flow does."""

    def __init__(self, desk: Desk, operation_id: str, **given: Any) -> None:
        self.desk = desk
        self.last = desk.call(operation_id, **given)
        assert self.last.status == 202, self.last.json

    def poll(self, more: dict[str, str] | None = None) -> list[Any]:
        headers = {**self.desk.headers(), **(more or {})}
        self.last = self.desk.send("GET", self.location, headers=headers)
        if self.last.status == 202:
            return []
        assert self.last.status == 200, self.last.json
        (only_array,) = [value for value in self.last.json.values() if isinstance(value, list)]
        return only_array

    @property
    def location(self) -> str:
        return local(self.desk, self.last.headers["location"])


def contact_of(desk: Desk) -> str:
    return str(next(iter(desk.tenant.contacts)))


PROVEN = pytest.mark.parametrize("desk", ["proven"], indirect=True)
BOTH = pytest.mark.parametrize("desk", ["proven", "generous"], indirect=True)


def create(desk: Desk, title: str, **more: Any) -> int:
    answer = desk.call("CreateTicket", title=title, contact=contact_of(desk), **more)
    assert answer.status == 200, answer.json
    return int(answer.json["id"])


@BOTH
def test_the_first_call_answers_no_history(desk: Desk) -> None:
    poller = Poller(desk, "WhenTicketIsCreated")
    assert poller.last.json == {}
    assert int(poller.last.headers["retry-after"]) >= 1
    assert "state=" in poller.location
    for _ in range(2):
        assert poller.poll() == []
        assert poller.last.status == 202


@BOTH
def test_new_tickets_come_once_oldest_first(desk: Desk) -> None:
    poller = Poller(desk, "WhenTicketIsCreated")
    made = [create(desk, f"Ticket {number}") for number in range(3)]
    found = poller.poll()
    assert [one["id"] for one in found] == made
    assert found[0]["title"] == "Ticket 0"
    assert poller.poll() == []
    later = create(desk, "One more")
    assert [one["id"] for one in poller.poll()] == [later]


@BOTH
def test_tickets_of_the_same_moment_are_neither_lost_nor_repeated(desk: Desk) -> None:
    poller = Poller(desk, "WhenTicketIsCreated")
    desk.simulator.clock.freeze(frozen=True)
    first = create(desk, "First")
    assert [one["id"] for one in poller.poll()] == [first]
    second = create(desk, "Second, at the same tick")
    assert desk.tenant.tickets[first].created_on == desk.tenant.tickets[second].created_on
    assert [one["id"] for one in poller.poll()] == [second]
    assert poller.poll() == []


def test_a_ticket_that_shows_up_late_still_comes(desk: Desk) -> None:
    poller = Poller(desk, "WhenTicketIsCreated")
    first = create(desk, "First")
    assert [one["id"] for one in poller.poll()] == [first]
    late = create(desk, "Made on a server whose clock is behind")
    desk.tenant.tickets[late].created_on -= 60 * TICKS_PER_SECOND
    desk.tenant.tickets[late].wire = None
    assert [one["id"] for one in poller.poll()] == [late]
    assert poller.poll() == []


def test_an_answer_that_got_lost_is_given_again(desk: Desk) -> None:
    poller = Poller(desk, "WhenTicketIsCreated")
    made = create(desk, "Only once")
    before = poller.location
    assert [one["id"] for one in poller.poll()] == [made]
    again = desk.send("GET", before, headers=desk.headers())
    assert [one["id"] for one in again.json["results"]] == [made]


@BOTH
def test_filters_by_name_stay_in_the_address(desk: Desk) -> None:
    poller = Poller(desk, "WhenTicketIsCreated", board="Support")
    create(desk, "Elsewhere", board="Security")
    here = create(desk, "Here", board="Support")
    assert [one["id"] for one in poller.poll()] == [here]
    assert "board=Support" in poller.location
    refused = desk.call("WhenTicketIsCreated", board="No such board")
    assert (refused.status, refused.code) == (400, "BoardNotFound")


def test_a_ticket_that_comes_to_match_later_is_a_change_and_no_new_one(desk: Desk) -> None:
    created, updated = (
        Poller(desk, name, board="Security", tag="urgent") for name in ("WhenTicketIsCreated", "WhenTicketIsUpdated")
    )
    ticket = create(desk, "Moved later", board="Support")
    desk.tenant.tickets[ticket].created_on -= 4 * 86_400 * TICKS_PER_SECOND
    assert [created.poll(), updated.poll()] == [[], []]
    desk.call("UpdateTicket", ticketId=ticket, board="Security")
    assert [created.poll(), updated.poll()] == [[], []]
    desk.call("AddTicketTags", ticketId=ticket, tags=["urgent"])
    assert created.poll() == []
    assert [one["id"] for one in updated.poll()] == [ticket]
    shown = operations()["WhenTicketIsCreated"]
    assert "When a ticket is updated finds it" in shown.guidance


@PROVEN
def test_changes_need_a_member_where_a_find_has_no_dates(desk: Desk) -> None:
    refused = desk.call("WhenTicketIsUpdated")
    assert (refused.status, refused.code) == (400, "ChangesNotOffered")
    assert "personal API key" in refused.json["message"]


@PROVEN
def test_changes_as_a_member_sees_them(desk: Desk) -> None:
    key = {"dd-api-key": f"Basic {desk.simulator.personal_token(next(iter(desk.tenant.members)))}"}
    poller = Poller(desk, "WhenTicketIsUpdated", headers=key)
    oldest, newest = min(desk.tenant.tickets), max(desk.tenant.tickets)
    for ticket in (oldest, newest):
        desk.call("UpdateTicket", ticketId=ticket, title="Changed")
    found: list[int] = []
    for _ in range(4):
        found += [one["id"] for one in poller.poll(key)]
    assert sorted(found) == [oldest, newest]


def test_updates_come_each_time_a_ticket_changes(desk: Desk) -> None:
    poller = Poller(desk, "WhenTicketIsUpdated")
    ticket = next(iter(desk.tenant.tickets))
    for number in range(2):
        desk.call("UpdateTicket", ticketId=ticket, title=f"Title {number}")
        assert [(one["id"], one["title"]) for one in poller.poll()] == [(ticket, f"Title {number}")]
        assert poller.poll() == []


def test_more_than_one_answer_takes_comes_in_parts(desk: Desk) -> None:
    poller = Poller(desk, "WhenTicketIsUpdated")
    changed = list(desk.tenant.tickets)[:150]
    for ticket in changed:
        desk.tenant.touch(desk.tenant.tickets[ticket])
    first = poller.poll()
    assert 0 < len(first) < 150
    assert poller.last.headers["retry-after"] == "0"
    found = [one["id"] for one in first]
    while more := poller.poll():
        found += [one["id"] for one in more]
    assert sorted(found) == sorted(changed)


def test_submitted_forms(desk: Desk) -> None:
    form = next(iter(desk.tenant.forms.values()))
    member = str(next(iter(desk.tenant.members)))
    poller = Poller(desk, "WhenFormIsSubmitted", form=form.name, onBehalfOf=member)
    answer = desk.client.post(
        f"http://{desk.simulator.site}/_control/form-results",
        json={"formId": form.id, "contactId": int(contact_of(desk))},
    )
    (found,) = poller.poll()
    assert found["id"] == answer.json().get("entityId", answer.json().get("id"))
    assert found["submittedAt"]
    assert poller.poll() == []


def test_time_entries(desk: Desk) -> None:
    member = str(next(iter(desk.tenant.members)))
    poller = Poller(desk, "WhenTimeEntryIsAdded", onBehalfOf=member)
    ticket = next(iter(desk.tenant.tickets))
    begun = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    added = desk.call("AddTimeEntry", ticketId=ticket, text="Fixed it", startedAt=begun, hours=0.5, onBehalfOf=member)
    assert added.status == 200, added.json
    assert [(one["text"], one["ticketId"]) for one in poller.poll()] == [("Fixed it", ticket)]
    assert poller.poll() == []


def test_notes_by_author_and_audience(desk: Desk) -> None:
    by_contact = Poller(desk, "WhenNoteIsAdded", noteBy="contact")
    internal = Poller(desk, "WhenNoteIsAdded", noteVisibility="internal")
    everything = Poller(desk, "WhenNoteIsAdded")
    tickets = list(desk.tenant.tickets.values())
    ours, theirs = tickets[3], next(one for one in tickets[4:] if one.contact_id)
    desk.call("AddTicketNote", ticketId=ours.id, text="From the desk", isInternal=True)
    added = desk.call("AddTicketNote", ticketId=theirs.id, text="From me", onBehalfOf=f"contact:{theirs.contact_id}")
    assert added.status == 200, added.json
    assert [(one["text"], one["ticketId"]) for one in by_contact.poll()] == [("From me", theirs.id)]
    assert [(one["text"], one["ticket"]) for one in internal.poll()] == [("From the desk", ours.name)]
    assert [one["text"] for one in everything.poll()] == ["From the desk", "From me"]
    desk.call("UpdateTicket", ticketId=theirs.id, title="Changed, without a note")
    assert [trigger.poll() for trigger in (by_contact, internal, everything)] == [[], [], []]


def test_own_notes_may_be_left_out(desk: Desk) -> None:
    poller = Poller(desk, "WhenNoteIsAdded", leaveOutOwnChanges=True)
    ticket = next(one for one in desk.tenant.tickets.values() if one.closed_on is None)
    desk.call("AddTicketNote", ticketId=ticket.id, text="Written by a flow")
    theirs = _note(desk, desk.simulator.clock.now(), "member")
    theirs.text = "Written by nobody but this member"  # other tests have the connector write "Hm"
    ticket.notes.append(theirs)
    desk.tenant.touch(ticket)
    assert [one["text"] for one in poller.poll()] == [theirs.text]


@pytest.mark.parametrize("trigger", ["WhenTicketIsCreated", "WhenTicketIsUpdated", "WhenNoteIsAdded"])
def test_calls_and_address_stay_bounded_with_every_filter(desk: Desk, trigger: str) -> None:
    """A burst of 1,200 within one moment, every filter by name, nothing in a cache: 25 calls, 3,500 characters."""
    template = next(one for one in desk.tenant.tickets.values() if one.contact_id and one.assigned_member_ids)
    template.tags = ["burst"]
    shown = desk.call("GetTicket", ticketId=template.id).json
    names = {name: shown[name] for name in ("board", "status", "priority", "company", "contact")}
    filters = {**names, "contact": shown["contactId"], "assignedTo": shown["assignedTo"][0], "tag": "burst"}
    poller = Poller(desk, trigger, **filters)
    desk.simulator.clock.freeze(frozen=True)
    now = desk.simulator.clock.now()
    for number in range(1, 1_201):
        copy = replace(template, id=max(desk.tenant.tickets) + number, created_on=now, modified_on=now, wire=None)
        copy.notes = [_note(desk, now, "contact")]
        desk.tenant.tickets[copy.id] = copy
    calls, longest, found, polls = 0, 0, 0, 0
    while poller.last.headers["retry-after"] != "60" or not polls:
        desk.simulator.calls.clear()
        found += len(poller.poll())
        # Tests have schemas read for every call; an app reads each once in ten minutes.
        made = [call.path for call in desk.simulator.calls if "/schema" not in call.path]
        calls, longest = max(calls, len(made) + 1), max(longest, len(poller.last.headers["location"]))
        polls += 1
        if trigger == "WhenNoteIsAdded" and polls == 12:
            break  # its notes are read ticket by ticket: a hundred polls and more
    assert found == 1_200 or polls == 12
    assert calls <= 25
    assert longest <= 3_500


def test_many_notes_on_many_tickets(desk: Desk) -> None:
    poller = Poller(desk, "WhenNoteIsAdded")
    tickets = list(desk.tenant.tickets)[:60]
    for ticket in tickets:
        desk.call("AddTicketNote", ticketId=ticket, text=f"Note on {ticket}")
    found: list[int] = []
    for _ in range(30):
        found += [one["ticketId"] for one in poller.poll()]
        if poller.last.headers["retry-after"] == "60":
            break
    assert found == tickets


@PROVEN
def test_notes_where_only_members_see_them(desk: Desk) -> None:
    key = {"dd-api-key": f"Basic {desk.simulator.personal_token(next(iter(desk.tenant.members)))}"}
    poller = Poller(desk, "WhenNoteIsAdded", headers=key)
    ticket = max(desk.tenant.tickets)
    assert desk.call("AddTicketNote", ticketId=ticket, text="Seen by members").status == 200
    assert [one["text"] for one in _until_quiet(poller, key)] == ["Seen by members"]
    assert desk.call("WhenNoteIsAdded").code == "ChangesNotOffered"


@BOTH
def test_overdue_tickets_once_for_each_due_date(desk: Desk) -> None:
    poller = Poller(desk, "WhenTicketIsOverdue")
    _until_quiet(poller)
    late, later, closed = [one for one in desk.tenant.tickets.values() if one.closed_on is None][:3]
    now = desk.simulator.clock.now()
    for ticket, minutes in ((late, -5), (later, 600), (closed, -5)):
        ticket.due_date = now + minutes * 60 * TICKS_PER_SECOND
        desk.tenant.touch(ticket)
    closed.closed_on = now
    assert [one["id"] for one in _until_quiet(poller)] == [late.id]
    assert _until_quiet(poller) == []
    late.due_date = now - 60 * TICKS_PER_SECOND
    desk.tenant.touch(late)
    assert [one["id"] for one in _until_quiet(poller)] == [late.id]


@BOTH
def test_tickets_that_wait(desk: Desk) -> None:
    member = next(iter(desk.tenant.members))
    as_member = {"dd-api-key": f"Basic {desk.simulator.personal_token(member)}"}
    open_ones = [one for one in desk.tenant.tickets.values() if one.closed_on is None]
    hours = 3600 * TICKS_PER_SECOND
    now = desk.simulator.clock.now()
    for ticket in desk.tenant.tickets.values():
        ticket.notes = []
        ticket.created_on = min(ticket.created_on, now - 100 * hours)
    for_us = Poller(desk, "WhenTicketWaits", hours=2, waitingFor="us", headers=as_member)
    for_contact = Poller(desk, "WhenTicketWaits", hours=2, waitingFor="contact", headers=as_member)
    assert [_until_quiet(for_us, as_member), _until_quiet(for_contact, as_member)] == [[], []]
    asked, answered = open_ones[0], open_ones[-1]
    asked.notes = [_note(desk, now - 2 * hours - hours // 60, "contact")]
    answered.notes = [_note(desk, now - 2 * hours - hours // 60, "member")]
    (waiting,) = _until_quiet(for_us, as_member)
    assert (waiting["id"], waiting["lastNoteByType"]) == (asked.id, "contact")
    assert waiting["waitingSince"] == waiting["lastNoteAt"]
    assert [one["id"] for one in _until_quiet(for_contact, as_member)] == [answered.id]
    asked.notes.append(_note(desk, now, "member"))
    assert [_until_quiet(for_us, as_member), _until_quiet(for_contact, as_member)] == [[], []]


def test_answers_to_a_survey(desk: Desk) -> None:
    ticket = next(one for one in desk.tenant.tickets.values() if one.contact_id)
    body = {"surveyId": 7, "ticketId": ticket.id, "contactId": ticket.contact_id}

    def answer(score: int, survey: int = 7) -> None:
        desk.client.post(
            f"http://{desk.simulator.site}/_control/survey-answers",
            json=body | {"surveyId": survey, "score": score, "comment": 'Good, "very" good'},
        )

    answer(1)
    poller = Poller(desk, "WhenSurveyIsAnswered", surveyId=7)
    assert poller.poll() == []
    answer(4)
    answer(2, survey=8)
    (found,) = poller.poll()
    assert (found["score"], found["ticketId"], found["comment"]) == ("4", ticket.id, 'Good, "very" good')
    assert {"name": "Score", "value": "4"} in found["columns"]
    assert poller.poll() == []


def _until_quiet(poller: Poller, more: dict[str, str] | None = None) -> list[Any]:
    """What polls find until there is nothing to wait for."""
    found: list[Any] = []
    for _ in range(40):
        found += poller.poll(more)
        if poller.last.headers["retry-after"] == "60":
            return found
    raise AssertionError("it never catches up")


def _note(desk: Desk, at: int, kind: str) -> Note:
    return Note(desk.tenant.next_number(), "Hm", False, at, 1, "Somebody", kind)


@pytest.mark.parametrize("state", ["x", "1.2.3", "zz.", "%00", "1f.AAA", "7fffffffffffffff."])
def test_a_state_that_is_not_ours_is_refused(desk: Desk, state: str) -> None:
    answer: Answer = desk.call("WhenTicketIsCreated", state=state)
    assert answer.status == 400


def test_the_next_address_leads_through_the_gateway(desk: Desk) -> None:
    gateway = "https://unit.azure-apim.net/apim/connector/0f"
    answer = desk.call("WhenTicketIsCreated", board="Support", headers={"x-ms-apim-referrer-prefix": gateway})
    assert answer.headers["location"].startswith(f"{gateway}/triggers/created-tickets?board=Support&state=")


async def test_the_address_keeps_the_filters_but_no_key() -> None:
    url = "https://app.example/api/triggers/x?board=Support&code=secret&state=old"
    query = {"board": "Support", "code": "secret", "state": "old"}

    async def read(since: int | None, skip: int) -> Reading[Ticket]:
        del since, skip
        return Reading([], 0, 0)

    request = Request("GET", url, {}, query=query)
    answer = await polled(Settings(), request, None, Source(read), lambda found: TicketBatch(results=found))
    assert answer.headers["Location"].startswith("https://app.example/api/triggers/x?board=Support&state=")
    assert "secret" not in answer.headers["Location"]
