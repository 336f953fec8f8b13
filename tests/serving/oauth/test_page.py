"""The page in a real browser: what a person sees and does, under its own policy."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browsers import running_browser, watched_page
from tests.desk import Desk
from tests.serving.oauth.person import CHALLENGE, REDIRECT, Person


@pytest.fixture(scope="module")
def browser() -> Iterator[BrowserContext]:
    with running_browser() as opened:
        yield opened.new_context(viewport={"width": 420, "height": 800}, java_script_enabled=False)


@pytest.fixture
def page(browser: BrowserContext, oauth: Desk, person: Person) -> Iterator[Page]:
    """The page, as a client opens it; what goes back to the client is caught."""
    client_id = person.register(client_name="A <program>")["client_id"]
    query = f"client_id={client_id}&redirect_uri={REDIRECT}&response_type=code&state=s&code_challenge={CHALLENGE}"
    with watched_page(browser, oauth.url) as opened:
        opened.goto(f"{oauth.url}/authorize?{query}&code_challenge_method=S256")
        yield opened


class Callback(BaseHTTPRequestHandler):
    """The client's own address, which shows that it was reached."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<title>back at the client</title>")

    def log_message(self, *arguments: object) -> None:
        """Write nothing down."""


@pytest.fixture
def callback() -> Iterator[str]:
    """Where a client on this machine waits for its answer."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Callback) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/callback"
        server.shutdown()


def test_a_person_signs_in_without_any_script(
    browser: BrowserContext, oauth: Desk, person: Person, callback: str
) -> None:
    client_id = person.register(client_name="A <program>", redirect_uris=[callback])["client_id"]
    query = f"client_id={client_id}&redirect_uri={callback}&response_type=code&state=s&code_challenge={CHALLENGE}"
    page = browser.new_page()
    page.goto(f"{oauth.url}/authorize?{query}&code_challenge_method=S256")

    assert page.inner_text(".who") == "A <program>"
    assert callback.split("/")[2] in page.inner_text("main")
    page.fill("#site", oauth.simulator.site)
    page.fill("#key", "not-the-key")
    page.click("button[value=allow]")
    page.wait_for_selector("[role=alert]")
    assert "did not take this key" in page.inner_text("[role=alert]")
    assert (page.input_value("#site"), page.input_value("#key")) == (oauth.simulator.site, "")
    page.fill("#key", oauth.simulator.tokity_key)
    page.click("button[value=allow]")
    page.wait_for_url(f"{callback}?code=*")
    assert page.title() == "back at the client"
    page.close()


def test_the_page_is_watched_and_keeps_to_its_policy(page: Page, tmp_path: Path) -> None:
    """Its style is applied under its own policy, and it asks nobody else for anything."""
    page.screenshot(path=tmp_path / "page.png")

    assert page.evaluate("getComputedStyle(document.querySelector('main')).borderRadius") == "12px"
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth") is True
    assert page.get_attribute("#key", "type") == "password"
