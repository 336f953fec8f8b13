"""What DeskDirector posts, in any shape, becomes typed events; nothing is dropped for being unusual."""

import gzip
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.deskdirector.errors import BadRequest, TooLarge
from connector.deskdirector.sites import Site
from connector.relay.event_sources import FAMILIES
from connector.relay.normalise import MAX_EVENTS, SAME_DATE_SECONDS, SAME_UNDATED_SECONDS, Origin, parse, parse_events

SITE = Site("support.deskdirector.com")
NOW = 1_782_907_200.0
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def origin(family: str = "ticket", *, at: float = NOW, post: str = "p1", registration: str = "r1") -> Origin:
    return Origin(registration, FAMILIES[family], "ticket.updated", SITE, post, at)


def payloads(content: Any, of: Origin) -> list[dict[str, Any]]:
    return [json.loads(one.event.payload) for one in parse_events(content, of)]


def keys(content: Any, of: Origin) -> list[str]:
    return [one.event.dedupe_key for one in parse_events(content, of)]


def windows(content: Any) -> list[float]:
    return [one.event.dedupe_seconds for one in parse_events(content, origin())]


TICKET = {
    "id": 7,
    "name": "Printer",
    "board": {"id": 4, "name": "Support"},
    "status": {"id": 31, "name": "New"},
    "assignedMembers": [{"id": 2, "name": "Ann"}],
    "tags": ["vip"],
    "modifiedOn": "2026-07-01T10:00:00.1234567Z",
    "triggeredOn": "2026-07-01T10:00:01Z",
    "note": {"id": 9, "note": "Turned it off and on", "isInternal": False, "createdBy": {"id": 2, "name": "Ann"}},
    "custom": {"asset": "A-1"},
}


def test_a_ticket_notification_is_flat_and_typed() -> None:
    (found,) = payloads(TICKET, origin())
    assert found["eventType"] == "ticket.updated"
    assert found["site"] == "support.deskdirector.com"
    assert found["occurredAt"] == "2026-07-01T10:00:01Z"
    assert (found["id"], found["title"], found["board"], found["boardId"]) == (7, "Printer", "Support", 4)
    assert (found["status"], found["statusId"], found["assignedToIds"]) == ("New", 31, [2])
    assert (found["noteId"], found["noteText"], found["noteAuthor"]) == (9, "Turned it off and on", "Ann")
    assert found["url"].startswith("https://support.deskdirector.com/")
    assert found["data"] == TICKET


def test_an_array_is_split_into_events_with_their_own_ids() -> None:
    found = payloads([TICKET, {**TICKET, "id": 8}], origin())
    assert [one["id"] for one in found] == [7, 8]
    assert len({one["eventId"] for one in found}) == 2
    assert payloads([], origin()) == []


def test_the_same_post_gives_the_same_events_however_often_it_is_read() -> None:
    content = [TICKET, {"id": 8}, {}]
    assert [one.event for one in parse_events(content, origin())] == [
        one.event for one in parse_events(content, origin())
    ]


def test_a_repeat_is_the_same_event_and_a_later_change_is_not() -> None:
    again = json.loads(json.dumps(dict(reversed(TICKET.items()))))
    assert keys(TICKET, origin(post="p1")) == keys(again, origin(post="p2", at=NOW + 86_400))
    assert keys(TICKET, origin()) != keys({**TICKET, "triggeredOn": "2026-07-01T10:00:02Z"}, origin())
    assert keys(TICKET, origin()) != keys(TICKET, origin(registration="r2"))


def test_a_body_without_a_time_may_come_again_as_another_event() -> None:
    undated = {"id": 7, "name": "Printer"}
    assert keys(undated, origin(at=NOW)) == keys(undated, origin(at=NOW + 86_400))
    assert windows(undated) == [SAME_UNDATED_SECONDS]
    assert windows({**undated, "modifiedOn": "2026-07-01T10:00:00Z"}) == [SAME_DATE_SECONDS]
    assert windows({**undated, "triggeredOn": "2026-07-01T10:00:00Z"}) == [math.inf]


def test_other_spellings_are_understood() -> None:
    (found,) = payloads({"EntityId": 7, "Summary": "Printer", "Queue": {"EntityId": 4, "Name": "Support"}}, origin())
    assert (found["id"], found["title"], found["boardId"], found["board"]) == (7, "Printer", 4, "Support")


def test_what_cannot_be_read_still_is_an_event() -> None:
    (found,) = payloads({"id": {"is": "odd"}, "tags": 5}, origin())
    assert found["eventId"]
    assert found["data"] == {"id": {"is": "odd"}, "tags": 5}


