"""`make run`, then the console: what somebody sees who has never seen an event arrive."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browsers import watched_page
from tests.npm_tools import CONSOLE
from tests.serving.console.steps import SECONDS, WHOLE, go, violations
from tests.workbench.cli.test_live import Served, served

__all__ = ["served"]


@pytest.fixture
def page(browser: Browser, served: Served) -> Iterator[Page]:
    """The address that `make run` names, in a browser of its own."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    with watched_page(context, f"http://127.0.0.1:{served.port}") as opened:
        opened.set_default_timeout(SECONDS * 1000)
        opened.goto(f"http://127.0.0.1:{served.port}/")
        opened.wait_for_selector(".receivers li:has-text('demo')")
        yield opened
    context.close()


def test_from_opening_to_a_timeline_in_two_presses(page: Page) -> None:
    page.click(".three .button.primary")
    page.click(".watch a:has-text('New starter: Jane Doe')")

    page.wait_for_selector(".timeline li:has-text('Delivered')")
    assert "202" in page.inner_text(".flowlist li:has-text('demo') .attempts")


def test_why_it_reached_one_flow_and_not_the_other(page: Page) -> None:
    page.fill("input[aria-label='Name of another flow']", "projects")
    page.select_option("select[aria-label='Only of this board']", "Onboarding")
    page.click("text=Add")
    page.wait_for_selector(".receivers a:has-text('projects')")
    page.fill("#sim-title", "For one flow only")
    page.select_option("#sim-board", "Support")
    page.click(".three .button.primary")
    page.click(".watch a:has-text('For one flow only')")
    page.wait_for_selector(".timeline li:has-text('Delivered')")

    assert "Not wanted: board is Support, not Onboarding." in page.inner_text(".flowlist li:has-text('projects')")


def test_every_screen_is_in_reach_at_every_width(page: Page) -> None:
    cut: dict[int, list[str]] = {}
    for width in (1920, 1440, 1321, 1320, 1200, 1081, 1024, 821, 820, 768, 480, 360, 320):
        page.set_viewport_size({"width": width, "height": 800})
        wrong = page.evaluate(
            """() => [...document.querySelectorAll('header.top nav a, .session > *')].filter(one => {
              const at = one.getBoundingClientRect(), nav = one.closest('nav, .session').getBoundingClientRect();
              return at.width < 24 || at.left < 0 || at.right > innerWidth || at.right > nav.right + 1
                || one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflow !== 'hidden';
            }).map(one => one.textContent)"""
        )
        cut |= {width: wrong} if wrong else {}
    assert cut == {}


@pytest.mark.parametrize("kind", ["note", *(pytest.param(kind, marks=WHOLE) for kind in ("status", "tag", "chat"))])
def test_other_things_are_seen_arriving_too(page: Page, kind: str) -> None:
    page.select_option("#sim-kind", kind)
    page.click(".three .button.primary")

    page.wait_for_selector(f".receivers li:has-text('demo-{kind}'):has-text('1 received')")


@WHOLE
def test_a_flow_that_fails_is_seen_to_recover(page: Page) -> None:
    page.fill("input[aria-label='Name of another flow']", "unsteady")
    page.click("text=Add")
    page.select_option("select[aria-label='How unsteady answers']", "failing")
    page.wait_for_selector(".toast.shown:has-text('failing')")
    page.fill("#sim-title", "Taken at last")
    page.click(".three .button.primary")
    page.click(".watch a:has-text('Taken at last')")

    page.wait_for_selector(".flowlist li:has-text('unsteady') .attempts li.bad:has-text('502')")


@WHOLE
def test_its_operations_can_be_tried_at_once(page: Page) -> None:
    page.click("nav >> text=Try")
    page.click("text=List boards")
    page.click(".actions .button.primary")

    page.wait_for_selector(".answer td:has-text('Support')")


@CONSOLE
def test_the_simulator_is_open_to_everybody(page: Page) -> None:
    page.click(".three .button.primary")
    page.wait_for_selector(".watch li")
    page.click("summary >> text=Faults")

    assert violations(page, short=True) == []


ADDRESSES = (
    "events/%zz", "events?hours=abc", "events?hours=1e99&state=bogus&type=%00&ticket=-1&flow=../..&text=%F0%9F%92%A5",
    "flows/%E0%A4%A", "try/Nope", "try/%zz?x=1", "nonsense/x?y=%", "doctor/x", "overview?__proto__=1", "?", "/", "",
)  # fmt: skip


def test_no_address_that_somebody_types_leaves_the_page_empty(page: Page) -> None:
    for address in ADDRESSES:
        go(page, address, "main:not(:empty) > *")
        go(page, "overview", ".figure")
