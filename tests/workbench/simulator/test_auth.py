"""Which credential opens what, in each edition."""

import base64

import pytest

from tests.workbench.simulator.conftest import CONNECTOR, Desk
from workbench.simulator import Simulator


async def test_tokity_takes_its_key_as_basic_and_as_ddapi(desk: Desk) -> None:
    for scheme in ("Basic", "DdApi", "basic", "DDAPI"):
        reply = await desk.get("connections/test", auth=f"{scheme} {desk.simulator.tokity_key}")
        assert (reply.status, reply.body["edition"]) == (200, "tokity")


async def test_the_tokity_key_is_the_base64_of_user_and_password(simulator: Simulator) -> None:
    plain = f"{simulator.tokity_user}:{simulator.tokity_password}"
    assert base64.b64decode(simulator.tokity_key).decode() == plain


async def test_psa_takes_its_key_as_ddapi_only(desk: Desk) -> None:
    reply = await desk.get("connections/test", auth=f"DdApi {desk.simulator.psa_key}")
    assert (reply.status, reply.body["edition"]) == (200, "psa")
    assert (await desk.get("connections/test", auth=f"Basic {desk.simulator.psa_key}")).status == 401


@pytest.mark.parametrize("auth", ["", "Basic", "Basic !!!", "Bearer x", "DdApi wrong", "DdAccessToken a.b.c"])
async def test_anything_else_is_refused(desk: Desk, auth: str) -> None:
    reply = await desk.get("connections/test", auth=auth)
    assert reply.status == 401
    assert reply.body["message"]


async def test_a_simulator_of_one_edition_refuses_the_other_ones_key() -> None:
    import aiohttp

    async with Simulator(edition="psa", tickets=1) as simulator, aiohttp.ClientSession() as session:
        desk = Desk(simulator, session)
        assert (await desk.get("connections/test")).status == 401
        assert (await desk.get("connections/test", auth=f"DdApi {simulator.psa_key}")).status == 200


@pytest.mark.parametrize("edition", ["tokity", "psa"])
async def test_user_keys_take_minutes_answer_seconds_and_expire(desk: Desk, edition: str) -> None:
    key = {"tokity": desk.simulator.tokity_key, "psa": desk.simulator.psa_key}[edition]
    reply = await desk.get("/api/v2/user/member/12/userkey", auth=f"DdApi {key}", expiresIn=5)
    assert set(reply.body) == {"userKey", "expires_in", "expires_on"}
    assert reply.body["expires_in"] == 300
    token = f"DdAccessToken {reply.body['userKey']}"
    assert (await desk.get("connections/test", auth=token)).body["edition"] == edition
    await desk.post("/_control/clock", {"seconds": 299})
    assert (await desk.get("connections/test", auth=token)).status == 200
    await desk.post("/_control/clock", {"seconds": 2})
    assert (await desk.get("connections/test", auth=token)).status == 401


async def test_a_user_key_lasts_an_hour_unless_told(desk: Desk) -> None:
    assert (await desk.get("/api/v2/user/contact/1003/userkey")).body["expires_in"] == 3600


async def test_both_names_of_the_contact_route_answer(desk: Desk) -> None:
    for name in ("contact", "client"):
        assert (await desk.get(f"/api/v2/user/{name}/1003/userkey")).status == 200


@pytest.mark.parametrize("minutes", ["0", "-5", "ten", "99999999999"])
async def test_senseless_lifetimes_are_refused(desk: Desk, minutes: str) -> None:
    assert (await desk.get("/api/v2/user/member/12/userkey", expiresIn=minutes)).status == 400


async def test_only_an_api_key_mints_tokens_and_only_for_active_users(desk: Desk) -> None:
    member = await desk.token("member", 12)
    assert (await desk.get("/api/v2/user/member/12/userkey", auth=member)).status == 403
    inactive = next(contact for contact in desk.simulator.tenant("tokity").contacts.values() if not contact.is_active)
    assert (await desk.get(f"/api/v2/user/contact/{inactive.id}/userkey")).status == 403
    assert (await desk.get("/api/v2/user/member/99/userkey")).status == 404


async def test_a_contact_cannot_use_the_connector_surface(desk: Desk) -> None:
    contact = await desk.token("contact", 1003)
    assert (await desk.get("connections/test", auth=contact)).status == 403
    assert (await desk.get("/api/v2/user/client", auth=contact)).body["userName"]


async def test_a_read_only_key_finds_but_does_not_write(desk: Desk) -> None:
    auth = f"Basic {desk.simulator.read_only_key}"
    assert (await desk.post("tickets/find", {}, auth=auth)).status == 200
    refused = await desk.post("tickets?requestTypeId=701", {"name": "x", "companyId": 201}, auth=auth)
    assert refused.status == 403


async def test_recorded_calls_tell_the_caller_but_not_the_credential(desk: Desk) -> None:
    token = await desk.token("member", 12)
    await desk.get("tickets/10001", auth=token)
    recorded = (await desk.get("/_control/calls")).body["results"][-1]
    assert recorded["path"] == f"{CONNECTOR}/tickets/10001"
    assert (recorded["scheme"], recorded["caller"], recorded["status"]) == ("DdAccessToken", "member:12", 200)
    assert token.split()[1] not in str(recorded)
