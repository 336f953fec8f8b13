"""For administrators: errors of the synchronisation, and keys to act as a user."""

import httpx

from tests.desk import Desk, generous


def test_sync_errors_are_told(desk: Desk) -> None:
    headers = {"dd-api-key": desk.simulator.psa_key}

    page = desk.call("GetSyncErrors", headers=headers).json
    one = desk.call("GetSyncErrors", take=1, headers=headers).json

    assert page["total"] == one["total"] == 2
    assert [error["entityType"] for error in page["results"]] == ["contact", "ticket"]
    assert page["results"][0]["message"].startswith("The PSA answered 409")
    assert page["results"][0]["attempts"] == 4
    assert len(one["results"]) == 1
    assert "content" not in page


def test_sync_errors_are_for_administrators(desk: Desk) -> None:
    plain = next(member for member in desk.tenant.members.values() if member.role == "member")

    assert desk.call("GetSyncErrors", onBehalfOf=plain.email).status == 403
    assert desk.call("GetSyncErrors").json["results"] == []


@generous
def test_a_user_key_acts_as_that_user(desk: Desk) -> None:
    contact = next(one for one in desk.tenant.contacts.values() if one.is_active)

    made = desk.call("CreateUserKey", user=f"contact:{contact.id}", minutes=5).json

    assert (made["user"], made["expiresInSeconds"]) == (f"contact:{contact.id}", 300)
    me = httpx.get(
        f"http://{desk.simulator.site}/api/v2/user/client",
        headers={"Authorization": f"DdAccessToken {made['userKey']}"},
        trust_env=False,
    )
    assert me.json()["userName"] == contact.name


def test_every_call_makes_another_key(desk: Desk) -> None:
    headers = {"x-ms-workflow-run-id": "run", "x-ms-workflow-operation-name": "Create_user_key"}

    keys = {desk.call("CreateUserKey", user="member:14", headers=headers).json["userKey"] for _ in range(2)}

    assert len(keys) == 2


def test_a_key_for_nobody_or_for_too_long_is_refused(desk: Desk) -> None:
    assert desk.call("CreateUserKey", user="nobody@nowhere.example").code == "PersonNotFound"
    assert desk.call("CreateUserKey", user="member:14", minutes=100_000).code == "InvalidInput"
    assert desk.call("CreateUserKey", user="member:99999").status == 404
