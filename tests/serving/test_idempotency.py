"""Never twice: whatever repeats, breaks or races, one request makes one ticket."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.desk import Desk
from workbench.simulator.faults import Kind


def create_body(desk: Desk, **more: str) -> dict[str, Any]:
    contact_id = next(iter(desk.tenant.contacts))
    return {"title": "Only once", "contact": str(contact_id), **more}


def titled(desk: Desk, title: str = "Only once") -> int:
    """How many tickets with this title DeskDirector has."""
    return sum(ticket.name == title for ticket in desk.tenant.tickets.values())


RUN = {"x-ms-workflow-run-id": "08584-run", "x-ms-workflow-operation-name": "Create_ticket"}


async def storm(desk: Desk, bodies: list[dict[str, str]], headers: dict[str, str]) -> list[httpx.Response]:
    """All at once."""
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(timeout=100, limits=limits, trust_env=False) as client:
        calls = [
            client.post(f"{desk.url}/api/tickets", json=body, headers={**desk.headers(), **headers}) for body in bodies
        ]
        return await asyncio.gather(*calls)


async def test_two_hundred_identical_calls_with_resets_make_one_ticket(desk: Desk) -> None:
    # Cut before the work, cut after it, refuse: whatever comes, nobody may create a second one.
    desk.simulator.add_fault(kind="delay", method="POST", path="/tickets$", seconds=0.2, times=1)
    body = create_body(desk)

    answers = await storm(desk, [body] * 200, RUN)

    assert titled(desk) == 1
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("idempotent-replay" in answer.headers for answer in answers) == 199


@pytest.mark.parametrize("kind", ["reset_after", "truncate"])
async def test_a_create_whose_answer_is_lost_is_found_and_never_repeated(desk: Desk, kind: Kind) -> None:
    desk.simulator.add_fault(kind=kind, method="POST", path="/tickets$", times=1)
    body = create_body(desk, idempotencyKey=f"lost-{kind}")

    answers = await storm(desk, [body] * 50, {})

    assert titled(desk) == 1
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert {answer.json().get("recovered") for answer in answers} == {True}
    assert [answer.json().get("repeated") for answer in answers].count(True) == 49


async def test_different_bodies_in_one_step_of_one_run_are_all_created(desk: Desk) -> None:
    bodies = [create_body(desk, description=f"number {number}") for number in range(40)]

    answers = await storm(desk, bodies * 2, RUN)

    assert {answer.status_code for answer in answers} == {200}
    assert titled(desk) == 40


def test_a_repeat_answers_what_the_first_did(desk: Desk) -> None:
    first = desk.call("CreateTicket", **create_body(desk), idempotencyKey="k-1")
    second = desk.call("CreateTicket", **create_body(desk), idempotencyKey="k-1")

    assert {"repeated": True, **first.json} == second.json
    assert "idempotent-replay" not in first.headers
    assert second.headers["idempotent-replay"] == "true"


def test_the_same_key_with_another_body_is_refused(desk: Desk) -> None:
    desk.call("CreateTicket", **create_body(desk), idempotencyKey="k-2")

    answer = desk.call("CreateTicket", **{**create_body(desk), "title": "Another"}, idempotencyKey="k-2")

    assert (answer.status, answer.code) == (422, "IdempotencyKeyReused")
    assert titled(desk, "Another") == 0


def test_what_was_surely_not_done_may_be_tried_again_with_the_same_key(desk: Desk) -> None:
    refused = desk.call("CreateTicket", **create_body(desk, board="Nowhere"), idempotencyKey="k-3")
    created = desk.call("CreateTicket", **create_body(desk, board="Support"), idempotencyKey="k-3")

    assert (refused.status, created.status) == (400, 200)


def test_the_standard_header_is_a_key_too(desk: Desk) -> None:
    for _ in range(3):
        desk.call("CreateTicket", **create_body(desk), headers={"Idempotency-Key": "k-4"})

    assert titled(desk) == 1


def test_a_correlation_id_is_no_key(desk: Desk) -> None:
    for _ in range(2):
        desk.call("CreateTicket", **create_body(desk), headers={"x-ms-correlation-id": "conversation"})

    assert titled(desk) == 2


def test_keys_of_different_connections_do_not_meet(desk: Desk) -> None:
    psa = desk.headers(desk.simulator.psa_key)
    desk.call("CreateTicket", **create_body(desk), idempotencyKey="k-5")

    answer = desk.call("CreateTicket", **create_body(desk), idempotencyKey="k-5", headers=psa)

    assert "idempotent-replay" not in answer.headers


def test_a_lost_answer_without_any_key_is_found_too(desk: Desk) -> None:
    desk.simulator.add_fault(kind="truncate", method="POST", path="/tickets$", times=1, framed=True)

    answer = desk.call("CreateTicket", **create_body(desk))

    assert (answer.status, answer.json["recovered"], titled(desk)) == (200, True, 1)


def test_what_two_calls_may_have_made_is_an_error_that_names_both(desk: Desk) -> None:
    first = desk.call("CreateTicket", **create_body(desk))
    desk.simulator.add_fault(kind="truncate", method="POST", path="/tickets$", times=1, framed=True)

    answer = desk.call("CreateTicket", **create_body(desk))

    assert (answer.status, answer.code) == (424, "OutcomeUnknown")
    assert str(first.json["id"]) in answer.json["error"]["details"]
    assert len(answer.json["error"]["details"]) == 2
