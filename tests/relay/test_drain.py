"""How fast and how fairly a backlog drains: the real relay and store in virtual time, beside the ideal."""

import asyncio
import itertools
from pathlib import Path
from typing import Any

import pytest

from connector.relay import local_dispatcher
from connector.relay.local_dispatcher import LocalDispatcher
from connector.relay.retry_schedule import GIVE_UP_AFTER
from connector.relay.subscriptions import pause_flow, resume_flow
from connector.storage.records import EventQuery
from tests.relay.virtual_time import (
    Down,
    Flow,
    Hanging,
    Site,
    Throttling,
    by_event,
    count_threads_work,
    now,
    run,
    simulated,
)

HOUR = 3600.0


@pytest.fixture(autouse=True)
def _virtual_time(monkeypatch: pytest.MonkeyPatch) -> None:
    count_threads_work(monkeypatch)
    monkeypatch.setattr(local_dispatcher, "LOOK_EVERY", 60.0)


def report(what: str, seconds: float, ideal: float) -> None:
    print(f"{what}: {seconds:.0f} s, ideal {ideal:.0f} s ({seconds / ideal:.2f}x)")  # noqa: T201 (CI shows it)


@pytest.mark.parametrize(("rate", "burst", "retry_after"), [
    (2.0, 2.0, "1"), (2.0, 2.0, ""), (2.0, 10.0, "5"), (20.0, 1.0, "1"), (0.5, 1.0, "2"),
])  # fmt: skip
def test_a_flow_that_throttles_is_drained_at_its_own_pace(
    tmp_path: Path, rate: float, burst: float, retry_after: str
) -> None:
    flow = Throttling(rate=rate, burst=burst, retry_after=retry_after)
    count = 1000 if rate >= 2 else 200

    async def drain(site: Site) -> float:
        await site.post(["f"], count)
        return await site.until(lambda: len(flow.accepted) == count, 40 * count / rate)

    seconds = run(lambda: simulated(tmp_path, {"f": flow}, drain))
    report(f"{count} events at {rate}/s, Retry-After {retry_after or 'missing'}", seconds, count / rate)
    assert seconds <= 2 * count / rate


@pytest.mark.parametrize("hours", [1, 20])
def test_half_of_a_backlog_is_delivered_within_a_minute_after_an_outage(tmp_path: Path, hours: int) -> None:
    flow = Down(until=hours * HOUR)
    count = 400

    async def outage(site: Site) -> float:
        await site.post(["f"], count)
        await site.until(lambda: len(flow.accepted) >= count / 2, hours * HOUR + 60)
        half = now() - flow.until
        await site.until(lambda: len(flow.accepted) == count, hours * HOUR + 180)
        assert (await site.relay.store.outbox.dead_letters(EventQuery())).items == ()
        return half

    half = run(lambda: simulated(tmp_path, {"f": flow}, outage))
    report(f"half of {count} events after an outage of {hours} h", half, 0.5 * count * flow.latency / 16)
    assert half <= 60


def test_a_single_delivery_arrives_within_a_minute_after_an_outage(tmp_path: Path) -> None:
    flow = Down(until=5 * HOUR)

    async def outage(site: Site) -> None:
        await site.post(["f"])
        await site.until(lambda: bool(flow.accepted), 5 * HOUR + 60)

    run(lambda: simulated(tmp_path, {"f": flow}, outage))


def test_a_healthy_flow_does_not_wait_for_two_hundred_that_hang(tmp_path: Path) -> None:
    hanging = {f"hanging-{n}": Hanging() for n in range(200)}
    flows: dict[str, Flow] = {**hanging, "healthy": Flow()}

    async def beside(site: Site) -> float:
        for _ in range(12):
            await site.post(list(hanging), 2)
            await site.post(["healthy"], 3)
            await asyncio.sleep(10)
        await site.until(lambda: len(flows["healthy"].accepted) == 36, 200)
        return max(site.waits("healthy"))

    longest = run(lambda: simulated(tmp_path, flows, beside))
    report("longest wait of a healthy flow beside 200 hanging ones", longest, 0.05)
    assert longest < 2


