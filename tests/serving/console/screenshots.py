"""Takes the pictures of the documentation: today's page over made-up answers, small enough for a README."""

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from tests.browsers import running_browser
from tests.desk import ROOT, Desk, running_desk, running_simulator
from tests.serving.console.made_up import SITE, MadeUp, event_id
from tests.serving.console.steps import enter, go, open_operation

FOLDER = ROOT / "docs" / "images"
COLOURS = 128
EVENT = f"events/{event_id(9_993)}"
PLACES = {
    "console-events": (EVENT, ".event .tree"),
    "console-overview": ("overview", ".figure"),
    "console-flows": ("flows/0ca6f1e2d3c4b5a6", ".event .facts"),
}


def picture(page: Page, name: str) -> Path:
    """The window as a PNG of few colours."""
    page.mouse.move(0, 0)
    page.wait_for_timeout(400)
    taken = Image.open(io.BytesIO(page.screenshot())).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    path = FOLDER / f"{name}.png"
    taken.save(path, optimize=True)
    return path


def take(page: Page, desk: Desk, suffix: str = "") -> None:
    """All pictures of one scheme."""
    MadeUp(page, count=10_000)
    page.route("**/api/connection/test", lambda route: route.fulfill(json={"status": "ok", "site": SITE}))
    enter(page, desk)
    for name, (place, seen) in PLACES.items():
        go(page, place, seen)
        picture(page, name + suffix)
    open_operation(page, "CreateTicket")
    page.fill("#field-title", "Printer on level 2 prints blank pages")
    page.fill("#field-board", "Support")
    page.keyboard.press("Escape")
    page.click("#field-status")
    page.wait_for_selector(".options li:has-text('New')")
    page.evaluate("scrollTo(0, 420)")
    picture(page, f"console-try{suffix}")


def main() -> None:
    """Take them, light and dark."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with running_simulator(tickets=60) as simulator, running_desk(simulator) as (desk, _), running_browser() as browser:
        for scheme, suffix in (("light", ""), ("dark", "-dark")):
            context = browser.new_context(viewport={"width": 1280, "height": 800})
            page = context.new_page()
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            take(page, desk, suffix)
            context.close()


if __name__ == "__main__":
    main()
