"""The documents of a simulated site, made by rules that discovery does not know, in every form of page and fault."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connector.deskdirector import endpoints as api
from connector.deskdirector import errors
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.connection import Connection
from connector.deskdirector.discovery.findings import SIGN_IN, Findings
from connector.deskdirector.discovery.reading import Limits, read_site
from connector.deskdirector.discovery.site_routes import asking, site_routes
from connector.deskdirector.discovery.targets import SENT, targets
from connector.settings import Settings
from workbench.simulator import Simulator
from workbench.simulator.hostile_documents import FOREIGN, HOSTILE
from workbench.simulator.swagger_pages import CLOSED, PAGES

OPEN = sorted(PAGES.keys() - {*CLOSED, "nswag_single"})


@pytest.fixture
async def site() -> AsyncIterator[Simulator]:
    async with Simulator(edition="tokity", tickets=20) as running:
        yield running


def desk(site: Simulator, **values: Any) -> DeskDirector:
    settings = Settings(development_sites=(site.site,), **values)
    return DeskDirector(
        Connection.from_headers({"dd-host": site.site, "dd-api-key": site.tokity_key}, settings), settings
    )


async def read(site: Simulator) -> Findings:
    dd = desk(site)
    async with asking(dd.connection, dd.settings, Limits()) as ask:
        return await read_site(dd.site, ask, targets(), Limits())


def exact_of(findings: Findings) -> set[str]:
    return {name for name in findings.matches if findings.exact(name)}


@pytest.mark.parametrize("page", OPEN)
async def test_every_form_of_page_leads_to_the_routes(site: Simulator, page: str) -> None:
    site.become("proven", ["documented_routes", f"swagger_{page}"])

    findings = await read(site)

    assert exact_of(findings) >= SENT.keys()
    assert findings.problems == ()


@pytest.mark.parametrize("page", CLOSED)
async def test_closed_pages_are_normal_answers(site: Simulator, page: str) -> None:
    site.become("proven", ["no_documents" if page == "none" else f"swagger_{page}"])

    findings = await read(site)

    assert (findings.matches, findings.operations) == ({}, 0)
    assert (SIGN_IN in findings.problems) == (page in ("login", "sign_in"))


async def test_a_site_with_proven_routes_only_has_none_of_ours(site: Simulator) -> None:
    """Its documents are full of routes whose names resemble ours."""
    site.become("proven")

    assert exact_of(await read(site)) == set()


async def test_what_stands_elsewhere_is_proposed_and_not_used(site: Simulator) -> None:
    site.become("proven", ["moved_routes"])

    findings = await read(site)

    assert exact_of(findings) == set()
    assert findings.matches["ADD_TICKET_NOTE"][0].path == "/api/v2/tickets/{ticketId}/comments"
    assert findings.matches["APPROVE_TICKET"][0].path == "/api/v2/portal/tickets/{ticketId}/approval/approve"
    assert "decline" in findings.matches["DECLINE_TICKET"][0].path


@pytest.mark.parametrize("fault", HOSTILE)
async def test_hostile_documents_are_survived(site: Simulator, fault: str) -> None:
    site.become("proven", ["documented_routes", f"documents_{fault}"])

    findings = await read(site)

    assert all(len(document.problem) < 200 for document in findings.documents)
    kept = findings.to_json()
    assert len(kept) < 50_000
    assert b"\\u001b" not in kept
    assert b"evil" not in kept


async def test_documents_of_other_hosts_are_not_read(site: Simulator) -> None:
    site.become("proven", ["documented_routes", "foreign_documents"])

    findings = await read(site)

    assert exact_of(findings) >= SENT.keys()
    assert len([problem for problem in findings.problems if "is not on this site" in problem]) == len(FOREIGN)


async def test_nothing_is_written_and_no_key_is_sent_to_an_open_page(site: Simulator) -> None:
    site.become("proven", ["documented_routes"])
    site.calls.clear()

    await read(site)

    assert {call.method for call in site.calls} <= {"GET"}


async def test_calls_say_what_the_documents_have(site: Simulator) -> None:
    site.become("proven", ["moved_routes"])
    ticket = next(iter(site.tenant("tokity").tickets))

    with pytest.raises(errors.NotFound) as caught:
        await desk(site).call(api.LIST_TICKET_NOTES, path={"ticketId": ticket})

    assert caught.value.code == "RouteNotFound"
    assert "GET /api/v2/tickets/{ticketId}/comments" in caught.value.message


@pytest.mark.parametrize("fault", HOSTILE)
async def test_hostile_documents_never_break_a_call(site: Simulator, fault: str) -> None:
    site.become("proven", [f"documents_{fault}"])
    ticket = next(iter(site.tenant("tokity").tickets))

    with pytest.raises(errors.NotFound) as caught:
        await desk(site).call(api.LIST_TICKET_NOTES, path={"ticketId": ticket})

    assert caught.value.code == "RouteNotFound"
    assert len(caught.value.message) < 1_000
    assert await site_routes().sought(desk(site).connection, desk(site).settings, None) is not None
