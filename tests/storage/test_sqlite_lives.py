"""Deliveries through any life: the embedded store against a plain dictionary."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.storage.records import Claim, delivery_id
from connector.storage.sealing import Sealer
from connector.storage.sqlite import SqliteStore
from tests.storage.conftest import KEY, routed

ENDINGS = ("ack", "bury", "cancel", "retry")
STEPS = ("accept", "hand out", "claim", "look", "replay", "wait", *ENDINGS)
LIVES = st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 3)), max_size=40)


async def end(store: SqliteStore, claim: Claim, how: str, now: float, delay: int) -> bool:
    """Whether it had an effect: the lease may have been lost. The counters tell, and leave deliveries as they are."""
    outbox, before = store.outbox, await store.counters()
    if how == "ack":
        await outbox.ack(claim, now)
    elif how == "bury":
        await outbox.bury(claim, now, reason="")
    elif how == "cancel":
        await outbox.cancel(claim, now, reason="")
    else:
        await outbox.reschedule(claim, now, attempt=1, due_at=now + delay)
    return before != await store.counters()


@settings(max_examples=60, deadline=None)
@given(life=LIVES)
async def test_nothing_pending_is_lost_and_nothing_finished_comes_back(life: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as directory:
        store = SqliteStore(Path(directory) / "connector.db", Sealer([KEY]), 90)
        outbox, now = store.outbox, 1_000.0
        held: list[Claim] = []
        pending: dict[str, bool] = {}
        for step, number in life:
            if step in ("accept", "hand out"):
                wanted = routed(*(f"flow{n}" for n in range(number)), now=now)
                at_once = {"flow0": 1, "flow1": 1} if step == "hand out" else None
                held += (await outbox.accept([wanted], now, lease_seconds=10.0, at_once=at_once)).claims
                pending |= {delivery_id(wanted.event.id, to): True for to in wanted.subscription_ids}
            elif step == "claim":
                claimed = await outbox.claim_due(now, 3, 10.0, per_destination=2, exclude={f"flow{number}": now + 1})
                assert all(pending[claim.delivery.id] for claim in claimed)
                held += claimed
            elif step == "look":
                waiting = sum(backlog.waiting for backlog in await outbox.backlogs(now))
                assert waiting == sum(pending.values())
            elif step == "wait":
                now += 5.0 * number
            elif step == "replay":
                finished = [each for each, waits in pending.items() if not waits][:number]
                assert await outbox.replay(finished, now) == len(finished)
                pending |= dict.fromkeys(finished, True)
            elif held:
                claim = held.pop(number % len(held))
                if await end(store, claim, step, now, number):
                    pending[claim.delivery.id] = step == "retry"

        assert sum(each.pending for each in await store.counters()) == sum(pending.values())
        due = []
        while some := await outbox.claim_due(now + 1_000, 50, 10_000.0, per_destination=1_000):
            due += [claim.delivery.id for claim in some]
        assert sorted(due) == sorted(each for each, waits in pending.items() if waits)
        await store.close()
