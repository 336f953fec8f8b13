"""Why a flow got an event or did not, and how each attempt went: what an operator can look up afterwards."""

import json
from typing import Any

import pytest

from connector.deskdirector.entities.events import ChatEvent, TicketEvent
from connector.deskdirector.models import read
from connector.relay import event_views
from connector.relay.conditions import fulfils
from connector.relay.excerpts import excerpt
from connector.relay.verdicts import verdicts_of, words_of
from connector.storage.history import Wanted
from connector.storage.records import EventQuery, Rights, Subscription, SubscriptionSecrets
from tests.relay.conftest import BOTH_STORES, World

CANARY = "canary-9f8e7d6c5b4a39281706f5e4d3c2b1a0"
URL = f"https://prod-00.westeurope.logic.azure.com/workflows/0a1b2c3d4e5f60718293/triggers?sig={CANARY}&sp=x"


async def only_event(world: World) -> dict[str, Any]:
    (row,) = (await event_views.list_events(world.relay, EventQuery()))["results"]
    return await event_views.show_event(world.relay, row["eventId"])


@BOTH_STORES
async def test_a_flow_that_does_not_start_says_why(world: World) -> None:
    wanting = await world.subscribe("wanting", tag="vip")
    other = await world.subscribe("other", tag="printer")
    await world.post_ticket(wanting, tags=["vip"])

    shown = await only_event(world)

    assert {one["subscriptionId"]: one["wanted"] for one in shown["verdicts"]} == {wanting.id: "yes", other.id: "no"}
    (refused,) = [one for one in shown["verdicts"] if one["wanted"] == "no"]
    assert (refused["condition"], refused["because"]) == ("tag", "it is tagged vip, not printer")
    assert refused["flow"]["host"] == "127.0.0.1"
    assert shown["flows"] == {"waiting": 2, "wanted": 1}
    assert shown["about"] == {"kind": "ticket", "id": "7", "title": "Printer"}


@BOTH_STORES
async def test_every_attempt_is_told(world: World) -> None:
    subscription = await world.subscribe()
    world.flows.behave("orders", "failing", times=1)
    await world.post_ticket(subscription)
    await world.deliver_due()
    (failing,) = (await event_views.list_events(world.relay, EventQuery(state="failing")))["results"]
    await world.relay.store.outbox.wake(subscription.id, world.clock(), since=world.clock() - 9000)
    await world.deliver_due()

    (delivery,) = (await only_event(world))["deliveries"]

    assert failing["worst"] == "failing"
    assert [(one["kind"], one["status"]) for one in delivery["log"]] == [("answer", 502), ("answer", 202)]
    assert all(one["ms"] >= 0 and one["at"] for one in delivery["log"])
    assert (await event_views.list_events(world.relay, EventQuery()))["results"][0]["worst"] == "delivered"


async def test_an_attempt_without_an_answer_says_what_kind(world: World) -> None:
    subscription = await world.subscribe()
    await world.post_ticket(subscription)
    await world.flows.stop()
    await world.deliver_due()

    (delivery,) = (await only_event(world))["deliveries"]

    assert [one["kind"] for one in delivery["log"]] == ["unreachable"]
    assert "status" not in delivery["log"][0]


async def test_reading_on_gives_what_is_new_oldest_first(world: World) -> None:
    subscription = await world.subscribe()
    await world.post_ticket(subscription)
    first = (await event_views.list_events(world.relay, EventQuery()))["latest"]
    world.clock.ahead += 60
    await world.post_ticket(subscription)
    await world.post_ticket(subscription)

    newer = await event_views.newer_events(world.relay, EventQuery(), first)
    again = await event_views.newer_events(world.relay, EventQuery(), newer["latest"])

    names = [one["eventId"] for one in newer["results"]]
    assert (names, newer["more"]) == (sorted(names), False)
    assert names[-1] == newer["latest"] == again["latest"]
    assert len(names) == 3, "the last one seen is within the step back, so it comes again in its present state"
    assert [one["eventId"] for one in again["results"]] == names[1:]


async def test_an_event_of_an_earlier_version_is_shown(world: World) -> None:
    subscription = await world.subscribe()
    await world.post_ticket(subscription)
    store: Any = world.relay.store
    await store._database.write(
        lambda connection: connection.execute("UPDATE events SET summary = '', verdicts = ''").rowcount
    )

    shown = await only_event(world)

    assert (shown["verdicts"], shown["verdictsLeftOut"], "flows" in shown) == ([], 0, False)
    assert shown["payload"]["title"] == "Printer"


