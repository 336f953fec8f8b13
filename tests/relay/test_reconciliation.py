"""What the timer puts right between our records and DeskDirector."""

from dataclasses import replace

import pytest

from connector.relay.reconciliation import EVERY_SECONDS, KEEP_ENDED_SECONDS, OUTAGE_SECONDS, look, reconcile
from connector.relay.registrations import change
from connector.relay.subscriptions import end
from connector.storage.records import RegistrationState, Rights
from tests.relay.conftest import BOTH_STORES, STATUS_CHANGED, World
from workbench.simulator.faults import Fault


def fail_upstream(world: World, status: int = 500) -> None:
    world.simulator.faults.append(
        Fault.parse({"path": "/ticket-workflows", "kind": "status", "status": status, "times": None})
    )


@BOTH_STORES
async def test_when_all_is_well_nothing_is_done_upstream(world: World) -> None:
    subscription = await world.subscribe()
    before = world.workflows()
    for _ in range(3):
        world.clock.ahead += EVERY_SECONDS
        assert await reconcile(world.relay) == {"checked": 1, "made": 0, "removed": 0, "trouble": 0}
    assert world.workflows() == before
    await world.post_ticket(subscription)
    assert await world.deliver_due() == 1


async def test_when_all_is_well_only_a_heartbeat_is_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        await world.subscribe(f"flow {number}", board={"id": number, "name": "?"})
    await reconcile(world.relay)
    written: list[str] = []
    monkeypatch.setattr(world.relay.store.registrations, "save", lambda each: written.append(each.id))
    for _ in range(3):
        world.clock.ahead += EVERY_SECONDS
        assert (await reconcile(world.relay))["made"] == 0
    assert written == []


async def test_an_outage_is_remembered_by_whoever_goes_on(world: World) -> None:
    """A process that dies in the middle of renewing leaves the rest to the next one."""
    await world.subscribe()
    await reconcile(world.relay)
    world.clock.ahead += OUTAGE_SECONDS + 1
    checked, needy = await look(world.relay)
    assert (checked, len(needy)) == (1, 1)
    world.relay.outage_at = 0.0  # another process, minutes later
    world.clock.ahead += EVERY_SECONDS
    assert (await reconcile(world.relay))["made"] == 1
    world.clock.ahead += EVERY_SECONDS
    assert (await reconcile(world.relay))["made"] == 0


async def test_a_clock_that_was_ahead_makes_no_outage_without_end(world: World) -> None:
    await world.subscribe()
    world.clock.ahead += 10 * 86_400
    await reconcile(world.relay)
    world.clock.ahead -= 10 * 86_400
    world.relay.outage_at = 0.0
    for _ in range(2):
        await reconcile(world.relay)
        world.clock.ahead += EVERY_SECONDS
    assert (await reconcile(world.relay))["made"] == 0


async def test_after_an_outage_every_registration_is_made_anew(world: World) -> None:
    subscription = await world.subscribe()
    address = (await world.registration(subscription)).secrets.token
    before = world.workflows()
    world.relay.outage_at = world.clock()
    assert (await reconcile(world.relay))["made"] == 1
    after = world.workflows()
    assert len(after) == 1
    assert after != before
    registration = await world.registration(subscription)
    assert registration.secrets.token == address
    assert registration.subscription_ids == (subscription.id,)
    assert (await reconcile(world.relay))["made"] == 0


async def test_a_suspended_action_listens_again_after_the_outage(world: World) -> None:
    await world.subscribe()
    tenant = world.simulator.tenant("tokity")
    (workflow,) = [one for one in tenant.workflows.values() if one.made_by == "flow"]
    next(iter(workflow.actions.values())).is_suspended = True
    world.relay.outage_at = world.clock()
    await reconcile(world.relay)
    hooks = [hook for one in tenant.workflows.values() if one.made_by == "flow" for hook in one.actions.values()]
    assert [hook.is_suspended for hook in hooks] == [False]


@pytest.mark.parametrize("idle", [OUTAGE_SECONDS + 1, 25 * 3600])
async def test_time_without_a_check_counts_as_an_outage(world: World, idle: float) -> None:
    await world.subscribe()
    world.clock.ahead += idle
    assert (await reconcile(world.relay))["made"] == 1


