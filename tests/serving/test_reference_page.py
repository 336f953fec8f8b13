"""The reference page, in a real browser, and what it is served from."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page

from connector.serving.reference_page import FILES, FOLDER, POLICY
from tests.browsers import running_browser, watched_page
from tests.desk import Desk
from tests.npm_tools import OPENAPI, TOOLS

GET_TICKET, CREATE_TICKET = "#operations-Tickets-GetTicket", "#operations-Tickets-CreateTicket"


@pytest.fixture(scope="module")
def browser() -> Iterator[BrowserContext]:
    """One browser, which keeps files from page to page as everybody's does."""
    with running_browser() as opened:
        yield opened.new_context(viewport={"width": 1280, "height": 950})


@pytest.fixture
def page(browser: BrowserContext, desk: Desk) -> Iterator[Page]:
    """The reference page in a new tab."""
    with watched_page(browser, desk.url) as opened:
        opened.goto(f"{desk.url}/api/docs")
        opened.wait_for_selector(GET_TICKET)
        yield opened


def connect(page: Page, desk: Desk, key: str = "") -> None:
    page.fill("input[name=siteHost]", desk.simulator.site)
    page.fill("input[name=apiKey]", key or desk.simulator.tokity_key)
    page.click("text=Connect")


def execute(page: Page, operation: str) -> str:
    """Press the button of an opened operation; what the page shows as the answer."""
    page.click(f"{operation} .execute")
    return page.inner_text(f"{operation} .live-responses-table .highlight-code")


def test_one_enters_the_connection_once_and_gets_a_ticket(page: Page, desk: Desk) -> None:
    ticket = next(iter(desk.tenant.tickets.values()))
    connect(page, desk)
    page.wait_for_selector("#state.good")
    page.click(f"{GET_TICKET} .opblock-summary-control")
    page.fill(f"{GET_TICKET} input[placeholder=ticketId]", str(ticket.id))

    assert ticket.name in execute(page, GET_TICKET)
    assert desk.simulator.site in page.inner_text("#state")


def test_an_operation_comes_with_input_that_can_be_sent_as_it_is(page: Page, desk: Desk) -> None:
    connect(page, desk)
    page.click(f"{CREATE_TICKET} .opblock-summary-control")

    assert "Printer on level 2 prints blank pages" in execute(page, CREATE_TICKET)


def test_a_wrong_key_is_told_beside_where_it_was_entered(page: Page, desk: Desk) -> None:
    connect(page, desk, "not-the-key-of-this-site")

    page.wait_for_selector("#state.bad")
    assert "key" in page.inner_text("#state")


def test_the_key_is_shown_nowhere_and_forgotten_when_asked(page: Page, desk: Desk) -> None:
    connect(page, desk)
    page.click(f"{GET_TICKET} .opblock-summary-control")
    execute(page, GET_TICKET)

    assert desk.simulator.tokity_key not in page.inner_text("body")
    assert "dd-api-key: API-KEY" in page.inner_text(f"{GET_TICKET} .curl-command")
    page.click("text=Forget")
    assert page.input_value("input[name=apiKey]") == ""
    connect(page, desk)
    page.wait_for_selector("#state.good")
    assert page.evaluate("sessionStorage.length + localStorage.length") == 0
    page.reload()
    page.wait_for_selector(GET_TICKET)
    assert page.input_value("input[name=apiKey]") == ""
    assert "good" not in (page.get_attribute("#state", "class") or "")


def test_a_word_finds_its_operations(page: Page) -> None:
    page.fill("#search", "notes")

    page.wait_for_selector("#operations-Notes-AddTicketNote")
    page.wait_for_selector(GET_TICKET, state="detached")


def test_nothing_may_come_from_elsewhere(desk: Desk) -> None:
    page = desk.client.get(f"{desk.url}/api/docs")

    assert page.headers["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY
    assert not re.search(r"(src|href)=\"(https?:)?//", page.text)
    assert page.headers["cache-control"] == "no-cache"


def test_files_are_kept_for_good_under_the_name_of_their_version(desk: Desk) -> None:
    page = desk.client.get(f"{desk.url}/api/docs").text
    addresses = re.findall(r"(?:src|href)=\"(docs/[^\"]+)\"", page)

    assert {one.partition("?")[0].removeprefix("docs/") for one in addresses} == FILES.keys()
    for address in addresses:
        file = desk.client.get(f"{desk.url}/api/{address}")
        assert (file.status_code, file.headers["x-content-type-options"]) == (200, "nosniff")
        assert "immutable" in file.headers["cache-control"]
        assert desk.client.get(f"{desk.url}/api/{address.partition('?')[0]}").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("name", ["nothing.js", "page.html", "..%2Fpage.css", "%2e%2e%2fsettings.py"])
def test_there_are_no_other_files(desk: Desk, name: str) -> None:
    assert desk.client.get(f"{desk.url}/api/docs/{name}").status_code == 404


@OPENAPI
def test_the_viewer_is_the_package_that_it_says_it_is() -> None:
    package = TOOLS / "openapi" / "node_modules" / "swagger-ui-dist"
    held = FOLDER / "swagger-ui"

    for file in sorted(held.iterdir()):
        if file.name != "README.md":
            assert file.read_bytes() == (package / file.name).read_bytes(), file.name
    version = re.search(r'"version": "([\d.]+)"', (package / "package.json").read_text())
    assert version
    assert version[1] in (held / "README.md").read_text()
