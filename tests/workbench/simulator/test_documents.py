"""The swagger pages and the documents behind them: each form leads to documents, and they list what the site has."""

import gzip
import json
import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urljoin

import aiohttp
import pytest

from workbench.simulator import Simulator
from workbench.simulator.hostile_documents import HOSTILE
from workbench.simulator.openapi import DECOYS
from workbench.simulator.swagger_pages import CLOSED, PAGES

NOTES = "/api/v2/tickets/{entityId}/notes"


class Browser:
    """Fetches pages of a simulator, following redirects by hand."""

    def __init__(self, simulator: Simulator, session: aiohttp.ClientSession) -> None:
        self.simulator = simulator
        self.session = session

    async def fetch(self, path: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
        url = f"http://{self.simulator.site}{path}"
        async with self.session.get(url, headers=headers, allow_redirects=False) as response:
            return response.status, await response.read(), dict(response.headers)

    async def land(self, path: str, **headers: str) -> tuple[str, str]:
        """The final path and the text that stands there."""
        status, body, got = await self.fetch(path, **headers)
        while status in {301, 302}:
            target = urljoin(f"http://{self.simulator.site}{path}", got["Location"])
            assert target.startswith(f"http://{self.simulator.site}/")
            path = target.removeprefix(f"http://{self.simulator.site}")
            status, body, got = await self.fetch(path.partition("?")[0], **headers)
        assert status == 200, path
        return path, body.decode()

    async def document(self, path: str = "/swagger/v2/swagger.json", **headers: str) -> dict[str, Any]:
        status, body, _ = await self.fetch(path, **headers)
        assert status == 200
        parsed: dict[str, Any] = json.loads(body)
        return parsed


@pytest.fixture
async def browser(simulator: Simulator) -> AsyncIterator[Browser]:
    async with aiohttp.ClientSession() as session:
        yield Browser(simulator, session)


@pytest.mark.parametrize("form", [form for form in PAGES if form not in (*CLOSED, "hidden")])
async def test_every_form_of_page_names_a_document_of_version_2(browser: Browser, form: str) -> None:
    simulator = browser.simulator
    simulator.become("proven", [f"swagger_{form}"])
    key = {"Authorization": f"Basic {simulator.tokity_key}"} if form == "for_key" else {}
    path, text = await browser.land("/swagger", **key)
    for script in re.findall(r'<script src="([^"]+\.js)"', text):
        if "bundle" not in script:
            text += (await browser.land(urljoin(path, script), **key))[1]
    if form == "document_urls":
        text += (await browser.land("/swagger/documentUrls"))[1]
    named = re.findall(r"""[\w./]*v2(?:/swagger)?\.json|swagger/docs/v2""", path + text)

    assert named, text
    places = {"classic": "/swagger/docs/v2", "scalar": "/openapi/v2.json", "initializer": "/docs/api/v2.json"}
    document = await browser.document(places.get(form, "/swagger/v2/swagger.json"), **key)
    assert document.get("openapi", "").startswith("3.") or document["swagger"] == "2.0"
    assert "/api/v2/automate/connector/tickets/{ticketId}" in document["paths"]


@pytest.mark.parametrize("form", CLOSED)
async def test_behind_a_closed_page_no_document_is_served(browser: Browser, form: str) -> None:
    browser.simulator.become("proven", ["no_documents" if form == "none" else f"swagger_{form}"])
    status, body, _ = await browser.fetch("/swagger/v2/swagger.json")

    assert status in {404, 302} or body.lstrip().startswith(b"<")


@pytest.mark.parametrize(
    ("profile", "mutations", "listed"),
    [
        ("proven", (), False),
        ("proven", ("documented_routes",), True),
        ("proven", ("moved_routes",), False),
        ("generous", (), True),
    ],
)
async def test_the_documents_list_the_routes_that_the_site_has(
    browser: Browser, profile: str, mutations: tuple[str, ...], listed: bool
) -> None:
    browser.simulator.become(profile, mutations)
    paths = (await browser.document())["paths"]

    assert (NOTES in paths) == listed
    assert (NOTES.replace("notes", "comments") in paths) == ("moved_routes" in mutations)
    if listed:
        reference = paths[NOTES]["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        schemas = (await browser.document())["components"]["schemas"]
        assert schemas[reference.rpartition("/")[2]]["properties"].keys() == {"Note", "IsInternal"}


async def test_a_partial_document_lists_some_of_them(browser: Browser) -> None:
    whole = (await browser.document())["paths"]
    browser.simulator.become("generous", ["partial_documents"])
    part = (await browser.document())["paths"]

    assert part.keys() < whole.keys()
    assert len(part) == len(whole) // 2


async def test_every_version_has_its_own_document_and_names_are_exact(browser: Browser) -> None:
    for version in ("v1", "v2", "v3", "v4"):
        paths = (await browser.document(f"/swagger/{version}/swagger.json"))["paths"]
        assert paths
        assert all(path.startswith((f"/api/{version}/", "/api2/")) for path in paths)

    assert (await browser.fetch("/swagger/V2/swagger.json"))[:2] == (404, b"")
    assert (await browser.fetch("/SWAGGER/INDEX.HTML"))[0] == 200


async def test_operation_ids_are_unique_and_decoys_are_listed_but_not_served(browser: Browser) -> None:
    paths = (await browser.document())["paths"]
    ids = [one["operationId"] for item in paths.values() for one in item.values() if "operationId" in one]

    assert len(ids) == len(set(ids)) > 80
    for decoy in DECOYS:
        method, _, path = decoy.partition(" ")
        if path.startswith("/api/v2/"):
            assert method.lower() in paths[path]


@pytest.mark.parametrize("fault", HOSTILE)
async def test_a_hostile_document_is_as_bad_as_it_says(browser: Browser, fault: str) -> None:
    browser.simulator.become("generous", [f"documents_{fault}"])
    url = f"http://{browser.simulator.site}/swagger/v2/swagger.json"
    async with aiohttp.ClientSession(auto_decompress=False) as session, session.get(url) as response:
        status, body = response.status, await response.read()

    match fault:
        case "huge":
            assert len(body) > 50_000_000
        case "bomb":
            assert len(body) < 200_000 < 50_000_000 < len(gzip.decompress(body))
        case "deep":
            assert body.count(b"[" * 60_000) == 1
        case "broken" | "page":
            with pytest.raises(json.JSONDecodeError):
                json.loads(body)
        case "failing":
            assert status == 500
        case "many":
            assert len(json.loads(body)["paths"]) > 5_000
        case _:
            assert json.loads(body) != {}