def test_flows_that_were_healthy_and_hang_all_at_once_leave_room_for_others(tmp_path: Path) -> None:
    turning = {f"turning-{n}": Hanging(until=0) for n in range(160)}
    flows: dict[str, Flow] = {**turning, "healthy": Flow()}

    async def beside(site: Site) -> float:
        await site.post(list(flows), 3)
        await site.until(lambda: all(len(flow.accepted) == 3 for flow in flows.values()), 60)
        for flow in turning.values():
            flow.until = float("inf")
        await asyncio.sleep(30)
        for _ in range(6):
            await site.post(list(turning), 5)
            await site.post(["healthy"], 2)
            await asyncio.sleep(5)
        await site.until(lambda: len(flows["healthy"].accepted) == 15, now() + 60)
        return max(site.waits("healthy"))

    longest = run(lambda: simulated(tmp_path, flows, beside))
    report("longest wait beside 160 flows that begin to hang", longest, 0.05)
    assert longest < 2


def test_a_dead_flow_costs_the_others_nothing(tmp_path: Path) -> None:
    def rate(folder: str, first: Flow) -> float:
        flows: dict[str, Flow] = {"first": first, **{f"f{n}": Flow(latency=0.2) for n in range(30)}}

        async def drain(site: Site) -> float:
            await site.post(list(flows), 40)
            others = [flow for name, flow in flows.items() if name != "first"]
            await site.until(lambda: all(len(flow.accepted) == 40 for flow in others), 600)
            return max(at for flow in others for at, _ in flow.accepted)

        (tmp_path / folder).mkdir()
        return run(lambda: simulated(tmp_path / folder, flows, drain))

    alone, beside = rate("alone", Flow(latency=0.2)), rate("beside", Hanging())
    report("30 flows beside a dead one", beside, alone)
    assert beside <= alone / 0.95


def test_nothing_becomes_a_dead_letter_that_was_not_tried_in_its_last_hour(tmp_path: Path) -> None:
    flow = Down(until=float("inf"))

    async def outage(site: Site) -> None:
        await site.post(["f"], 60)
        await asyncio.sleep(GIVE_UP_AFTER + HOUR)
        dead = (await site.relay.store.outbox.dead_letters(EventQuery(take=100))).items
        assert len(dead) == 60
        for delivery in dead:
            finished = (delivery.finished_at or 0.0) - site.relay.clock() + now()
            assert finished >= GIVE_UP_AFTER
            assert finished - by_event(flow)[delivery.event_id][-1] < HOUR
            assert delivery.attempt == len(by_event(flow)[delivery.event_id])

    run(lambda: simulated(tmp_path, {"f": flow}, outage))


def test_deliveries_that_wait_for_a_closed_lane_do_not_age(tmp_path: Path) -> None:
    flow = Down(until=2 * HOUR)

    async def outage(site: Site) -> None:
        await site.post(["f"], 300)
        await asyncio.sleep(HOUR)
        page = await site.relay.store.outbox.deliveries(EventQuery(state="pending", take=500))
        attempts = {delivery.event_id: delivery.attempt for delivery in page.items}
        assert attempts == {event: len(by_event(flow).get(event, [])) for event in attempts}

    run(lambda: simulated(tmp_path, {"f": flow}, outage))


def test_404_ends_a_subscription_only_after_it_has_lasted(tmp_path: Path) -> None:
    short, long = Down(until=50 * 60, status=404), Down(until=float("inf"), status=404)

    async def missing(site: Site) -> None:
        await site.post(["short", "long"], 5)
        await asyncio.sleep(58 * 60)
        assert len(await site.relay.store.subscriptions.list()) == 2
        await asyncio.sleep(10 * 60)
        assert [each.id for each in await site.relay.store.subscriptions.list()] == ["short"]
        dead = (await site.relay.store.outbox.dead_letters(EventQuery())).items
        assert len(dead) == 5
        assert all("subscription has ended" in delivery.reason for delivery in dead)
        assert len(short.accepted) == 5

    run(lambda: simulated(tmp_path, {"short": short, "long": long}, missing))


