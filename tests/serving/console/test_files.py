"""What the console is made of, and how that is served."""

import gzip
import json
import re
from pathlib import Path

import pytest

from connector.catalog import operations
from connector.operations.signature import signature_of
from connector.serving import console_page
from connector.serving.console_page import CATALOG, FOLDER, PAGE, POLICY, files, needed_by
from tests.desk import Desk
from tests.npm_tools import CONSOLE, run_node

OURS = sorted(path for path in FOLDER.glob("*.js"))
MOST_RAW, MOST_COMPRESSED, MOST_CATALOG, MOST_IN_ALL, LONGEST = 140_000, 50_000, 30_000, 196_000, 400
# What makes HTML or code of text, and what outlives the page.
FORBIDDEN = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|dangerouslySet|DOMParser|\beval\(|new Function"
    r"|localStorage|sessionStorage|indexedDB|document\.cookie"
)


@pytest.mark.parametrize("screen", ["app", "overview", "events", "flows", "try", "doctor", "simulator"])
def test_what_a_screen_needs_fits_into_the_budget(screen: str) -> None:
    modules = needed_by("app.js") | needed_by(f"{screen}.js")
    contents = [
        path.read_bytes() for path in (PAGE, *(files()[name] for name in {*modules, "console.css", "icon.svg"}))
    ]

    assert len(modules) > 7
    assert sum(map(len, contents)) <= MOST_RAW
    assert sum(len(gzip.compress(content, 9)) for content in contents) <= MOST_COMPRESSED


def test_all_files_together_grow_no_more() -> None:
    """The design wanted 140 KB for all of it; what a screen needs is held to that, and the whole only gets smaller."""
    assert sum(path.stat().st_size for path in (PAGE, *files().values()) if path != CATALOG) <= MOST_IN_ALL


def test_every_class_of_the_style_sheet_is_used() -> None:
    sheet = re.sub(r"/\*.*?\*/", "", (FOLDER / "console.css").read_text(), flags=re.DOTALL)
    used = PAGE.read_text() + "".join(path.read_text() for path in OURS)
    classes = set(re.findall(r"\.([a-z][\w-]*)(?![^{};]*;)", sheet))

    assert len(classes) > 50
    assert [name for name in sorted(classes) if not re.search(rf"(?<![\w-]){name}(?![\w-])", used)] == []


def test_the_catalog_fits_into_its_budget() -> None:
    assert len(gzip.compress(CATALOG.read_bytes(), 9)) <= MOST_CATALOG


def test_our_files_are_short_and_make_no_html_of_text_and_keep_nothing() -> None:
    assert len(OURS) > 5
    assert [path.name for path in OURS if len(path.read_text().splitlines()) > LONGEST] == []
    assert {path.name: FORBIDDEN.findall(path.read_text()) for path in OURS if FORBIDDEN.search(path.read_text())} == {}


def test_nothing_may_come_from_elsewhere_and_nothing_of_it_may_be_kept_by_others(desk: Desk) -> None:
    page = desk.client.get(f"{desk.url}/console")

    assert page.headers["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY
    assert "require-trusted-types-for 'script'; trusted-types 'none'" in POLICY
    assert page.headers["cross-origin-opener-policy"] == "same-origin"
    assert page.headers["permissions-policy"] == "clipboard-read=()"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-cache"
    assert not re.search(r"(src|href)=\"(https?:)?//", page.text)


def test_the_first_page_leads_to_the_console(desk: Desk) -> None:
    assert desk.client.get(desk.url).headers["location"] == "/console"


def test_every_file_has_the_version_in_its_address_and_is_kept_for_good(desk: Desk) -> None:
    page = desk.client.get(f"{desk.url}/console").text
    addresses = re.findall(r"(?:src|href)=\"(console/[^\"]+)\"", page)
    version = console_page.version()

    assert {one.rpartition("/")[2] for one in addresses} == needed_by("app.js") | {"console.css", "icon.svg"}
    for name in files():
        file = desk.client.get(f"{desk.url}/console/{version}/{name}")
        assert (file.status_code, file.headers["x-content-type-options"]) == (200, "nosniff")
        assert "immutable" in file.headers["cache-control"]
    assert desk.client.get(f"{desk.url}/console/older/app.js").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("name", ["nothing.js", "page.html", "LICENSE", "..%2Fconsole.css", "%2e%2e%2fsettings.py"])
def test_there_are_no_other_files(desk: Desk, name: str) -> None:
    assert desk.client.get(f"{desk.url}/console/1/{name}").status_code == 404


def test_the_catalog_has_every_operation_and_every_input(desk: Desk) -> None:
    shown = {one["id"]: one for one in json.loads(CATALOG.read_bytes())["operations"]}

    assert shown.keys() == operations().keys()
    for operation in operations().values():
        fields = [field.name for _, field in signature_of(operation).fields(operation)]
        entries = {field["name"]: field for field in shown[operation.id].get("fields", [])}
        assert list(entries) == fields
        for field in entries.values():
            for asked in (field.get("lookup"), field.get("schema")):
                sources = asked.get("needs", {}).values() if asked else ()
                assert all(source.startswith("=") or source in entries for source in sources)
                assert not asked or asked["operation"] in shown


@CONSOLE
def test_the_library_is_what_its_packages_make_today() -> None:
    """`tests/tools/console` pins the packages; the same command gives the same bytes."""
    made = run_node("console", "build.mjs")

    assert made.returncode == 0, made.stderr
    assert made.stdout == (FOLDER / "vendor" / "preact.js").read_text()


@CONSOLE
def test_its_functions_do_what_they_say() -> None:
    """`node --test`: from entries to calls, from failures to entries, how values are written, copied calls."""
    done = run_node("console", "--test", Path(__file__).with_name("functions.test.mjs"))

    assert done.returncode == 0, done.stdout[-3000:]
