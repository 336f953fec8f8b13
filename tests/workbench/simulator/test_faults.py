"""Every kind of fault does what it says, and nothing more."""

import asyncio
import json

import aiohttp
import pytest

from tests.workbench.simulator.conftest import Desk

NEW = {"name": "Only once", "companyId": 201}


def tickets(desk: Desk) -> int:
    return len(desk.simulator.tenant("tokity").tickets)


async def test_status_refuses_without_doing_the_work(desk: Desk) -> None:
    before = tickets(desk)
    await desk.post(
        "/_control/faults", {"kind": "status", "status": 429, "retryAfter": 7, "method": "POST", "times": 2}
    )
    for _ in range(2):
        reply = await desk.post("tickets?requestTypeId=701", NEW)
        assert (reply.status, reply.headers["Retry-After"]) == (429, "7")
    assert tickets(desk) == before
    assert (await desk.post("tickets?requestTypeId=701", NEW)).status == 200


async def test_only_matching_calls_are_hit_and_the_first_may_pass(desk: Desk) -> None:
    desk.simulator.add_fault(kind="status", status=500, method="GET", path=r"/tickets/\d+$", skip=1)
    assert (await desk.get("members")).status == 200
    assert [(await desk.get("tickets/10001")).status for _ in range(3)] == [200, 500, 200]


async def test_a_fault_without_end_lasts_until_it_is_cleared(desk: Desk) -> None:
    desk.simulator.add_fault(kind="status", times=None)
    assert [(await desk.get("members")).status for _ in range(3)] == [503, 503, 503]
    await desk.call("DELETE", "/_control/faults")
    assert (await desk.get("members")).status == 200


async def test_probability_hits_some_calls(desk: Desk) -> None:
    desk.simulator.add_fault(kind="status", probability=0.5, times=None)
    assert {(await desk.get("members")).status for _ in range(40)} == {200, 503}


async def test_reset_before_cuts_without_doing_the_work(desk: Desk) -> None:
    before = tickets(desk)
    desk.simulator.add_fault(kind="reset_before")
    with pytest.raises(aiohttp.ClientConnectionError):
        await desk.post("tickets?requestTypeId=701", NEW)
    assert tickets(desk) == before
    assert (await desk.get("members")).status == 200


async def test_raw_says_whatever_it_is_given(desk: Desk) -> None:
    before = tickets(desk)
    desk.simulator.add_fault(kind="raw", text="HTTP/1.1 204 Bare\r\nConnection: close\r\n\r\n")
    assert (await desk.post("tickets?requestTypeId=701", NEW)).status == 204
    desk.simulator.add_fault(kind="raw", text="220 mail.example.com\r\n\r\n")
    with pytest.raises(aiohttp.ClientError):
        await desk.post("tickets?requestTypeId=701", NEW)
    assert tickets(desk) == before


async def test_reset_after_cuts_when_the_work_is_done(desk: Desk) -> None:
    before = tickets(desk)
    desk.simulator.add_fault(kind="reset_after")
    with pytest.raises(aiohttp.ClientConnectionError):
        await desk.post("tickets?requestTypeId=701", NEW)
    assert tickets(desk) == before + 1


async def test_a_delay_after_the_work_outlasts_the_caller(desk: Desk) -> None:
    before = tickets(desk)
    desk.simulator.add_fault(kind="delay", seconds=30, after=True)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await desk.post("tickets?requestTypeId=701", NEW)
    assert tickets(desk) == before + 1


async def test_a_delay_before_the_work_then_answers(desk: Desk) -> None:
    desk.simulator.add_fault(kind="delay", seconds=0.01)
    assert (await desk.get("tickets/10001")).status == 200


async def test_truncate_promises_more_than_it_sends(desk: Desk) -> None:
    desk.simulator.add_fault(kind="truncate", keep=40)
    with pytest.raises(aiohttp.ClientPayloadError):
        await desk.get("tickets/10001")


async def test_a_framed_cut_is_whole_http_with_broken_json(desk: Desk) -> None:
    desk.simulator.add_fault(kind="truncate", framed=True)
    with pytest.raises(json.JSONDecodeError):
        await desk.get("tickets/10001")


async def test_html_is_a_page_with_the_asked_status(desk: Desk) -> None:
    desk.simulator.add_fault(kind="html")
    desk.simulator.add_fault(kind="html", status=502)
    for status in (200, 502):
        reply = await desk.get("tickets/10001")
        assert reply.status == status
        assert reply.body.startswith("<!DOCTYPE html>")


async def test_pascal_nulls_and_wrong_types_spoil_the_right_answer(desk: Desk) -> None:
    right = (await desk.get("tickets/10001")).body
    for kind in ("pascal", "nulls", "wrong_types"):
        desk.simulator.add_fault(kind=kind)
    pascal = (await desk.get("tickets/10001")).body
    assert pascal["Board"] == {"Id": right["board"]["id"], "Name": right["board"]["name"]}
    nulls = (await desk.get("tickets/10001")).body
    assert nulls["id"] == 10001
    assert {value for key, value in nulls.items() if key != "id"} == {None}
    wrong = (await desk.get("tickets/10001")).body
    assert wrong["id"] == "number 10001"
    assert wrong["name"] == [right["name"]]
    assert isinstance(wrong["tags"], dict)
    assert (await desk.get("tickets/10001")).body == right


async def test_nulls_keep_the_envelope_of_a_list(desk: Desk) -> None:
    desk.simulator.add_fault(kind="nulls")
    body = (await desk.post("tickets/find", {"take": 2})).body
    assert body["totalResults"] == 60
    assert [item["name"] for item in body["results"]] == [None, None]


@pytest.mark.parametrize(
    "fault", [{}, {"kind": "other"}, {"kind": "status", "path": "("}, {"kind": "delay", "seconds": "x"}]
)
async def test_a_senseless_fault_is_refused(desk: Desk, fault: dict[str, object]) -> None:
    assert (await desk.post("/_control/faults", fault)).status == 400
