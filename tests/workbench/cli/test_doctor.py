"""`doctor` reports a site as it is, changes nothing there, and never shows the key."""

import copy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from connector.catalog import operations
from connector.deskdirector.endpoints import ENDPOINTS, endpoints_for
from connector.examining.probing import is_probed
from connector.operations.operation import Kind
from connector.settings import Settings
from tests.desk import ROOT
from workbench.cli.app import app
from workbench.cli.doctor import Checkup, examined
from workbench.simulator import Simulator

runner = CliRunner(env={"COLUMNS": "120", "TERM": "dumb", "NO_COLOR": "1"})
OWN_FIELD = {"tokity": "assetTag", "psa": "configurationItem"}
ASSUMED = {one.name: one for one in ENDPOINTS.values() if one.evidence == "assumed"}
JUDGED = sorted(name for name in ASSUMED if is_probed(ASSUMED[name]))


@pytest.fixture
def site(simulator: Simulator) -> Simulator:
    simulator.reset()
    return simulator


def key_of(site: Simulator, edition: str) -> str:
    return site.tokity_key if edition == "tokity" else site.psa_key


def doctor(site: str, key: str, *options: str) -> Any:
    return runner.invoke(app, ["doctor", "--site", site, "--api-key", key, *options])


async def checkup(site: Simulator, edition: str = "tokity", **values: Any) -> Checkup:
    return await examined(site.site, key_of(site, edition), Settings(**values))


def verdicts(findings: Checkup) -> dict[str, str]:
    return {one.name: str(one.verdict) for one in (*findings.routes, *findings.user_keys)}


def drift(findings: Checkup, of: str) -> dict[str, Any]:
    return next(asdict(one) for one in (*findings.bodies, *findings.answers) if one.of == of)


@pytest.mark.parametrize(
    ("edition", "scheme", "accepted"), [("tokity", "DdApi", ["DdApi", "Basic"]), ("psa", "DdApi", ["DdApi"])]
)
def test_a_healthy_site_is_reported_as_it_is(site: Simulator, edition: str, scheme: str, accepted: list[str]) -> None:
    result = doctor(site.site, key_of(site, edition), "--json")

    assert result.exit_code == 0, result.output
    report = json.loads(result.output)
    assert (report["site"], report["edition"], report["problems"]) == (site.site, edition, [])
    assert (report["scheme"], report["accepted_schemes"]) == (scheme, accepted)
    assert {one["name"]: one["verdict"] for one in report["user_keys"]} == {
        "MEMBER_USER_KEY": "answers", "CONTACT_USER_KEY": "answers", "CONTACT_USER_KEY_RIVAL": "answers"
    }  # fmt: skip
    assert set(JUDGED) <= {one["name"] for one in report["routes"]}
    assert {one["verdict"] for one in report["routes"]} == {"answers"}
    bodies = {one["of"]: one for one in report["bodies"]}
    assert sorted(bodies["CreateTicket"]["unknown"]) == sorted([OWN_FIELD[edition], "outageMinutes"])
    assert bodies["FindContacts"]["unknown"] == ["email"]
    assert not any(one["renamed"] or one["lacking"] for one in report["bodies"])
    answers = {one["of"]: one for one in report["answers"]}
    assert {OWN_FIELD[edition], "enteredBy", "taskProgress"} <= set(answers["TicketDetails"]["unknown"])
    assert not {"name", "tags", "assignedMembers", "dueDate"} & set(answers["TicketDetails"]["unknown"])


def test_the_report_is_short_and_readable(site: Simulator) -> None:
    result = doctor(site.site, site.psa_key)

    assert result.exit_code == 0
    assert len(result.output.splitlines()) < 80
    for words in (
        "sent as DdApi",
        "probably a PSA edition",
        "/api/v2/user/member/{memberId}/userkey",
        "has besides configurationItem, outageMinutes",
        "ApproveTicket: POST /api/v2/tickets/{ticketId}/approve (in its document v2)",
        "No problems.",
    ):
        assert words in result.output


@pytest.mark.parametrize("edition", ["tokity", "psa"])
async def test_nothing_is_changed(site: Simulator, edition: Any) -> None:
    tenant = site.tenant(edition)
    watched = ("tickets", "contacts", "members", "companies", "user_groups", "workflows", "webhooks", "chats")
    tenant.forget_rendered_tickets()
    before = {name: copy.deepcopy(getattr(tenant, name)) for name in watched}

    await checkup(site, edition)

    tenant.forget_rendered_tickets()
    assert {name: getattr(tenant, name) for name in watched} == before
    sent = {(call.method, call.path.rpartition("/")[2]) for call in site.calls if call.method != "GET"}
    assert {method for method, last in sent if last != "find"} == {"OPTIONS"}
    assert {method for method, last in sent if last == "find"} == {"POST"}