def test_a_chat_as_the_vendor_describes_it() -> None:
    chat = {
        "id": "1530163160-12345",
        "name": "Help",
        "type": "request",
        "status": "created",
        "reference": {"type": "ticket", "id": "7"},
        "creator": {"entityId": 3, "name": "Jo", "userId": "db~c~3", "company": {"entityId": 1, "name": "Acme"}},
        "createdDateTime": "2018-06-28T05:18:26.9468948Z",
        "lastModifiedDateTime": "2018-06-28T05:18:26.9468948Z",
    }
    (found,) = payloads([chat], origin("chat"))
    assert (found["id"], found["status"], found["ticketId"]) == ("1530163160-12345", "created", 7)
    assert found["occurredAt"] == "2018-06-28T05:18:26.9468948Z"


def test_an_advanced_event_keeps_the_id_that_answers_it() -> None:
    (found,) = payloads({"eventId": "e-5", "eventType": "x", "ticket": {"id": 7, "name": "A"}}, origin("advanced"))
    assert (found["advancedEventId"], found["ticketId"], found["ticket"]) == ("e-5", 7, "A")
    assert found["eventId"] != "e-5"


def test_a_form_result_by_webhook() -> None:
    result = {"entityId": 12, "form": {"id": 3, "name": "Laptop"}, "ticket": {"entityId": 7}, "submittedOn": NOON}
    (found,) = payloads([result], origin("webhook"))
    assert (found["id"], found["form"], found["formId"], found["ticketId"]) == ("12", "Laptop", 3, 7)


@pytest.mark.parametrize("envelope", [None, "survey", "surveyResult"])
@pytest.mark.parametrize("name", ["rating", "score", "csat", "nps", "overallRating"])
@pytest.mark.parametrize(
    ("sent", "score", "rating"), [(2, "2", 2), ("2/5", "2/5", 2), (4.5, "4.5", 4.5), ("bad", "bad", None)]
)
def test_a_survey_answer_by_webhook_has_its_rating_as_a_number(
    envelope: str | None, name: str, sent: Any, score: str, rating: float | None
) -> None:
    answer = {"id": 5, name: sent, "comment": "Too slow", "ticket": {"id": 7, "name": "Printer"}}
    (found,) = payloads([{envelope: answer} if envelope else answer], origin("webhook"))
    assert (found["id"], found["ticketId"], found["score"], found["comment"]) == ("5", 7, score, "Too slow")
    assert found.get("rating") == rating
    assert not isinstance(found.get("rating"), str)


NOON = "2026-07-01T12:00:00Z"


@pytest.mark.parametrize("body", [b"", b"{", b"nonsense", b'"\xff"', b"[" * 100_000])
def test_not_json(body: bytes) -> None:
    with pytest.raises(BadRequest) as refusal:
        parse(body)
    assert refusal.value.code == "EventNotJson"


@pytest.mark.parametrize("body", [b"5", b"null", b'"x"', b"[1]", b"[1, null]"])
def test_json_that_is_no_event(body: bytes) -> None:
    with pytest.raises(BadRequest) as refusal:
        parse(body)
    assert refusal.value.code == "EventMalformed"


@given(
    st.dictionaries(st.sampled_from([*TICKET, "eventId", "site", "data", "createdOn"]) | st.text(), JSON),
    st.sampled_from(sorted(FAMILIES)),
)
def test_any_object_becomes_one_event_that_can_be_sent(sent: dict[str, Any], family: str) -> None:
    _, content = parse(json.dumps(sent).encode())
    (one,) = parse_events(content, origin(family))
    read = json.loads(one.event.payload)
    assert read["eventId"] == one.event.id
    assert read["eventType"] == "ticket.updated"
    assert read["site"] == SITE.name
    assert one.event.dedupe_key


def test_nesting_deeper_than_can_be_written_loses_the_data_only() -> None:
    sent: dict[str, Any] = {"id": 7}
    for _ in range(400):
        sent = {"in": sent}
    (found,) = payloads({**TICKET, "deep": sent}, origin())
    assert found["eventId"]


NESTED = {
    "ticket": {"id": 7, "name": "Printer", "contact": {"id": 3, "name": "Jo", "emailAddress": "jo@acme.com"}},
    "note": {"content": "It works", "isInternal": False, "user": {"id": 3, "name": "Jo"}},
}


def test_a_ticket_notification_in_its_real_shape() -> None:
    (found,) = payloads(NESTED, origin())
    assert (found["id"], found["title"], found["contact"], found["contactEmail"]) == (7, "Printer", "Jo", "jo@acme.com")
    assert (found["noteText"], found["noteIsInternal"], found["noteAuthor"]) == ("It works", False, "Jo")
    assert (found["noteAuthorType"], found["isOwnChange"]) == ("contact", False)
    assert found["data"] == NESTED


