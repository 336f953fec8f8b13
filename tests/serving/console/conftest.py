"""A browser with the console open, connected to the simulated site."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browsers import running_browser, watched_page
from tests.desk import Desk
from tests.serving.console.steps import SECONDS, connect


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for a file of tests."""
    with running_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A desktop's window; files are kept from page to page."""
    opened = browser.new_context(viewport={"width": 1280, "height": 950}, reduced_motion="reduce")
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext, desk: Desk) -> Iterator[Page]:
    """The console at its first visit."""
    with watched_page(context, desk.url) as opened:
        opened.set_default_timeout(SECONDS * 1000)
        opened.goto(f"{desk.url}/console")
        opened.wait_for_selector("form.connect")
        yield opened


@pytest.fixture
def connected(page: Page, desk: Desk) -> Page:
    """The console, connected to the site."""
    connect(page, desk)
    page.wait_for_selector("header.top")
    return page
