"""The connection test and the lists behind the drop-downs."""

import base64

import pytest

from tests.desk import Desk


def raw(desk: Desk) -> str:
    return f"{desk.simulator.tokity_user}:{desk.simulator.tokity_password}"


@pytest.mark.parametrize(
    "form",
    [
        lambda desk: {"dd-api-key": desk.simulator.tokity_key},
        lambda desk: {"dd-api-key": raw(desk)},
        lambda desk: {"dd-api-key": f"Basic {desk.simulator.tokity_key}"},
        lambda desk: {"dd-api-key": f"DdApi {desk.simulator.tokity_key}"},
        lambda desk: {"dd-api-key": f"basic   {desk.simulator.tokity_key}"},
        lambda desk: {"dd-api-key": desk.simulator.psa_key},
        lambda desk: {"dd-api-key": "", "authorization": f"DdApi {desk.simulator.psa_key}"},
        lambda desk: {"dd-api-key": "", "authorization": f"Basic {base64.b64encode(raw(desk).encode()).decode()}"},
    ],
)
def test_every_form_of_key_connects(desk: Desk, form: object) -> None:
    answer = desk.call("TestConnection", headers=form(desk))  # type: ignore[operator]

    assert (answer.status, answer.json) == (200, {"status": "ok", "site": desk.simulator.site})


@pytest.mark.parametrize(
    ("operation", "table"),
    [
        ("ListBoards", "boards"),
        ("ListPriorities", "priorities"),
        ("ListSources", "sources"),
        ("ListCompanies", "companies"),
    ],
)
def test_lists_hold_what_the_tenant_has(desk: Desk, operation: str, table: str) -> None:
    answer = desk.call(operation)

    offered = {one["id"]: one["name"] for one in answer.json["results"]}
    assert {str(key) for key in getattr(desk.tenant, table)} == set(offered)
    assert list(offered.values()) == sorted(offered.values(), key=str.casefold)


def test_members_who_left_are_not_offered(desk: Desk) -> None:
    offered = {int(one["id"]) for one in desk.call("ListMembers").json["results"]}

    assert offered == {member.id for member in desk.tenant.members.values() if member.is_active}


def test_statuses_are_the_boards_own(desk: Desk) -> None:
    support = next(key for key, board in desk.tenant.boards.items() if board.name == "Support")

    by_name = desk.call("ListStatuses", board="support").json["results"]
    by_id = desk.call("ListStatuses", board=str(support)).json["results"]

    assert by_name == by_id
    assert {int(one["id"]) for one in by_id} == {
        status.id for status in desk.tenant.statuses.values() if status.board_id == support
    }


def test_without_a_board_the_statuses_of_all_boards_are_told_apart(desk: Desk) -> None:
    listed = desk.call("ListStatuses").json["results"]

    assert {(int(one["id"]), one["name"]) for one in listed} == {
        (status.id, f"{desk.tenant.boards[status.board_id].name}: {status.name}")
        for status in desk.tenant.statuses.values()
    }


def test_request_types_include_the_catch_all(desk: Desk) -> None:
    assert "Something Else" in [one["name"] for one in desk.call("ListRequestTypes").json["results"]]