@pytest.mark.parametrize("envelope", ["note", "Note", "timeEntry", "comment"])
@pytest.mark.parametrize("text", ["content", "note", "text", "noteContent", "Content", "notes"])
def test_notes_and_time_entries_beside_the_ticket(envelope: str, text: str) -> None:
    (found,) = payloads({"ticket": {"id": "7"}, envelope: {text: "Hi", "isInternal": "true"}}, origin())
    assert (found["id"], found["noteText"], found["noteIsInternal"]) == (7, "Hi", True)


@pytest.mark.parametrize(
    "sent",
    [
        {"ticket": {"id": 7, "name": "P"}, "note": None, "company": {"id": 1, "name": "Acme"}, "extra": {"id": 1}},
        {"id": "e-1", "ticket": {"id": 7, "name": "P"}, "triggeredBy": {"id": 2}},
        {"eventId": 99, "ticket": [{"id": 7, "name": "P"}]},
        {"ticket": [{"id": 7, "name": "P"}, {"id": 8, "name": "Q"}]},
        {"Ticket": {"EntityId": 7, "Name": "P"}},
        {"data": {"id": 7, "name": "P"}},
        {"id": 7, "name": "P"},
        {"id": 7, "ticket": {"name": "P"}},
    ],
)
def test_the_ticket_is_read_wherever_it_stands(sent: dict[str, Any]) -> None:
    (found,) = payloads(sent, origin())
    assert (found["id"], found["title"]) == (7, "P")
    assert found["data"] == sent


@pytest.mark.parametrize(
    ("family", "sent", "field", "value"),
    [
        ("chat", {"chat": {"id": "c-1", "status": "created"}, "ticket": {"id": 7}}, "id", "c-1"),
        ("chat", {"chatSession": {"id": "c-1"}, "user": {"id": 3}}, "id", "c-1"),
        ("workflow", {"ticket": {"id": 7}, "workflow": {"id": "w"}}, "id", 7),
        ("advanced", {"event": {"eventId": "e-5"}, "ticket": {"id": 7, "name": "A"}}, "advancedEventId", "e-5"),
        ("advanced", {"event": {"eventId": "e-5"}, "ticket": {"id": 7, "name": "A"}}, "ticketId", 7),
        ("advanced", {"eventId": "e-5", "ticket": {"id": 7}}, "advancedEventId", "e-5"),
        ("webhook", {"result": {"entityId": 12, "form": {"id": 3}}, "ticket": {"entityId": 7}}, "id", "12"),
        ("webhook", {"result": {"entityId": 12, "form": {"id": 3}}, "ticket": {"entityId": 7}}, "ticketId", 7),
        ("webhook", {"entityId": 12, "ticket": {"entityId": 7}}, "id", "12"),
    ],
)
def test_every_family_is_unwrapped_by_the_same_rule(family: str, sent: dict[str, Any], field: str, value: Any) -> None:
    (found,) = payloads(sent, origin(family))
    assert found[field] == value


def test_one_item_that_cannot_be_read_does_not_stop_the_others() -> None:
    content: list[Any] = [{"id": 1}, None, 5, {"id": 2}, "text", [], {"id": 3}]
    parsed = list(parse_events(content, origin()))
    assert [each.event.is_readable for each in parsed] == [True, False, False, True, False, False, True]
    assert len({each.event.id for each in parsed}) == len(content)
    assert [each.event.id for each in parsed] == sorted(each.event.id for each in parsed)
    assert json.loads(parsed[2].event.payload)["data"] == 5


def test_more_events_than_the_limit_are_refused_before_any_is_read() -> None:
    parse(json.dumps([{}] * MAX_EVENTS).encode())
    with pytest.raises(TooLarge) as refusal:
        parse(json.dumps([{}] * (MAX_EVENTS + 1)).encode())
    assert refusal.value.code == "TooManyEvents"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])
def test_other_encodings_of_json_are_refused_as_such(encoding: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        parse('{"id": 7}'.encode(encoding))
    assert refusal.value.code == "EventNotUtf8"


def test_a_byte_order_mark_is_left_out() -> None:
    assert parse(b'\xef\xbb\xbf{"id": 7}') == ('{"id": 7}', {"id": 7})


def test_compressed_bodies_are_measured_after_decoding() -> None:
    body = json.dumps({"id": 7, "text": "x" * 5000}).encode()
    assert parse(gzip.compress(body), 6000, "gzip")[1]["id"] == 7
    with pytest.raises(TooLarge):
        parse(gzip.compress(body), 4000, "gzip")
    for content, encoding in ((body, "gzip"), (body, "br")):
        with pytest.raises(BadRequest) as refusal:
            parse(content, 6000, encoding)
        assert refusal.value.code == "EventEncodingUnknown"
