"""Overview, Events, Flows and Doctor in a real browser, over a made-up app: many records, hostile records, failures."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Dialog, Page

from tests.desk import Desk
from tests.npm_tools import CONSOLE
from tests.serving.console.made_up import MadeUp, event_id
from tests.serving.console.steps import WHOLE, enter, go, violations

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    '"><svg onload=alert(1)>',
    "'><iframe srcdoc='<script>alert(1)</script>'>",
    "javascript:alert(1)",
    "<a href=javascript:alert(1)>x</a>",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "<style>*{display:none}</style>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<form action=//evil.example><button>x",
    "<math><mtext><img src=x onerror=alert(1)>",
    "${alert(1)} {{alert(1)}} `${alert(1)}`",
    "&lt;img src=x onerror=alert(1)&gt;",
    "\u202egnp.exe\u202c <b>x</b>",
    "[x](javascript:alert(1)) ![x](//evil.example/x.png)",
    "<object data=//evil.example></object><embed src=//evil.example>",
    "<x contenteditable autofocus onfocus=alert(1)>",
    "data:text/html,<script>alert(1)</script>",
)
ELEMENTS = """[...document.querySelectorAll(
  'main :is(img, script, iframe, base, object, embed, style, math, form[action], [onload], [onerror], [onfocus], a[href^=javascript])'
)].map(one => one.outerHTML)"""  # noqa: E501  one selector
ROWS_MADE = """() => {
  window.made = 0;
  const count = nodes => nodes.forEach(node => { window.made += node.nodeName === "TR"; });
  const heard = records => records.forEach(one => count(one.addedNodes));
  new MutationObserver(heard).observe(document.querySelector('.rows tbody'), { childList: true });
}"""
EVENT = f"events/{event_id(37)}"
SCREENS = {
    "overview": ("overview", ".figure"),
    "events": ("events", ".rows tbody tr:not(.gap)"),
    "event": (EVENT, ".event .tree"),
    "flows": ("flows", ".cards"),
    "flow": ("flows/0ca6f1e2d3c4b5a6", ".event .facts"),
    "doctor": ("doctor", ".screen.doctor h1"),
}


def examine(page: Page) -> None:
    """Run the doctor to its end."""
    page.click(".screen.doctor .button.primary")
    page.wait_for_selector("text=Examine again")


def test_what_strangers_write_stays_text_everywhere(page: Page, desk: Desk) -> None:
    """All twenty at once in every title, name, note and answer of a flow; nothing of it becomes an element."""
    MadeUp(page, text=" ".join(HOSTILE))
    dialogs: list[str] = []

    def opened(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", opened)
    enter(page, desk)
    for place, seen in SCREENS.values():
        go(page, place, seen)
        if place == "doctor":
            examine(page)
        assert HOSTILE[0] in page.inner_text("main"), place
        made = page.evaluate(ELEMENTS)
        assert made == [], place
    assert dialogs == []


@pytest.mark.parametrize("count", [1000, pytest.param(10_000, marks=WHOLE)])
def test_many_events_cost_no_more_than_those_in_sight(page: Page, desk: Desk, count: int) -> None:
    """Only the rows in sight are in the document, and a page that is read makes no others, however many there are."""
    MadeUp(page, count=count)
    enter(page, desk)
    go(page, "events", ".rows tbody tr:not(.gap)")
    page.evaluate(ROWS_MADE)
    for _ in range(300):
        page.evaluate("() => { const box = document.querySelector('.rows'); box.scrollTop = box.scrollHeight }")
        page.wait_for_timeout(20)
        if f"{count:,}" in page.inner_text(".below"):
            break
    page.evaluate("() => { document.querySelector('.rows').scrollTop = 20_000 }")
    page.wait_for_timeout(100)

    assert f"{count:,} events" in page.inner_text(".below")
    assert page.locator(".rows tbody tr").count() < 80
    assert int(page.get_attribute(".rows table", "aria-rowcount") or 0) == count + 1
    assert page.evaluate("window.made") < count


def test_new_events_never_move_what_is_being_read(page: Page, desk: Desk) -> None:
    app = MadeUp(page, count=200)
    enter(page, desk)
    go(page, "events", ".rows tbody tr:not(.gap)")
    page.evaluate("() => { document.querySelector('.rows').scrollTop = 700 }")
    page.wait_for_timeout(100)
    reading = "() => document.elementFromPoint(500, 400).closest('tr').innerText"
    before = page.evaluate(reading)
    app.count = 204

    page.wait_for_selector("button.fresh:has-text('4 new events')")
    assert page.evaluate(reading) == before
    page.click("button.fresh")
    page.wait_for_selector(".rows td.about:has-text('#11203')")


def test_an_event_tells_which_flows_wanted_it_and_why_others_did_not(page: Page, desk: Desk) -> None:
    MadeUp(page)
    enter(page, desk)
    go(page, *SCREENS["event"])
    told = page.inner_text(".event")

    for words in (
        "by 2 of 5",
        "Not wanted: status is New, not Closed.",
        "could not be judged",
        "UpstreamTimeout",
        "502",
        "bad gateway",
        "no answer in time",
        "1 more flow did not want it",
    ):
        assert words in told
    page.keyboard.press("Escape")
    page.wait_for_selector(".event", state="detached")


def test_an_app_that_is_down_keeps_what_was_shown_and_is_asked_again(page: Page, desk: Desk) -> None:
    app = MadeUp(page)
    enter(page, desk)
    go(page, "events", ".rows tbody tr:not(.gap)")
    app.down = True
    page.wait_for_selector(".problem:has-text('storage cannot be used')")
    assert page.locator(".rows tbody tr:not(.gap)").count() > 5
    app.down = False
    page.click(".problem >> text=Try again")

    page.wait_for_selector(".problem", state="detached")


def test_many_deliveries_are_replayed_only_after_their_number_was_typed(page: Page, desk: Desk) -> None:
    app = MadeUp(page)
    enter(page, desk)
    go(page, "events?state=dead", ".rows tbody tr:not(.gap)")
    page.click("text=Replay all that fit …")
    page.wait_for_selector("dialog >> text=312 deliveries")
    assert page.is_disabled("dialog .button.primary")
    page.fill("#replay-confirm", "312")
    page.click("dialog .button.primary")
    page.wait_for_selector("dialog >> text=312 of 312")

    done = [(method, path) for method, path, body in app.asked if not body.get("dryRun") and path.startswith("replays")]
    assert done == [("POST", "replays"), ("POST", "replays/c0ffee/continue")]
    assert next(body for _, path, body in app.asked if path == "replays" and not body["dryRun"])["confirm"] == 312


def test_a_viewer_sees_no_button_that_writes(page: Page, desk: Desk) -> None:
    MadeUp(page, role="viewer")
    enter(page, desk)
    for name, (place, seen) in SCREENS.items():
        go(page, place, seen)
        shown = page.inner_text("main")
        assert not any(word in shown for word in ("Replay", "Pause", "End …", "Renew", "Acknowledge", "Send a test")), (
            name
        )
    assert "viewer" in page.inner_text(".who")


def test_everything_can_be_reached_by_keyboard(page: Page, desk: Desk) -> None:
    """From Overview to the verdicts of the second event and back, without a mouse."""
    MadeUp(page)
    enter(page, desk)
    press: Callable[[str], None] = page.keyboard.press
    page.evaluate("document.activeElement.blur()")
    press("g")
    press("e")
    page.wait_for_selector(".rows tbody tr:not(.gap)")
    for _ in range(30):
        press("Tab")
        if page.evaluate("document.activeElement.className") == "rows":
            break
    press("ArrowDown")
    press("j")
    press("Enter")
    page.wait_for_selector(".event h2:has-text('#11038')")
    press("x")
    page.wait_for_selector(".below >> text=1 marked")
    press("Escape")
    page.wait_for_selector(".event", state="detached")
    press("?")
    page.wait_for_selector("dialog kbd")
    press("Escape")
    page.wait_for_selector("dialog", state="detached")
    press("/")
    assert page.evaluate("document.activeElement.type") == "search"


@CONSOLE
@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=WHOLE)])
def test_every_screen_is_open_to_everybody(page: Page, desk: Desk, scheme: str) -> None:
    """axe-core, with records, without any, and with a failure."""
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    app = MadeUp(page)
    enter(page, desk)
    found = {}
    for name, (place, seen) in SCREENS.items():
        go(page, place, seen)
        if name == "doctor":
            examine(page)
        found[name] = violations(page, short=name != "events")
    go(page, *SCREENS["event"])
    page.click("text=Replay … >> nth=0")
    page.wait_for_selector("dialog table")
    found["replay"] = violations(page, short=True)
    page.keyboard.press("Escape")
    page.evaluate("location.hash = 'overview'")
    page.click("summary >> text=What operators did")
    page.wait_for_selector(".audit table")
    found["audit"] = violations(page)
    app.count, app.flows = 0, []
    for place in ("flows", "events", "overview"):
        go(page, place, ".empty")
        found[f"{place} empty"] = violations(page)
    app.down = True
    go(page, "flows", ".problem")
    found["failure"] = violations(page)

    assert {state: wrong for state, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("width", [320, *(pytest.param(width, marks=WHOLE) for width in (360, 768, 1100, 1920))])
def test_nothing_is_cut_off_at_any_width(page: Page, desk: Desk, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    MadeUp(page, text="averyveryverylongwordwithoutanybreak" * 8)
    enter(page, desk)
    for name, (place, seen) in SCREENS.items():
        go(page, place, seen)
        if name == "doctor":
            examine(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name


def test_a_payload_is_searched_and_shown_as_it_was_sent(page: Page, desk: Desk) -> None:
    MadeUp(page)
    enter(page, desk)
    go(page, *SCREENS["event"])
    page.fill(".payload input[type=search]", "no such text")
    assert "0 values fit." in page.inner_text(".payload")
    page.fill(".payload input[type=search]", "JANE")
    page.wait_for_selector(".payload .tree .key:has-text('contact.name')")
    assert "board" not in page.inner_text(".payload .tree")
    page.fill(".payload input[type=search]", "")
    page.click("text=As DeskDirector sent it")
    assert "The post itself is not kept" in page.inner_text(".payload")
    page.click(".payload .tree .key:has-text('summary')")
    page.wait_for_selector(".toast.shown:has-text('body/data/ticket/summary')")


def test_the_doctor_shows_only_what_is_used(page: Page, desk: Desk) -> None:
    MadeUp(page)
    enter(page, desk)
    go(page, *SCREENS["doctor"])
    examine(page)
    rows = page.locator(".tall tbody tr")
    assert rows.count() == 24
    page.check("text=Only what I use (12)")
    assert rows.count() == 12
    page.click(".chips button:has-text('missing')")
    assert rows.count() == 4


def test_a_screen_that_cannot_show_an_answer_says_so_and_the_others_go_on(page: Page, desk: Desk) -> None:
    """An app of another version may answer what this page does not know."""
    MadeUp(page)
    page.route(
        "**/api/console/alerts", lambda route: route.fulfill(json={"results": [{"alertId": 1, "code": []}, None]})
    )
    enter(page, desk)
    go(page, "overview", ".problem:has-text('This screen cannot show')")
    go(page, *SCREENS["flows"])
    page.unroute("**/api/console/alerts")
    go(page, *SCREENS["overview"])


@pytest.mark.parametrize("body", ["<html>a gateway</html>", "", "null", "[]", '"text"', "{"])
def test_what_is_not_the_apps_answer_is_told_and_nothing_breaks(page: Page, desk: Desk, body: str) -> None:
    MadeUp(page)
    enter(page, desk)
    for path in ("flows", "alerts", "events"):
        page.route(f"**/api/console/{path}?**", lambda route: route.fulfill(status=200, body=body))
        page.route(f"**/api/console/{path}", lambda route: route.fulfill(status=200, body=body))
    for place in ("overview", "events", "flows"):
        go(page, place, ".problem:has-text('Something else than the app')")


def test_a_screen_that_could_not_be_read_says_so_and_opens_later(page: Page, desk: Desk) -> None:
    """Its modules are read when it is first seen; the app may be away just then."""
    MadeUp(page)
    enter(page, desk)
    page.route("**/doctor.js", lambda route: route.abort())
    go(page, "doctor", ".problem")
    said = page.inner_text(".problem")
    page.unroute("**/doctor.js")
    page.click("text=Try again")
    page.wait_for_selector("text=Not examined yet")

    assert "The app did not answer" in said
