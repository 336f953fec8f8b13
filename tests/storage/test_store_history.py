"""What every store promises about verdicts, attempts, tallies and the journal, asked of each."""

from dataclasses import replace

import pytest

from connector.storage.history import (
    KEPT_ATTEMPTS,
    NO_SUMMARY,
    AttemptKind,
    AttemptMade,
    JournalEntry,
    Summary,
    Tally,
    Verdict,
    Wanted,
    read_attempts,
    read_summary,
    read_verdicts,
    write_attempts,
    write_summary,
    write_verdicts,
)
from connector.storage.protocol import Store
from connector.storage.records import FAILING, UNWANTED, EventQuery, RoutedEvent, StaleRecord
from tests.narrowing import existing
from tests.storage.conftest import Later, claim_all, routed

SUMMARY = Summary("ticket", 'Printer "é" \U0001f3ab', 1_790_000_000.25, 3, 1)
VERDICTS = (
    Verdict("a", Wanted.YES),
    Verdict("b", Wanted.NO, "status", "status is New, not Closed"),
    Verdict("c", Wanted.UNKNOWN, "board", "board could not be read"),
)


def judged(*to: str) -> RoutedEvent:
    one = routed(*to)
    return replace(one, event=replace(one.event, summary=SUMMARY, verdicts=VERDICTS))


def made(number: int, status: int = 502) -> AttemptMade:
    return AttemptMade(1_790_000_000.0 + number, AttemptKind.ANSWER, status, 100 + number, "bad gateway")


async def test_summary_and_verdicts_stay_with_their_event(store: Store, now: float) -> None:
    one = judged("a")
    await store.outbox.accept([one], now)

    event, _ = existing(await store.outbox.event(one.event.id))
    (listed,) = (await store.outbox.events(EventQuery())).items

    assert (event.summary, event.verdicts) == (SUMMARY, VERDICTS)
    assert (listed.summary, listed.verdicts) == (SUMMARY, ())


async def test_the_newest_attempts_stay_with_their_delivery(store: Store, now: float, later: Later) -> None:
    one = judged("a")
    await store.outbox.accept([one], now)
    for number in range(KEPT_ATTEMPTS + 2):
        (claim,) = await claim_all(store, now)
        await store.outbox.reschedule(claim, now, attempt=number + 1, due_at=now, reason="502", made=made(number))
    (claim,) = await claim_all(store, now)
    await store.outbox.ack(claim, now, made=made(99, 202))
    _, (delivery,) = existing(await store.outbox.event(one.event.id))

    assert [each.status for each in delivery.history] == [502] * (KEPT_ATTEMPTS - 1) + [202]
    assert delivery.history[-1] == made(99, 202)
    assert (await store.outbox.tallies([one.event.id]))[one.event.id] == Tally(delivered=1, attempts=11, ms=199)


async def test_a_replay_keeps_the_attempts_before_it(store: Store, now: float) -> None:
    one = judged("a")
    await store.outbox.accept([one], now)
    (claim,) = await claim_all(store, now)
    await store.outbox.bury(claim, now, reason="gone", made=made(1, 410))
    assert await store.outbox.replay([claim.delivery.id], now) == 1

    (again,) = await claim_all(store, now)

    assert again.delivery.history == (made(1, 410),)


async def test_events_are_found_by_how_their_deliveries_stand(store: Store, now: float) -> None:
    failing, quiet, unwanted = judged("a"), judged("b"), judged()
    await store.outbox.accept([failing, quiet, unwanted], now)
    claims = {claim.delivery.subscription_id: claim for claim in await claim_all(store, now)}
    await store.outbox.reschedule(claims["a"], now, attempt=1, due_at=now + 60, made=made(1))

    async def found(**query: str) -> set[str]:
        return {each.id for each in (await store.outbox.events(EventQuery(**query))).items}  # type: ignore[arg-type]

    assert await found(state=FAILING) == {failing.event.id}
    assert await found(state=UNWANTED) == {unwanted.event.id}
    assert await found(state="pending") == {failing.event.id, quiet.event.id}
    (delivery,) = (await store.outbox.deliveries(EventQuery(state=FAILING))).items
    assert delivery.event_id == failing.event.id
    some = await store.outbox.events(EventQuery(ids=(quiet.event.id, "nothing")))
    assert [each.id for each in some.items] == [quiet.event.id]
    tallies = await store.outbox.tallies([failing.event.id, quiet.event.id, unwanted.event.id, "nothing"])
    assert tallies == {
        failing.event.id: Tally(pending=1, failing=1, attempts=1, ms=101),
        quiet.event.id: Tally(pending=1),
    }


async def test_the_journal_keeps_entries_by_kind_and_key(store: Store, now: float) -> None:
    for key in ("b", "a", "c"):
        await store.journal.put(JournalEntry("audit", key, f'{{"key":"{key}"}}', now + 60))
    await store.journal.put(JournalEntry("audit", "a", '{"key":"new"}', now - 60))
    await store.journal.put(JournalEntry("job", "a", "x" * 100_000, now + 60))

    assert [each.key for each in await store.journal.list("audit")] == ["a", "b", "c"]
    assert [each.key for each in await store.journal.list("audit", first="b", last="c", take=5)] == ["b"]
    assert existing(await store.journal.get("audit", "a")).document == '{"key":"new"}'
    assert len(existing(await store.journal.get("job", "a")).document) == 100_000
    assert (await store.expire(now))["journal"] == 1
    assert await store.journal.get("audit", "a") is None


async def test_of_two_who_change_an_entry_one_wins(store: Store, now: float) -> None:
    first = await store.journal.save(JournalEntry("job", "a", "1", now + 60))
    second = await store.journal.save(replace(first, document="2"))

    for late in (JournalEntry("job", "a", "3", now + 60), replace(first, document="3")):
        with pytest.raises(StaleRecord):
            await store.journal.save(late)
    assert existing(await store.journal.get("job", "a")) == second


@pytest.mark.parametrize("damaged", ["", "{}", "[1]", "[[]]", "null", "no json", '[[1,"what"]]'])
def test_what_cannot_be_read_counts_as_none(damaged: str) -> None:
    assert read_attempts(damaged) == ()
    assert read_verdicts(damaged) == ()
    assert read_summary(damaged) == NO_SUMMARY


def test_what_is_written_is_read() -> None:
    assert read_attempts(write_attempts([made(1)])) == (made(1),)
    assert read_verdicts(write_verdicts(VERDICTS)) == VERDICTS
    assert read_summary(write_summary(SUMMARY)) == SUMMARY
    assert (write_attempts(()), write_verdicts(()), write_summary(NO_SUMMARY)) == ("", "", "")