@pytest.mark.parametrize("options", [(), ("--json",)])
@pytest.mark.parametrize("edition", ["tokity", "psa"])
def test_the_key_and_its_tokens_are_never_shown(site: Simulator, edition: str, options: tuple[str, ...]) -> None:
    result = doctor(site.site, key_of(site, edition), *options)

    tokens = site.tenant(edition).tokens  # type: ignore[arg-type]
    assert len(tokens) == 3
    for secret in (site.tokity_key, site.tokity_password, site.psa_key, *tokens):
        assert secret not in result.output


async def test_renamed_fields_are_reported_and_are_no_problem(site: Simulator) -> None:
    site.tenant("tokity").renamed = {"boardId": "queueId", "companyId": "accountId", "take": "limit", "skip": "offset"}

    findings = await checkup(site)

    assert drift(findings, "CreateTicket")["renamed"] == {"board": "queueId", "company": "accountId"}
    assert drift(findings, "FindTickets")["renamed"] == {
        "board": "queueId", "company": "accountId", "take": "limit", "continuation": "offset"
    }  # fmt: skip
    assert "queueId" not in drift(findings, "CreateTicket")["unknown"]
    assert findings.problems == []


def test_fields_that_the_site_lacks_are_problems(site: Simulator) -> None:
    site.tenant("tokity").renamed = {"dueDate": "deadline", "message": "words", "isClosed": "finished"}

    result = doctor(site.site, site.tokity_key, "--json")

    assert result.exit_code == 1
    report = json.loads(result.output)
    bodies = {one["of"]: one for one in report["bodies"]}
    assert (bodies["UpdateTicket"]["lacking"], "deadline" in bodies["UpdateTicket"]["unknown"]) == (["dueAt"], True)
    assert bodies["FindTickets"]["lacking"] == ["isClosed"]
    assert bodies["CreateContactNotification"]["lacking"] == ["message"]
    assert "FindTickets is refused when it is given isClosed: the site has no such fields." in report["problems"]
    assert {"dueAt", "isClosed"} <= set(next(a["lacking"] for a in report["answers"] if a["of"] == "TicketDetails"))


def test_answers_without_ids_are_a_problem(site: Simulator) -> None:
    site.tenant("psa").renamed = {"id": "number"}

    result = doctor(site.site, site.psa_key)

    assert result.exit_code == 1
    assert "TicketDetails cannot be read: it lacks id." in result.output


@pytest.mark.parametrize("name", JUDGED)
@pytest.mark.parametrize("edition", ["tokity", "psa"])
async def test_an_assumed_route_that_is_gone_is_missed(site: Simulator, edition: str, name: str) -> None:
    path = re.sub(r"\{\w+\}", "[^/]+", ASSUMED[name].path) + "$"
    if name == "UPDATE_CONTACT":  # the same path as reading a contact
        site.add_fault(kind="status", method="OPTIONS", path=path, status=404, times=None)
    else:
        site.add_fault(kind="status", path=path, status=404, times=None)

    findings = await checkup(site, edition)

    alike = {one.name for one in ASSUMED.values() if one.path == ASSUMED[name].path}
    assert {one for one, verdict in verdicts(findings).items() if verdict != "answers"} == alike
    assert verdicts(findings)[name] == "missing"
    assert any(f"set {ASSUMED[name].setting}." in problem for problem in findings.problems)


async def test_a_list_that_is_gone_or_not_for_this_key_is_reported(site: Simulator) -> None:
    site.add_fault(kind="status", path="/service/boards", status=404, times=None)
    site.add_fault(kind="status", path="/sync/errors", status=403, times=None)
    site.add_fault(kind="html", path="/service/sources", times=None)

    findings = await checkup(site)

    result = verdicts(findings)
    assert (result["LIST_BOARDS"], result["GET_SYNC_ERRORS"], result["LIST_SOURCES"]) == (
        "missing",
        "refused",
        "missing",
    )
    assert len(findings.problems) == 2


