"""What people do in the console, for tests."""

import os
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.desk import Desk
from tests.npm_tools import TOOLS

SECONDS = 120
AXE = TOOLS / "console" / "node_modules" / "axe-core" / "axe.min.js"
IS_WHOLE = os.environ.get("CONSOLE") == "whole"
WHOLE = pytest.mark.skipif(not IS_WHOLE, reason="Only in `make console-test`.")
"""For what takes long: other widths, the dark scheme, every form."""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def connect(page: Page, desk: Desk, key: str = "") -> None:
    """Enter the site and a key."""
    page.fill("input[name=site]", desk.simulator.site)
    page.fill("input[name=apiKey]", key or desk.simulator.tokity_key)
    page.click("form.connect button.primary")


def open_operation(page: Page, operation: str) -> None:
    """Go to the form of an operation."""
    page.evaluate("id => { location.hash = `try/${id}` }", operation)
    page.wait_for_selector(".operation .address")


def run(page: Page) -> None:
    """Press the button of the form that is open, and wait for the answer."""
    page.click(".actions button >> nth=0")


def violations(page: Page, *, short: bool = False) -> list[dict[str, Any]]:
    """What axe-core finds wrong with the page as it stands, shortened to what helps.

    It takes half a second: outside of `make console-test` only states that are `short` are looked at.
    """
    if not (short or IS_WHOLE):
        return []
    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
    return [
        {"rule": one["id"], "at": [at["target"] for at in one["nodes"][:4]], "why": one["nodes"][0]["failureSummary"]}
        for one in found["violations"]
    ]


def enter(page: Page, desk: Desk) -> None:
    """Connect with a console key too; a made-up app takes any."""
    page.goto(f"{desk.url}/console")
    page.fill("input[name=consoleKey]", "made-up-console-key-0123456789")
    connect(page, desk)
    page.wait_for_selector("header.top")


def go(page: Page, place: str, waiting_for: str) -> None:
    """Go to a place in the console."""
    page.evaluate("place => { location.hash = place }", place)
    page.wait_for_selector(waiting_for)
