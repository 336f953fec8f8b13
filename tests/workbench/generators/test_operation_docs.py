"""The documents of the operations: complete, generated, and every example in them plays as it is printed."""

import json
import re
import shlex
from collections.abc import Iterator

import pytest

from connector.catalog import operations
from connector.operations.operation import Operation
from connector.operations.signature import signature_of
from tests.desk import ROOT
from workbench.cli.recording import BEFORE, Recorder, recorder
from workbench.generators.examples import example_of
from workbench.generators.export import DOCUMENTS, stale
from workbench.generators.identity import PLACEHOLDER_HOST
from workbench.generators.operation_docs import render

PAGES = {path: page.decode() for path, page in render(operations(), PLACEHOLDER_HOST).items()}
EVERY = pytest.mark.parametrize("operation", operations().values(), ids=lambda one: one.id)


def section(operation: Operation) -> str:
    """What a page says of an operation."""
    (found,) = (part for page in PAGES.values() for part in page.split("\n## ") if f"\n`{operation.id}` · " in part)
    return found


@pytest.fixture(scope="module")
def playing() -> Iterator[Recorder]:
    with recorder(ROOT) as running:
        yield running


def test_the_committed_documents_are_what_the_catalog_generates() -> None:
    assert stale(ROOT / "docs", renders=DOCUMENTS) == [], "the catalog has changed: run `make export` and commit docs"


@EVERY
def test_an_operation_is_described_whole(operation: Operation) -> None:
    text = section(operation)

    assert operation.description in text
    assert operation.guidance in text
    assert f"`{operation.method} /api/{operation.path}`" in text
    for at, field in signature_of(operation).fields(operation):
        assert f"| `{field.name}`{' *' if field.required else ''} | {at} |" in text


@EVERY
def test_an_example_plays_as_it_is_printed(operation: Operation, playing: Recorder) -> None:
    console = re.search(r"```console\n(.*?)```", section(operation), re.DOTALL)
    assert console, f"no example of {operation.id} was recorded: run `make export`"
    command, _, printed = console[1].replace(" \\\n", " ").partition("\n")
    playing.prepare(operation)

    method, path, body = read_curl(command)
    response = playing.send(method, path, content=body, headers={"content-type": "application/json"} if body else {})

    assert response.status_code < 300, response.text
    assert (playing.shown(response) or None) == (json.loads(printed) if printed else None)


def test_all_examples_play_one_after_the_other(playing: Recorder) -> None:
    playing.prepare(operations()["CreateTicket"])
    prepared_by_hand = BEFORE.keys() | {"Unsubscribe"}
    failed = {}
    for operation in operations().values():
        if operation.id not in prepared_by_hand:
            example = example_of(operation)
            response = playing.send(
                operation.method, operation.path.format(**example.path), params=example.query, json=example.body or None
            )
            if response.status_code >= 300:
                failed[operation.id] = response.text

    assert failed == {}


def read_curl(command: str) -> tuple[str, str, bytes]:
    """Method, path below /api/ and body of a command line; its headers are those that every call has."""
    words = iter(shlex.split(command.removeprefix("$ ")))
    method, path, body = "", "", b""
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-d":
            body = next(words).encode()
        elif word == "-H":
            name = next(words).partition(":")[0]
            assert name in ("dd-host", "dd-api-key", "content-type")
        elif word.startswith("https://"):
            path = word.removeprefix(f"https://{PLACEHOLDER_HOST}/api/")
    return method or ("POST" if body else "GET"), path, body


def test_links_lead_somewhere() -> None:
    for path, page in PAGES.items():
        for file, anchor in re.findall(r"\]\(([\w-]*(?:\.md)?)#?([\w-]*)\)", page):
            target = PAGES[f"operations/{file}"] if file else PAGES[path]
            headings = re.findall(r"^#+ (.+)$", target, re.MULTILINE)
            anchors = {re.sub(r"[^\w-]", "", one.lower().replace(" ", "-")) for one in headings}
            assert not anchor or anchor in anchors, f"{path}: {file}#{anchor}"


def test_the_host_is_written_into_the_examples() -> None:
    pages = render(operations(), "desk.azurewebsites.net").values()

    assert not [page for page in pages if PLACEHOLDER_HOST.encode() in page]
    assert any(b"curl -s https://desk.azurewebsites.net/api/tickets/10026" in page for page in pages)


def test_no_document_shows_a_key() -> None:
    assert not [path for path, page in PAGES.items() if re.search(r"dd-api-key: (?!\$DD_API_KEY)", page)]