async def test_without_the_list_that_a_schema_depends_on_the_rest_is_reported(site: Simulator) -> None:
    site.add_fault(kind="status", path="/request-types", status=404, times=None)

    findings = await checkup(site)

    assert verdicts(findings)["LIST_REQUEST_TYPES"] == "missing"
    assert not drift(findings, "CreateTicket")["is_readable"]
    assert drift(findings, "UpdateTicket")["is_readable"]


async def test_one_way_to_act_as_a_contact_is_enough(site: Simulator) -> None:
    site.add_fault(kind="status", path="/user/contact/", status=404, times=None)

    findings = await checkup(site)

    assert (verdicts(findings)["CONTACT_USER_KEY"], verdicts(findings)["CONTACT_USER_KEY_RIVAL"]) == (
        "missing",
        "answers",
    )
    assert findings.problems == []


async def test_no_way_to_act_for_others_is_a_problem(site: Simulator) -> None:
    site.add_fault(kind="status", path="/userkey", status=403, times=None)

    findings = await checkup(site)

    assert {one.verdict for one in findings.user_keys} == {"refused"}
    assert len([one for one in findings.problems if "No access token can be made for a" in one]) == 2


async def test_schemas_that_cannot_be_read_are_one_problem(site: Simulator) -> None:
    site.add_fault(kind="status", path="/schema", status=404, times=None)

    findings = await checkup(site)

    assert not any(one.is_readable or one.lacking or one.unknown for one in (*findings.bodies, *findings.answers))
    assert len(findings.problems) == 1
    assert "under the usual names, unchecked" in findings.problems[0]


async def test_the_older_schema_routes_will_do(site: Simulator) -> None:
    site.add_fault(kind="status", path="/schema2/", status=404, times=None)

    assert (await checkup(site)).problems == []


async def test_an_override_is_whatis_probed(site: Simulator) -> None:
    moved = {"ADD_TICKET_NOTE": "/api/v9/tickets/{ticketId}/notes", "CONTACT_USER_KEY": "/api/v9/users/{contactId}/key"}

    findings = await checkup(site, endpoints=moved)

    assert (verdicts(findings)["ADD_TICKET_NOTE"], verdicts(findings)["CONTACT_USER_KEY"]) == ("missing", "missing")
    assert any("POST /api/v9/tickets/{ticketId}/notes is not there" in one for one in findings.problems)


async def test_a_key_under_the_wrong_scheme_is_reported_with_the_right_one(site: Simulator) -> None:
    findings = await checkup(site, "psa", key_scheme="basic")

    assert findings.problems == [
        "The key is sent as Basic, but the site takes it as DdApi: set CONNECTOR_KEY_SCHEME=ddapi."
    ]
    assert drift(findings, "CreateTicket")["is_readable"]


async def test_a_personal_token_is_reported_apart(site: Simulator) -> None:
    findings = await examined(site.site, "Basic " + site.personal_token(14), Settings())

    assert (findings.accepted_schemes, findings.edition) == (["Basic"], "tokity")
    assert {one.verdict for one in findings.user_keys} == {"refused"}


@pytest.mark.parametrize(
    ("site_host", "key", "code"),
    [
        ("{site}", "somebody:else-entirely", "ApiKeyRefused"),
        ("{site}", "Basic two words", "ApiKeyMalformed"),
        ("127.0.0.1:1", "somebody:else-entirely", "SiteUnreachable"),
        ("acme.example.com", "somebody:else-entirely", "SiteNotAllowed"),
        ("https://acme.deskdirector.com/x", "somebody:else-entirely", "SiteHostMalformed"),
    ],
)
def test_without_a_connection_there_is_a_sentence(site: Simulator, site_host: str, key: str, code: str) -> None:
    host = site_host.format(site=site.site)
    spoken, written = doctor(host, key), doctor(host, key, "--json")

    assert (spoken.exit_code, written.exit_code) == (2, 2)
    error = json.loads(written.output)["error"]
    assert error["code"] == code
    assert spoken.output.strip() == f"{host} cannot be examined: {error['message']}"
    assert "else-entirely" not in spoken.output + written.output


def test_a_site_that_is_no_deskdirector_is_not_examined(site: Simulator) -> None:
    site.add_fault(kind="html", path="", times=None)

    result = doctor(site.site, site.tokity_key, "--json")

    assert (result.exit_code, json.loads(result.output)["error"]["code"]) == (2, "UpstreamNotApi")


def test_routes_that_are_not_probed_are_used_by_nothing() -> None:
    """Else their absence would break something that the report calls healthy."""
    used = "".join(
        path.read_text() for folder in ("catalog", "relay") for path in (ROOT / "connector" / folder).rglob("*.py")
    )

    for name in ("LIST_DYNAMIC_CONTACTS", "LIST_DYNAMIC_PRIORITIES", "LIST_FILES"):
        assert name not in used


