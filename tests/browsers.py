"""Debian's Chromium for tests of pages: what a page complains of, or asks elsewhere, fails the test."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from tests.npm_tools import missing

CHROMIUM = "/usr/bin/chromium"
# Without most of these, Chromium calls home, which a closed network refuses, many times over.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


@contextmanager
def running_browser() -> Iterator[Browser]:
    """A browser without any window; skips, or in CI fails, where there is none."""
    if not Path(CHROMIUM).exists():
        missing("Needs Chromium: `make browser`, or Debian's package chromium.")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@contextmanager
def watched_page(context: BrowserContext, origin: str) -> Iterator[Page]:
    """A new tab. At its end it fails for warnings, errors and requests to others; failed calls are told by the page."""
    page = context.new_page()
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    def left_the_site(request: Request) -> None:
        if not request.url.startswith((origin, "data:", "blob:")):
            complaints.append(request.url)

    page.on("console", heard)
    page.on("pageerror", lambda problem: complaints.append(str(problem)))
    page.on("request", left_the_site)
    yield page
    page.close()
    assert complaints == []