TICKET: dict[str, Any] = {
    "id": 7, "title": "Printer", "status": {"id": 1, "name": "New"}, "board": {"id": 2, "name": "Support"},
    "priority": {"id": 3, "name": "Low"}, "company": {"id": 4, "name": "Contoso"}, "contact": {"id": 5, "name": "Jane"},
    "tags": ["vip"], "note": {"content": "x", "isInternal": True, "user": {"name": "Bob", "userType": "member"}},
}  # fmt: skip
MISSED = {
    "status": {"id": 9, "name": "Closed"}, "board": {"id": 9, "name": "Projects"},
    "priority": {"id": 9, "name": "High"}, "company": {"id": 9, "name": "Fabrikam"},
    "contact": {"id": 9, "name": "Joe"}, "assignedTo": {"id": 9, "name": "Ann"},
    "tag": "printer", "text": "scanner", "noteVisibility": "public", "noteBy": "contact", "contactIsVip": True,
}  # fmt: skip


def flow(conditions: dict[str, Any], url: str = URL) -> Subscription:
    rights = Rights("ddapi", f"DdApi {CANARY}")
    secrets = SubscriptionSecrets(f"token-{CANARY}", rights)
    return Subscription("s", "acme", "r", "ticket.new", url, 0.0, conditions=conditions, secrets=secrets)


@pytest.mark.parametrize("name", MISSED)
def test_every_condition_that_fails_is_put_in_words(name: str) -> None:
    event = read(TicketEvent, json.dumps(TICKET).encode())
    conditions = {name: MISSED[name]}
    assert not fulfils(event, conditions)

    (verdict,) = verdicts_of(event, [flow(conditions)], [], {})

    assert (verdict.wanted, verdict.condition) == (Wanted.NO, name)
    assert len(verdict.because.split()) >= 3, verdict.because
    assert "{" not in verdict.because + " ".join(words_of(conditions))
    assert "None" not in verdict.because


def test_conditions_of_chats_and_own_notes_are_put_in_words() -> None:
    (missed,) = verdicts_of(ChatEvent(status="open"), [flow({"chatStatus": "missed"})], [], {})
    (own,) = verdicts_of(TicketEvent(is_own_change=True), [flow({"leaveOutOwn": True})], [], {})

    assert missed.because == "status is open, not missed"
    assert own.because == "this connector itself wrote the note"


@pytest.mark.parametrize(
    "answer",
    [
        URL,
        f'{{"requestUri": "{URL}"}}',
        f"https:\\/\\/host\\/x?sig={CANARY}",
        f"sig={CANARY}",
        f"SIG%3D{CANARY}",
        f"Authorization: Bearer {CANARY}",
        f'{{"apiKey":"{CANARY[:20]}"}}',
        f"password: {CANARY[:12]}",
        CANARY.upper(),
        CANARY.encode().hex(),
        "x" * 290 + CANARY,
        f"token-{CANARY}",
        "eyJhbGciOi.eyJzdWIi.c2lnbmF0dXJl",
        f"<html><script>var key='{CANARY}'</script><b>{CANARY}</b></html>",
    ],
)
def test_nothing_secret_is_in_an_excerpt(answer: str) -> None:
    for kind in ("text/plain", "application/json; charset=utf-8", "text/html", "application/problem+json"):
        shown = excerpt(answer.encode(), {"content-type": kind}, flow({}))

        assert CANARY[:12] not in shown.lower()
        assert CANARY.encode().hex()[:24] not in shown.lower()
        assert "://" not in shown
        assert "eyJ" not in shown
        assert len(shown) <= 300


def test_an_excerpt_is_one_short_line_of_text() -> None:
    def shown(content: bytes, kind: str) -> str:
        return excerpt(content, {"content-type": kind}, flow({}))

    assert shown(b"bad\x00 \r\n\x1b[31mgateway\xff" + b" z" * 900, "text/plain").startswith("bad [31mgateway\ufffd z z")
    assert shown(b"<html><style>b{}</style><h1>502</h1> Bad gateway", "text/html") == "502 Bad gateway"
    assert shown(b"\x89PNG", "image/png") == shown(b"x", "") == shown(b"", "text/plain") == ""
