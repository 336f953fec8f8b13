"""Plans are kept for their connection and purpose, and each part of one is done once, in both stores."""

import asyncio

import pytest

from connector.deskdirector.errors import ConnectorError, Gone, OutcomeUnknown, Unprocessable
from connector.operations.confirmation import PLAN_SECONDS, Part
from connector.serving.kept_plans import KeptPlans
from connector.storage.protocol import Store
from tests.storage.conftest import BUDGET_SECONDS

NOON = 1_900_000_000.0


def plans(store: Store, now: float = NOON, identity: str = "mine") -> KeptPlans:
    return KeptPlans(lambda: store.idempotency, identity, lambda: now)


async def test_a_plan_is_of_one_connection_one_purpose_and_a_while(store: Store, second: Store) -> None:
    kept = await plans(store).keep("close", b"these")

    assert await plans(second, NOON + PLAN_SECONDS - 60).recall("close", f" {kept.token} ") == b"these"
    for others in (
        plans(second, identity="theirs").recall("close", kept.token),
        plans(store).recall("note", kept.token),
    ):
        with pytest.raises(Unprocessable):
            await others
    with pytest.raises(Gone):
        await plans(store, NOON + PLAN_SECONDS + 60).recall("close", kept.token)
    assert await plans(store).recall("close", kept.token) == b"these"


@pytest.mark.parametrize("token", ["", "x", "é" * 23, "1c8bf03" + "A" * 16, "f" * 65, "-000001" + "A" * 16])
async def test_what_is_no_token_is_none(store: Store, token: str) -> None:
    with pytest.raises((Unprocessable, Gone)):
        await plans(store, 0.0).recall("close", token)


async def test_a_part_is_done_once_by_whoever_is_first(store: Store, second: Store) -> None:
    done: list[str] = []

    async def work() -> bytes:
        done.append("once")
        await asyncio.sleep(0)
        return b"did it"

    token = (await plans(store).keep("close", b"these")).token
    tries = [plans(one).once(token, Part("7", work)) for one in (store, second) * 3]
    answers = await asyncio.gather(*tries, return_exceptions=True)

    assert done == ["once"]
    assert all(
        answer == b"did it" or (isinstance(answer, ConnectorError) and answer.code == "RepeatInProgress")
        for answer in answers
    )
    assert await plans(second).once(token, Part("7", work)) == b"did it"


async def test_what_broke_off_is_done_again_unless_it_may_have_been_done(store: Store) -> None:
    async def broken() -> bytes:
        raise Unprocessable("RuleViolated", "No.")

    async def works() -> bytes:
        return b"did it"

    token = (await plans(store).keep("close", b"these")).token
    for part in (Part("clear", broken), Part("unclear", broken, lambda: True)):
        with pytest.raises(Unprocessable):
            await plans(store).once(token, part)

    assert await plans(store).once(token, Part("clear", works)) == b"did it"
    with pytest.raises(OutcomeUnknown):
        await plans(store).once(token, Part("unclear", works))


async def test_whoever_died_at_work_is_looked_after(store: Store) -> None:
    """Begun, and never ended: after the time that an operation has, the next caller looks what was done."""

    async def dies() -> bytes:
        raise asyncio.CancelledError

    looked: list[float] = []

    async def look(begun_at: float) -> bytes | None:
        looked.append(begun_at)
        return b"found it" if len(looked) > 1 else None

    token = (await plans(store).keep("close", b"these")).token
    with pytest.raises(asyncio.CancelledError):
        await plans(store).once(token, Part("7", dies, lambda: True))
    later = plans(store, NOON + BUDGET_SECONDS + 1)
    with pytest.raises(OutcomeUnknown):
        await later.once(token, Part("7", dies, look=look))

    assert await later.once(token, Part("7", dies, look=look)) == b"found it"
    assert looked == [NOON, NOON]
    assert await later.once(token, Part("7", dies)) == b"found it"
