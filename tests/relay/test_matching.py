"""Which flows an event is for: conditions are judged on what was sent and what is fetched, never assumed to hold."""

from typing import Any

from connector.relay import own_notes
from connector.relay.retry_schedule import GIVE_UP_AFTER
from connector.storage.records import EventQuery
from tests.relay.conftest import BOTH_STORES, World
from workbench.simulator.faults import Fault

NESTED = {"ticket": {"id": 7, "name": "Printer", "contact": {"id": 3, "name": "Jo", "emailAddress": "jo@acme.com"}}}


def first_ticket(world: World) -> Any:
    return next(ticket for ticket in world.simulator.tenant("tokity").tickets.values() if ticket.contact_id)


def fault(world: World, path: str, status: int = 503) -> None:
    world.simulator.faults.append(Fault.parse({"path": path, "kind": "status", "status": status, "times": None}))


async def accepted(world: World) -> list[str]:
    await world.deliver_due()
    return [received.flow for received in world.flows.accepted()]


def calls(world: World, path: str) -> int:
    return sum(path in call.path for call in world.simulator.calls)


@BOTH_STORES
async def test_what_a_real_notification_leaves_out_is_fetched_once_for_all_flows(world: World) -> None:
    ticket = first_ticket(world)
    right, wrong = {"id": ticket.board_id, "name": "?"}, {"id": ticket.board_id + 1, "name": "?"}
    subscription = await world.subscribe("board", board=right)
    await world.subscribe("other board", board=wrong)
    await world.subscribe("board and status", board=right, status={"id": ticket.status_id, "name": "?"})
    await world.subscribe("everything")
    before = calls(world, f"/tickets/{ticket.id}")
    await world.post(subscription, {"ticket": {"id": ticket.id, "name": ticket.name}})
    assert sorted(await accepted(world)) == ["board", "board and status", "everything"]
    assert calls(world, f"/tickets/{ticket.id}") - before == 1
    assert {received.body["boardId"] for received in world.flows.accepted()} == {ticket.board_id}


async def test_a_condition_that_fails_by_what_was_sent_costs_no_call(world: World) -> None:
    subscription = await world.subscribe(tag="vip", board={"id": 1, "name": "?"})
    await world.post(subscription, {"ticket": {"id": 7, "tags": []}})
    assert calls(world, "/tickets/7") == 0


async def test_while_deskdirector_is_away_conditions_wait(world: World) -> None:
    ticket = first_ticket(world)
    right = await world.subscribe("right", board={"id": ticket.board_id, "name": "?"})
    await world.subscribe("wrong", board={"id": ticket.board_id + 1, "name": "?"})
    await world.subscribe("everything")
    fault(world, f"/tickets/{ticket.id}", 403)
    await world.post(right, {"ticket": {"id": ticket.id}})
    assert await accepted(world) == ["everything"]
    world.simulator.faults.clear()
    world.clock.ahead += 60
    assert await accepted(world) == ["everything", "right"]
    (counters,) = await world.relay.store.counters()
    assert (counters.pending, counters.cancelled) == (0, 1)


async def test_conditions_that_could_not_be_checked_for_a_day_are_dead_letters_with_the_reason(world: World) -> None:
    subscription = await world.subscribe(board={"id": 1, "name": "?"})
    fault(world, "/tickets/7", 401)
    await world.post(subscription, {"ticket": {"id": 7}})
    await world.deliver_due()
    world.clock.ahead += GIVE_UP_AFTER + 60
    await world.deliver_due()
    (dead,) = (await world.relay.store.outbox.dead_letters(EventQuery())).items
    assert "could not be checked" in dead.reason
    assert dead.attempt <= 1
    assert world.flows.received == []


async def test_a_condition_on_a_deleted_ticket_does_not_hold(world: World) -> None:
    subscription = await world.subscribe(board={"id": 1, "name": "?"})
    await world.post(subscription, {"ticket": {"id": 999_999}})
    assert await accepted(world) == []
    assert len((await world.relay.store.outbox.events(EventQuery())).items) == 1


