"""What becomes of a delivery, by what its flow answers (docs/faults.md), row by row."""

import pytest

from connector.relay.retry_schedule import JITTER
from connector.storage.records import EventQuery
from tests.relay.conftest import World
from workbench.generators.flow_answers import FLOW_ANSWERS, FlowAnswer


@pytest.mark.parametrize("row", FLOW_ANSWERS, ids=lambda row: row.what)
async def test_every_row_is_as_declared(row: FlowAnswer, world: World) -> None:
    subscription = await world.subscribe()
    if row.plan:
        world.flows.behave("orders", **row.plan)
    else:
        await world.flows.stop()
    await world.post_ticket(subscription)
    assert await world.deliver_due() == 1

    (event,) = (await world.relay.store.outbox.events(EventQuery())).items
    found = await world.relay.store.outbox.event(event.id)
    assert found is not None
    (delivery,) = found[1]
    assert (str(delivery.state), delivery.attempt) == (row.becomes, 1)
    if row.becomes == "pending":
        assert delivery.due_at - world.clock() == pytest.approx(row.wait, rel=JITTER + 0.02, abs=2)
        assert delivery.reason
    kept = await world.relay.store.subscriptions.get(subscription.id)
    assert kept is not None
    assert (kept.ended_at is not None) == row.ends
