"""Connect and Try, in a real browser."""

import json
import subprocess

import pytest
from playwright.sync_api import Page

from connector.catalog import operations
from connector.operations.operation import Kind
from connector.operations.signature import signature_of
from tests.desk import Desk
from tests.npm_tools import CONSOLE
from tests.serving.console.steps import WHOLE, connect, open_operation, run, violations

CREATE, FIND = "CreateTicket", "FindTickets"


def test_a_wrong_key_is_told_at_its_entry_and_the_right_one_leads_in(page: Page, desk: Desk) -> None:
    connect(page, desk, "not-the-key-of-this-site")
    page.wait_for_selector(".wrong input[name=apiKey][aria-invalid=true]")
    assert "key" in page.inner_text(".wrong .error")
    assert page.evaluate("document.activeElement.name") == "apiKey"

    connect(page, desk)
    page.wait_for_selector("header.top")
    assert desk.simulator.site in page.inner_text(".who")


def test_a_wrong_site_is_told_at_its_entry(page: Page) -> None:
    page.fill("input[name=site]", "https://user@nowhere.example/path")
    page.fill("input[name=apiKey]", "a-key")
    page.click("form.connect button.primary")

    page.wait_for_selector(".wrong input[name=site]")


def test_a_ticket_is_created_by_names(connected: Page, desk: Desk) -> None:
    page = connected
    open_operation(page, CREATE)
    page.fill("#field-title", "The printer is on fire")
    page.fill("#field-company", "Contoso Freight")
    page.fill("#field-board", "Support")
    page.click("#field-status")
    page.click(".options li:has-text('New')")
    run(page)
    page.click("dialog >> text=Yes, write")

    page.wait_for_selector(".answer .state.good")
    made = max(desk.tenant.tickets.values(), key=lambda ticket: ticket.id)
    assert made.name == "The printer is on fire"
    assert str(made.id) in page.inner_text(".answer")
    assert "New" in page.inner_text(".answer")


def test_what_a_name_may_mean_are_buttons_at_its_entry(connected: Page) -> None:
    page = connected
    open_operation(page, FIND)
    page.fill("#field-board", "Supp")
    run(page)
    page.click(".wrong:has(#field-board) .candidates button:has-text('Support')")
    assert page.input_value("#field-board") == "Support"
    run(page)

    page.wait_for_selector(".answer .state.good")
    assert not page.query_selector(".wrong")


def test_each_problem_stands_at_its_entry(connected: Page) -> None:
    page = connected
    open_operation(page, CREATE)
    run(page)
    assert "needed" in page.inner_text(".wrong:has(#field-title)")

    page.fill("#field-title", "x")
    page.click("summary")
    page.click(".field:has(#field-dueAt) button")
    page.fill("#field-dueAt", "some day")
    run(page)
    page.click("dialog >> text=Yes, write")
    assert "2026-12-31T17:00:00Z" in page.inner_text(".wrong:has(#field-dueAt) .error")


def test_a_drop_down_says_what_it_depends_on_and_follows_it(connected: Page) -> None:
    page = connected
    open_operation(page, "ListCompanyTeams")
    open_operation(page, CREATE)
    page.fill("#field-board", "Onboarding")
    page.keyboard.press("Escape")
    page.click("#field-status")
    page.wait_for_selector(".options li:has-text('Requested')")
    page.keyboard.press("Escape")
    page.fill("#field-board", "Support")
    page.keyboard.press("Escape")
    page.click("#field-status")

    page.wait_for_selector(".options li:has-text('Waiting on Customer')")
    assert "Requested" not in page.inner_text(".field:has(#field-status) .options")


def test_the_copied_command_runs_and_answers_the_same(connected: Page, desk: Desk) -> None:
    page = connected
    open_operation(page, FIND)
    page.fill("#field-search", 'printer\'s "blank" pages & $HOME')
    run(page)
    page.wait_for_selector(".answer")
    page.click(".answer [role=tab]:has-text('Raw')")
    command = page.inner_text(".copyas pre")

    assert desk.simulator.tokity_key not in page.inner_text("body")
    environment = {"DD_API_KEY": desk.simulator.tokity_key, "PATH": "/usr/bin:/bin"}
    done = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, check=True)
    shown = page.inner_text(".answer pre").partition("\n\n")[2]
    assert json.loads(done.stdout)["results"] == json.loads(shown)["results"]
    for language in ("Power Automate", "Logic Apps", "MCP"):
        page.click(f".copyas [role=tab]:has-text('{language}')")
        assert "printer's" in json.dumps(json.loads(page.inner_text(".copyas pre")))


def test_a_reload_forgets_the_keys_and_nothing_has_kept_them(connected: Page, desk: Desk) -> None:
    page = connected
    open_operation(page, FIND)
    run(page)
    page.wait_for_selector(".answer .state.good")
    requests = page.evaluate("JSON.stringify(performance.getEntries())")

    assert desk.simulator.tokity_key not in requests + page.content() + page.url
    assert page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length") == 0
    page.reload()
    page.wait_for_selector("form.connect")
    assert page.input_value("input[name=apiKey]") == ""


def test_keys_are_forgotten_when_asked(connected: Page) -> None:
    page = connected
    page.click(".who")
    page.click("dialog >> text=Forget the keys")

    page.wait_for_selector("form.connect")
    assert page.input_value("input[name=apiKey]") == ""


@CONSOLE
@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=WHOLE)])
def test_these_screens_are_open_to_everybody(page: Page, desk: Desk, scheme: str) -> None:
    """axe-core, on every state."""
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    connect(page, desk, "wrong-key")
    page.wait_for_selector(".wrong")
    found = {"connect": violations(page, short=True)}
    connect(page, desk)
    page.wait_for_selector(".tile")
    found["try"] = violations(page)
    open_operation(page, FIND)
    page.fill("#field-board", "Supp")
    page.wait_for_selector(".options li:has-text('Support')")
    found["choices"] = violations(page)
    page.keyboard.press("Escape")
    run(page)
    page.wait_for_selector(".candidates")
    found["wrong"] = violations(page, short=True)
    page.click(".candidates button")
    run(page)
    page.wait_for_selector(".answer table")
    found["answer"] = violations(page, short=True)
    page.click(".top button[aria-label^=Keys]")
    found["help"] = violations(page)
    assert {state: wrong for state, wrong in found.items() if wrong} == {}


@WHOLE
@CONSOLE
def test_every_operation_has_a_form_that_everybody_can_fill_in(connected: Page) -> None:
    page = connected
    found = {}
    for operation in operations().values():
        if operation.kind is not Kind.SUPPORT:
            open_operation(page, operation.id)
            page.wait_for_selector(f".operation h1:text-is('{operation.title}')")
            shown = page.evaluate("[...document.querySelectorAll('[id^=field-]')].map(one => one.id)")
            fields = signature_of(operation).fields(operation)
            wanted = {f"field-{field.name}" for _, field in fields if field.visibility != "internal"}
            assert operation.is_trigger or wanted <= set(shown), operation.id
            found[operation.id] = violations(page)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