async def test_vip_contacts(world: World) -> None:
    ticket = first_ticket(world)
    contact = world.simulator.tenant("tokity").contacts[ticket.contact_id]
    vips = await world.subscribe("vips", contactIsVip=True)
    await world.subscribe("others", contactIsVip=False)
    for is_vip in (True, False):
        contact.is_vip = is_vip
        await world.post(vips, {"ticket": {"id": ticket.id, "contact": {"id": contact.id}}, "n": is_vip})
        await world.deliver_due()
    assert [received.flow for received in world.flows.accepted()] == ["vips", "others"]


async def test_notes_by_contacts_and_members(world: World) -> None:
    subscription = await world.subscribe("contacts", noteBy="contact")
    await world.subscribe("members", noteBy="member")
    await world.subscribe("public", noteVisibility="public")
    by_contact = {"content": "Thanks", "isInternal": False, "user": {"name": "Jo"}}
    await world.post(subscription, {**NESTED, "note": by_contact})
    assert sorted(await accepted(world)) == ["contacts", "public"]
    internal = {"content": "Hm", "isInternal": True, "user": {"name": "Ann", "userType": "Member"}}
    await world.post(subscription, {**NESTED, "note": internal})
    assert sorted(await accepted(world)) == ["contacts", "members", "public"]


@BOTH_STORES
async def test_a_flow_can_leave_out_notes_of_this_connector(world: World) -> None:
    subscription = await world.subscribe("careful", leaveOutOwn=True)
    await world.subscribe("every")
    await own_notes.remember_own_note_in(world.relay, world.simulator.site, 7, "**Hello** there")
    await world.post(subscription, {**NESTED, "note": {"content": "Hello there"}})
    await world.post(subscription, {**NESTED, "note": {"content": "Hello?"}})
    assert sorted(await accepted(world)) == ["careful", "every", "every"]
    own = {received.body["noteText"]: received.body["isOwnChange"] for received in world.flows.accepted("every")}
    assert own == {"Hello there": True, "Hello?": False}
    world.clock.ahead += own_notes.REMEMBERED_SECONDS + 1
    await world.post(subscription, {**NESTED, "note": {"content": "Hello there!"}})
    assert (await accepted(world)).count("careful") == 2


async def test_an_unreadable_item_is_kept_and_the_others_are_delivered(world: World) -> None:
    subscription = await world.subscribe()
    await world.post(subscription, [{"id": 1}, 5, {"id": 2}])
    assert len(await accepted(world)) == 2
    events = (await world.relay.store.outbox.events(EventQuery())).items
    assert sorted(event.is_readable for event in events) == [False, True, True]


async def test_a_registration_says_what_the_site_sends_and_who_made_it(world: World) -> None:
    subscription = await world.subscribe()
    registration = await world.registration(subscription)
    assert "properties" in registration.event_schema
    (workflow,) = [each for each in world.simulator.tenant("tokity").workflows.values() if each.made_by == "flow"]
    assert registration.id[:8] in workflow.name
    assert "flow at 127.0.0.1" in workflow.name


async def test_a_site_without_schemas_registers_all_the_same(world: World) -> None:
    fault(world, "/schema", 404)
    registration = await world.registration(await world.subscribe())
    assert registration.event_schema == ""


async def test_a_large_request_fetches_for_some_events_and_checks_the_rest_at_delivery(world: World) -> None:
    tickets = list(world.simulator.tenant("tokity").tickets.values())[:40]
    board = tickets[0].board_id
    subscription = await world.subscribe(board={"id": board, "name": "?"})
    await world.post(subscription, [{"ticket": {"id": ticket.id}} for ticket in tickets])
    expected = [ticket.id for ticket in tickets if ticket.board_id == board]
    await world.deliver_due()
    assert sorted(received.body["id"] for received in world.flows.accepted()) == sorted(expected)
