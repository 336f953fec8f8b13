"""Replays of many deliveries as jobs: chosen at the start, done in pieces as callers ask, with progress and abort.

A function app may stop between two calls, so nothing runs in the background: the console asks for piece after piece,
and the timer finishes what nobody asks for. The job's record in the journal keeps two from doing the same piece.
"""

import asyncio
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from connector.deskdirector.errors import BadRequest, NotFound
from connector.relay.event_views import host_of, name_of
from connector.relay.flow_changes import live_flow
from connector.relay.flow_health import state_of
from connector.relay.moments import moment
from connector.relay.relay import Relay
from connector.relay.replaying import Ended, newer_subscription, replay_batch
from connector.storage.history import JournalEntry
from connector.storage.records import (
    Delivery,
    DeliveryState,
    EventQuery,
    FlowHealth,
    StaleRecord,
    delivery_id,
)

Json = dict[str, Any]

KIND: Final = "replay"
KEPT_SECONDS: Final = 30 * 86_400.0
PIECE_SECONDS: Final = 5.0
ELSEWHERE_SECONDS: Final = 1.0
BUSY_SECONDS: Final = 60.0
BATCH: Final = 100
MOST_IDS: Final = 500
MOST_COUNTED: Final = 5000
UNCONFIRMED: Final = 100
"""More than this many are replayed only when their number is repeated."""
SHOWN_JOBS: Final = 20
RUNNING, DONE, ABORTED = "running", "done", "aborted"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which deliveries: those of these events or with these ids, or all that the query finds; of some flows, or all.

    With `to`, everything goes to this one flow.
    """

    ids: tuple[str, ...] = ()
    query: EventQuery | None = None
    subscription_ids: tuple[str, ...] = ()
    state: str = ""
    to: str = ""


@dataclass(frozen=True, slots=True)
class Counted:
    """What a choice holds: how many deliveries for each subscription; `more`: counting stopped at the limit."""

    by_flow: Mapping[str, int]
    more: bool = False

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.by_flow.values())


async def count(relay: Relay, chosen: Chosen) -> Counted:
    """Count, at most `MOST_COUNTED`."""
    by_flow: dict[str, int] = {}
    found, cursor = 0, ""
    while True:
        batch, cursor = await _batch(relay, chosen, cursor)
        for delivery in batch:
            name = chosen.to or delivery.subscription_id
            by_flow[name] = by_flow.get(name, 0) + 1
        found += len(batch)
        if not cursor or found >= MOST_COUNTED:
            return Counted(by_flow, more=bool(cursor))


async def dry_run(relay: Relay, chosen: Chosen) -> Json:
    """How many deliveries would go to which flow, and how those flows are."""
    counted = await count(relay, chosen)
    health = {each.subscription_id: each for each in await relay.store.health.list()}
    flows = [await _flow(relay, name, number, health) for name, number in counted.by_flow.items()]
    shown: Json = {"dryRun": True, "found": counted.total, "flows": flows}
    return shown | ({"more": True} if counted.more else {})


async def start(relay: Relay, chosen: Chosen, role: str, confirm: int = 0) -> Json:
    """Begin a job; later deliveries are not in it."""
    now = relay.clock()
    if chosen.to:
        await live_flow(relay, chosen.to)
    if chosen.query is not None:
        until = min(now, chosen.query.until or now)
        chosen = replace(chosen, query=replace(chosen.query, until=until, take=BATCH, continuation=""))
    found = (await count(relay, chosen)).total
    if found > UNCONFIRMED and confirm != found:
        sentence = f"{found} deliveries would be replayed; repeat the number in 'confirm' to start."
        raise BadRequest("ConfirmationNeeded", sentence, details=[str(found)])
    job: Json = {
        "chosen": asdict(chosen),
        "state": RUNNING if found else DONE,
        "found": found,
        **dict.fromkeys(("done", "replayed", "skipped"), 0),
        "cursor": "",
        "busyUntil": 0.0,
        "startedAt": moment(now),
        "by": role,
    }
    entry = JournalEntry(KIND, secrets.token_hex(12), json.dumps(job), now + KEPT_SECONDS)
    return _view(await relay.store.journal.save(entry))


async def show(relay: Relay, job_id: str) -> Json:
    """How far it is."""
    return _view(await _entry(relay, job_id))


async def list_jobs(relay: Relay) -> Json:
    """The newest."""
    views = [_view(each) for each in await relay.store.journal.list(KIND)]
    return {"results": sorted(views, key=lambda each: str(each["startedAt"]), reverse=True)[:SHOWN_JOBS]}


async def abort(relay: Relay, job_id: str) -> Json:
    """Stop it; deliveries already replayed stay so."""
    while True:
        entry = await _entry(relay, job_id)
        job = json.loads(entry.document)
        if job["state"] != RUNNING:
            return _view(entry)
        try:
            return _view(await relay.store.journal.save(_with(entry, {**job, "state": ABORTED})))
        except StaleRecord:
            continue


async def go_on(relay: Relay, job_id: str) -> Json:
    """Do the next piece, some seconds of it; where another is at it, only say how far it is."""
    entry = await _entry(relay, job_id)
    ends = relay.monotonic() + PIECE_SECONDS
    try:
        while json.loads(entry.document)["state"] == RUNNING and relay.monotonic() < ends:
            entry = await _piece(relay, entry)
    except StaleRecord:
        await asyncio.sleep(ELSEWHERE_SECONDS)  # a caller that asks in a loop does not spin
        return await show(relay, job_id)
    return _view(entry)


async def finish_all(relay: Relay) -> int:
    """What the timer does: a piece of every job that is not done; how many there were."""
    running = [
        entry for entry in await relay.store.journal.list(KIND) if json.loads(entry.document)["state"] == RUNNING
    ]
    for entry in running:
        await go_on(relay, entry.key)
    return len(running)


async def _piece(relay: Relay, entry: JournalEntry) -> JournalEntry:
    """A batch. Its worker claims it first; when that dies, another repeats the batch after a while."""
    job = json.loads(entry.document)
    chosen = _chosen(job["chosen"])
    if job["busyUntil"] > relay.clock():
        raise StaleRecord("replay")
    entry = await relay.store.journal.save(_with(entry, {**job, "busyUntil": relay.clock() + BUSY_SECONDS}))
    batch, cursor = await _batch(relay, chosen, job["cursor"])
    replayed = await replay_batch(relay, batch, chosen.to, Ended())
    job |= {"cursor": cursor, "done": job["done"] + len(batch), "state": RUNNING if cursor else DONE}
    job |= {"replayed": job["replayed"] + replayed, "skipped": job["skipped"] + len(batch) - replayed}
    try:
        return await relay.store.journal.save(_with(entry, job))
    except StaleRecord:
        now = await _entry(relay, entry.key)
        if json.loads(now.document)["state"] != ABORTED:
            raise
        # It was stopped meanwhile; what this batch replayed is reported all the same.
        return await relay.store.journal.save(_with(now, {**job, "state": ABORTED}))


async def _batch(relay: Relay, chosen: Chosen, cursor: str) -> tuple[Sequence[Delivery], str]:
    """The deliveries at the cursor, without pending ones, and the next cursor ("" at the end)."""
    if chosen.query is not None:
        query = replace(chosen.query, state=chosen.state, take=BATCH, continuation=cursor)
        page = await relay.store.outbox.deliveries(query)
        return [item for item in page.items if _is_meant(item, chosen)], page.continuation
    start = int(cursor or 0)
    some = chosen.ids[start : start + BATCH]
    found = [each for name in some for each in await _named(relay, name, chosen)]
    return found, str(start + BATCH) if start + BATCH < len(chosen.ids) else ""


async def _named(relay: Relay, name: str, chosen: Chosen) -> Sequence[Delivery]:
    """The delivery of this id, or all of the event of this id; for a flow that had none of it, a new one."""
    event_id, is_delivery, _ = name.partition(".")
    found = await relay.store.outbox.event(event_id)
    if found is None:
        return ()
    there = [each for each in found[1] if not is_delivery or each.id == name]
    if not is_delivery:
        new = set(chosen.subscription_ids or ([chosen.to] if chosen.to and not there else [])) - {
            each.subscription_id for each in there
        }
        there += [_new(found[0].id, found[0].site, one) for one in sorted(new)]
    return [each for each in there if _is_meant(each, chosen) and chosen.state in ("", each.state)]


def _new(event_id: str, site: str, subscription_id: str) -> Delivery:
    name = delivery_id(event_id, subscription_id)
    return Delivery(name, event_id, subscription_id, site, DeliveryState.CANCELLED, 0, 0.0, 0.0)


def _is_meant(delivery: Delivery, chosen: Chosen) -> bool:
    is_of_flow = not chosen.subscription_ids or delivery.subscription_id in chosen.subscription_ids
    return is_of_flow and delivery.state is not DeliveryState.PENDING


async def _flow(relay: Relay, name: str, number: int, health: Mapping[str, FlowHealth]) -> Json:
    flow = await relay.store.subscriptions.get(name)
    if flow is None:
        return {
            "subscriptionId": name,
            "name": "a flow that is no longer known",
            "deliveries": number,
            "state": "ended",
        }
    state = state_of(flow, health.get(name, FlowHealth(name)))
    described: Json = {"subscriptionId": name, "name": name_of(flow), "host": host_of(flow), "deliveries": number}
    newer = await newer_subscription(relay, flow) if state == "ended" else None
    return {**described, "state": state, **({"newerSubscriptionId": newer.id} if newer else {})}


async def _entry(relay: Relay, job_id: str) -> JournalEntry:
    entry = await relay.store.journal.get(KIND, job_id) if job_id.isalnum() else None
    if entry is None:
        raise NotFound("ReplayNotFound", f"There is no replay {job_id[:40]}; it may have expired.")
    return entry


def _with(entry: JournalEntry, job: Json) -> JournalEntry:
    return replace(entry, document=json.dumps(job))


def _chosen(kept: Json) -> Chosen:
    query = EventQuery(**{**kept["query"], "ids": ()}) if kept["query"] else None
    return Chosen(tuple(kept["ids"]), query, tuple(kept["subscription_ids"]), kept["state"], kept["to"])


def _view(entry: JournalEntry) -> Json:
    job = json.loads(entry.document)
    shown = ("state", "found", "done", "replayed", "skipped", "startedAt", "by")
    return {"replayId": entry.key, **{name: job[name] for name in shown}}
