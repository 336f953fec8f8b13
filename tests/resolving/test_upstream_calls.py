"""How many calls, and how many round trips, names cost: counted, not timed."""

import asyncio
import gc
import json
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.catalog.tickets import create_ticket
from connector.deskdirector.body_schemas import BodySchema
from connector.deskdirector.errors import BadRequest, Unavailable
from connector.deskdirector.known_schemas import SCHEMA_BYTES
from connector.resolving.lookup_cache import LIST_BYTES, MEANING_BYTES, Known, Listed, id_of, once
from connector.resolving.references import resolve, someone
from connector.resolving.ticket_inputs import NewTicket
from connector.runtime import SharedWork
from connector.settings import Settings
from connector.texts import name_key
from tests.waves import ANSWERS, NAMES, choices, desk, upstream

EIGHT_NAMES: dict[str, Any] = {
    "requestType": "Type 3", "company": "Acme", "contact": "jane@acme.com", "userGroup": "Team 2", "board": "Board 4",
    "status": "Status 5", "priority": "Priority 1", "source": "Source 2", "assignedTo": ["Grace Okafor"],
}  # fmt: skip
SETTINGS = Settings()


def ticket(**fields: Any) -> NewTicket:
    return NewTicket.model_validate({"title": "Printer", **fields})


async def test_a_ticket_by_names_takes_four_round_trips_and_then_one(monkeypatch: pytest.MonkeyPatch) -> None:
    async with upstream(monkeypatch) as site:
        await create_ticket(desk(SETTINGS), ticket(**EIGHT_NAMES))
        assert site.trips <= 4
        assert max(site.calls.values()) <= 3  # the schemas of the three searches
        assert site.calls.total() <= 14

        site.reset()
        await create_ticket(desk(SETTINGS), ticket(**EIGHT_NAMES))
        assert (dict(site.calls), site.trips) == ({"CREATE_TICKET": 1}, 1)


async def test_a_ticket_without_a_request_type_takes_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    def types(request: Any) -> Any:
        return choices("Type")[: None if "withSomethingElse" in request.target else -1]

    async with upstream(monkeypatch) as site:
        site.answers = {**ANSWERS, "LIST_REQUEST_TYPES": types}
        await create_ticket(desk(SETTINGS), ticket(contact="jane@acme.com"))
        assert site.trips <= 3


async def test_equal_questions_at_the_same_time_are_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async with upstream(monkeypatch) as site:
        await asyncio.gather(*(create_ticket(desk(SETTINGS), ticket(**EIGHT_NAMES)) for _ in range(5)))
        assert site.calls.pop("CREATE_TICKET") == 5
        assert site.calls.pop("GET_DYNAMIC_SCHEMA2") == 3
        assert set(site.calls.values()) == {1}


async def test_nothing_is_remembered_past_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    forgetful = Settings(lookup_seconds=0, schema_seconds=0)
    async with upstream(monkeypatch) as site:
        await create_ticket(desk(forgetful), ticket(**EIGHT_NAMES))
        first = site.calls.total()
        await create_ticket(desk(forgetful), ticket(**EIGHT_NAMES))
        assert site.calls.total() == 2 * first


async def test_a_person_who_acts_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    async with upstream(monkeypatch) as site:
        site.answers = {**ANSWERS, "FIND_MEMBERS": lambda _: {"results": [], "totalResults": 0}}
        first = await someone(desk(SETTINGS), "jane@acme.com")
        site.reset()
        assert await someone(desk(SETTINGS), "Jane Doe <jane@acme.com>") == first
        assert site.trips == 0


async def test_names_are_remembered_by_connection_and_by_what_narrows_them(monkeypatch: pytest.MonkeyPatch) -> None:
    async with upstream(monkeypatch) as site:
        for count, (host, company) in enumerate((("a", None), ("b", None), ("a", 1), ("a", 2), ("a", 1)), start=1):
            ids = {"companyId": company} if company else {}
            await resolve(desk(SETTINGS, f"{host}.deskdirector.com"), "contact", "jane@acme.com", ids)
            assert site.calls["FIND_CONTACTS"] == min(count, 4)