async def test_registrations_are_renewed_from_time_to_time_in_case_an_admin_deleted_one(world: World) -> None:
    await world.subscribe()
    world.simulator.tenant("tokity").workflows.clear()
    for _ in range(int(24 * 3600 / EVERY_SECONDS) + 1):
        world.clock.ahead += EVERY_SECONDS
        await reconcile(world.relay)
    assert list(world.workflows().values()) == [STATUS_CHANGED]


async def test_a_changed_public_address_is_told_to_deskdirector(world: World) -> None:
    subscription = await world.subscribe()
    world.relay.settings = replace(world.relay.settings, public_url="http://127.0.0.1:8")
    assert (await reconcile(world.relay))["made"] == 1
    assert (await world.registration(subscription)).address == "http://127.0.0.1:8"
    assert (await reconcile(world.relay))["made"] == 0


@BOTH_STORES
async def test_what_nobody_wants_any_more_is_removed(world: World) -> None:
    subscription = await world.subscribe()
    fail_upstream(world)
    await end(world.relay, subscription.id, "a test")
    assert (await reconcile(world.relay))["removed"] == 1
    assert (await world.registration(subscription)).state is RegistrationState.UNREGISTERING
    world.simulator.faults.clear()
    await reconcile(world.relay)
    assert (await world.registration(subscription)).state is RegistrationState.ENDED
    assert world.workflows() == {}

    world.clock.ahead += KEEP_ENDED_SECONDS + 1
    await reconcile(world.relay)
    assert await world.relay.store.registrations.list() == []


async def test_a_subscription_that_a_crash_left_without_registration_gets_one(world: World) -> None:
    subscription = await world.subscribe()
    await world.relay.store.registrations.remove(await world.registration(subscription))
    world.simulator.tenant("tokity").workflows.clear()
    assert (await reconcile(world.relay))["made"] == 1
    assert list(world.workflows().values()) == [STATUS_CHANGED]
    await world.post_ticket(subscription)
    assert await world.deliver_due() == 1


async def test_a_crash_while_registering_is_finished_by_the_next(world: World) -> None:
    subscription = await world.subscribe()
    registration = await world.registration(subscription)
    await change(
        world.relay, registration.id, lambda one: replace(one, state=RegistrationState.REGISTERING, since=world.clock())
    )
    assert (await reconcile(world.relay))["made"] == 0  # somebody may still be at it
    world.clock.ahead += 200
    assert (await reconcile(world.relay))["made"] == 1
    assert (await world.registration(subscription)).state is RegistrationState.ACTIVE


async def test_members_that_a_crash_left_behind_are_dropped(world: World) -> None:
    subscription = await world.subscribe()
    registration = await world.registration(subscription)
    await change(
        world.relay, registration.id, lambda one: replace(one, subscription_ids=(*one.subscription_ids, "gone"))
    )
    await reconcile(world.relay)
    assert (await world.registration(subscription)).subscription_ids == (subscription.id,)


async def test_a_refused_key_is_shown_and_another_flows_key_is_used(world: World) -> None:
    subscription = await world.subscribe("first")
    await world.subscribe("second")
    registration = await world.registration(subscription)
    revoked = replace(registration.secrets, rights=Rights("Basic", "Basic cmV2b2tlZDprZXk="))
    await change(world.relay, registration.id, lambda one: replace(one, secrets=revoked))
    world.relay.outage_at = world.clock()
    assert (await reconcile(world.relay))["made"] == 1
    assert (await world.registration(subscription)).secrets.rights != revoked.rights


async def test_trouble_is_noted_and_tried_again(world: World) -> None:
    subscription = await world.subscribe()
    fail_upstream(world, 403)
    world.relay.outage_at = world.clock()
    for _ in range(2):
        assert (await reconcile(world.relay))["trouble"] == 1
        registration = await world.registration(subscription)
        assert registration.trouble == "NotPermitted"
        assert registration.state is RegistrationState.ACTIVE
    world.simulator.faults.clear()
    assert (await reconcile(world.relay))["made"] == 1
    assert (await world.registration(subscription)).trouble == ""