@pytest.mark.parametrize(("setting", "own"), [(60, 0.0), (0, 1.0), (600, 1.0)])
def test_a_flow_gets_no_more_than_its_limit(tmp_path: Path, setting: int, own: float) -> None:
    flow = Flow()

    async def drain(site: Site) -> float:
        await site.post(["f"], 100)
        return await site.until(lambda: len(flow.accepted) == 100, 300)

    settings = {"flow_per_minute": setting}
    seconds = run(lambda: simulated(tmp_path, {"f": flow}, drain, settings=settings, rate=own))
    report("100 events at the limit of one a second", seconds, 99)
    assert 97 <= seconds <= 115


@pytest.mark.parametrize("resumed_after", [HOUR, HOUR - 0.02, HOUR + 0.02, 10 * 60 + 0.01])
def test_a_paused_flow_gets_nothing_until_it_is_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, resumed_after: float
) -> None:
    """Also when it is resumed just as its deliveries come up again, every ten minutes."""
    monkeypatch.setattr(local_dispatcher, "LOOK_EVERY", 5.0)  # a delivery that finds its lane busy waits for a look
    flow = Flow()

    async def pause(site: Site) -> None:
        await site.post(["f"])
        await asyncio.sleep(5)
        await pause_flow(site.relay, "f")
        await site.post(["f"], 50)
        await asyncio.sleep(resumed_after)
        assert len(flow.accepted) == 1
        await resume_flow(site.relay, "f")
        await site.until(lambda: len(flow.accepted) == 51, now() + 20)

    run(lambda: simulated(tmp_path, {"f": flow}, pause))


def test_a_flow_that_is_resumed_while_its_deliveries_are_put_off_gets_them(tmp_path: Path) -> None:
    flow = Flow()

    async def resume(site: Site) -> None:
        outbox = site.relay.store.outbox
        put_off = outbox.reschedule

        async def resume_first(*arguments: Any, **options: Any) -> None:
            monkeypatch.undo()
            await resume_flow(site.relay, "f")
            await put_off(*arguments, **options)

        await pause_flow(site.relay, "f")
        monkeypatch.setattr(outbox, "reschedule", resume_first)
        await site.post(["f"])
        await site.until(lambda: len(flow.accepted) == 1, 20)

    with pytest.MonkeyPatch.context() as monkeypatch:
        run(lambda: simulated(tmp_path, {"f": flow}, resume))


def test_ordered_delivery_keeps_the_order_within_a_ticket_and_not_beyond(tmp_path: Path) -> None:
    class Moody(Flow):
        refusals = itertools.cycle([202, 500, 202, 202, 503])

        def answer(self) -> tuple[int, dict[str, str]]:
            return next(self.refusals), {}

    flow = Moody()

    async def drain(site: Site) -> None:
        for _ in range(10):
            for ticket in "abc":
                await site.post(["f"], ticket=ticket, ordered=True)
        await site.until(lambda: len(flow.accepted) == 30, 4 * HOUR)
        accepted = [event for _, event in flow.accepted]
        posted = list(site.posted)
        for number in range(3):
            mine = posted[number::3]
            assert [event for event in accepted if event in mine] == mine

    run(lambda: simulated(tmp_path, {"f": flow}, drain))


def test_what_was_handed_out_to_a_process_that_died_is_delivered_after_its_lease(tmp_path: Path) -> None:
    flow = Flow(latency=1.0)

    async def dying(site: Site) -> float:
        await site.post(["f"], 4)
        await site.until(lambda: len(flow.accepted) == 4, 60)
        await site.post(["f"], 2)
        dispatcher = site.relay.dispatcher
        assert isinstance(dispatcher, LocalDispatcher)
        await asyncio.sleep(0.1)
        before = len(flow.asked)
        await dispatcher.stop()  # their attempts had begun: what became of them is not known
        left, dispatcher = now(), LocalDispatcher(site.relay)
        dispatcher.start()
        await site.until(lambda: len(flow.accepted) == 6, now() + 600)
        await dispatcher.stop()
        assert before == 6
        return now() - left

    took = run(lambda: simulated(tmp_path, {"f": flow}, dying))
    assert took >= 10