@pytest.mark.parametrize(
    "people",
    [
        [{"id": 1, "name": "Jane"}, {"id": 2, "name": "Jane"}],
        [{"id": 1, "name": "Jane", "isActive": False}],
        [],
    ],
    ids=["several", "inactive", "nobody"],
)
async def test_only_who_is_meant_for_certain_is_remembered(
    people: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with upstream(monkeypatch) as site:
        site.answers = {**ANSWERS, "FIND_CONTACTS": lambda _: {"results": people, "totalResults": len(people)}}
        for _ in range(2):
            site.reset()
            with pytest.raises(BadRequest):
                await resolve(desk(SETTINGS), "contact", "Jane")
            assert site.calls["FIND_CONTACTS"] >= 1


async def test_a_name_of_a_list_is_looked_for_again_when_it_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    boards = choices("Board")
    async with upstream(monkeypatch) as site:
        site.answers = {**ANSWERS, "LIST_BOARDS": lambda _: boards}
        await resolve(desk(SETTINGS), "board", "Board 1")
        boards.append({"id": 99, "name": "New"})
        assert await resolve(desk(SETTINGS), "board", "new") == 99


async def test_a_failure_of_shared_work_is_the_failure_of_its_owner_only() -> None:
    shared: SharedWork[str, int] = SharedWork()
    started = asyncio.Event()

    async def fails() -> int:
        started.set()
        await asyncio.sleep(0)
        raise Unavailable("BudgetSpent", "too slow")

    async def succeeds() -> int:
        return 7

    owner = asyncio.create_task(once(shared, "key", fails))
    await started.wait()
    assert await once(shared, "key", succeeds) == 7
    with pytest.raises(Unavailable):
        await owner


def bytes_of(make: Callable[[int], Any], count: int = 15) -> float:
    """What one of many takes."""
    gc.collect()
    tracemalloc.start()
    kept = [make(number) for number in range(count)]
    gc.collect()
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert len(kept) == count
    return taken / count


def a_list(number: int, names: int = NAMES) -> Listed:
    return Listed(Known(f"{number}{one}", f"Service board {number} {one}") for one in range(names))


def a_schema(number: int) -> BodySchema:
    field = {"type": "string", "title": "Field", "x-ms-visibility": "important"}
    properties = {f"customField{number}x{one}": {**field, "title": f"Field {number} {one}"} for one in range(60)}
    schema = BodySchema.of(json.loads(json.dumps({"schema": {"type": "object", "properties": properties}})))
    assert schema is not None
    return schema


@pytest.mark.parametrize("names", [0, NAMES, 500])
def test_a_list_weighs_what_it_takes(names: int) -> None:
    assert bytes_of(lambda number: a_list(number, names)) <= a_list(1, names).weight


def test_a_schema_weighs_what_it_takes() -> None:
    assert bytes_of(a_schema) <= a_schema(1).weight


@given(st.lists(st.tuples(st.text("ab1 \n", max_size=3), st.text("aAb \nß", max_size=3), st.none() | st.booleans())))
def test_a_list_knows_its_names(rows: list[tuple[str, str, bool | None]]) -> None:
    choices = [Known(*row) for row in rows]
    listed = Listed(choices)
    assert len(listed) == len(choices)
    expected = [
        Known(choice.id.replace("\n", " "), choice.name.replace("\n", " "), choice.is_closed) for choice in choices
    ]
    assert sorted(map(str, listed)) == sorted(map(str, expected))
    for text in {*(known.name for known in choices), *(known.id for known in choices), "nobody"}:
        key = name_key(text)
        wanted = [one for one in listed if key and key in (name_key(one.name), str(id_of(one)).casefold())]
        assert listed.named(text) == wanted


def test_what_two_thousand_sites_have_fits() -> None:
    """Five lists and a schema of its own each, and what 20 names mean, in 150 MB."""
    assert 2_000 * 5 * a_list(1000).weight <= LIST_BYTES
    assert 2_000 * a_schema(1000).weight <= SCHEMA_BYTES
    assert LIST_BYTES + SCHEMA_BYTES + MEANING_BYTES <= 150_000_000