@pytest.fixture
def proven(site: Simulator) -> Iterator[Callable[..., None]]:
    """Makes the site one with proven routes only, and with mutations; afterwards it is as before."""

    def become(*mutations: str) -> None:
        site.become("proven", mutations)

    yield become
    site.become("generous", ())


def standings(findings: Checkup) -> dict[str, set[str]]:
    every: dict[str, set[str]] = {}
    for one in findings.offers:
        every.setdefault(str(one.standing), set()).add(one.operation)
    return every


@pytest.mark.parametrize(
    ("mutations", "standing"),
    [((), "not offered"), (("documented_routes",), "found on this site"), (("moved_routes",), "not offered")],
)
async def test_every_operation_is_judged(
    site: Simulator, proven: Callable[..., None], mutations: tuple[str, ...], standing: str
) -> None:
    proven(*mutations)

    findings = standings(await checkup(site))

    assert findings.keys() == {"proven", standing}
    assert findings[standing] == {operation.id for operation in operations().values() if operation.is_preview}
    called = {operation.id for operation in operations().values() if operation.kind is not Kind.SUPPORT}
    assert findings["proven"] | findings[standing] == called


@pytest.mark.parametrize("edition", ["tokity", "psa"])
async def test_the_key_tells_the_edition_where_one_scheme_is_taken(site: Simulator, proven: Any, edition: str) -> None:
    proven()
    findings = await checkup(site, edition)
    assert (findings.accepted_schemes, findings.edition) == (["DdApi"], edition)


async def test_what_the_documents_have_elsewhere_is_proposed(site: Simulator, proven: Callable[..., None]) -> None:
    proven("moved_routes")

    findings = await checkup(site)

    offer = next(one for one in findings.offers if one.operation == "UpdateContact")
    assert "alike: PATCH /api/v2/admin/contacts/{contactId}" in offer.note
    assert any("(alike: POST /api/v2/tickets/{ticketId}/comments)" in one for one in findings.problems)


def test_the_settings_that_pin_what_was_found_are_written(
    site: Simulator, proven: Callable[..., None], tmp_path: Path
) -> None:
    proven("documented_routes", "any_scheme")
    pins = tmp_path / "pins.env"

    doctor(site.site, site.tokity_key, "--write", str(pins))

    lines = dict(line.split("=", 1) for line in pins.read_text().splitlines() if not line.startswith("#"))
    environment = {**lines, "CONNECTOR_DEVELOPMENT_SITES": site.site}
    assert lines["CONNECTOR_ENDPOINT_APPROVE_TICKET"] == "POST /api/v2/tickets/{ticketId}/approve"
    assert endpoints_for(Settings.from_environment(environment))

    proven("moved_routes")
    doctor(site.site, site.tokity_key, "--write", str(pins))

    commented = [line for line in pins.read_text().splitlines() if not line.startswith("CONNECTOR_")]
    assert "# CONNECTOR_ENDPOINT_ADD_TICKET_NOTE=POST /api/v2/tickets/{ticketId}/comments" in commented


def test_documents_of_a_closed_page_are_given_as_files(
    site: Simulator, proven: Callable[..., None], tmp_path: Path
) -> None:
    proven("documented_routes")
    saved = tmp_path / "v2.json"
    saved.write_bytes(httpx.get(f"http://{site.site}/swagger/v2/swagger.json", trust_env=False).content)
    proven("documented_routes", "swagger_login")

    assert "needs a sign-in" in doctor(site.site, site.tokity_key).output
    given = json.loads(doctor(site.site, site.tokity_key, "--json", "--openapi", str(saved)).output)

    assert [one["name"] for one in given["documents"]["documents"]] == ["v2"]
    assert "ADD_TICKET_NOTE" in given["documents"]["matches"]
    missing = doctor(site.site, site.tokity_key, "--openapi", str(tmp_path / "nothing.json"))
    assert (missing.exit_code, "nothing.json" in missing.output) == (2, True)


async def test_what_the_site_posts_is_reported(site: Simulator, proven: Callable[..., None]) -> None:
    proven()

    result = {one.id: one for one in (await checkup(site)).notifications}

    assert (result["ticket.notes.added"].carries, result["ticket.notes.added"].is_known) == (("ticket", "note"), True)
    assert not result["ticket.status.updated"].is_known
