"""Answers outside the API: the swagger page of the site's form, and the documents behind it."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from workbench.simulator.hostile_documents import FOREIGN, HOSTILE
from workbench.simulator.openapi import VERSIONS, classic, document
from workbench.simulator.records import Edition
from workbench.simulator.router import Route
from workbench.simulator.swagger_pages import CLOSED, PAGES, Entry, PageRequest
from workbench.simulator.wire import Answer

if TYPE_CHECKING:
    from workbench.simulator.state import SimulatorState

PREFIXES = ("/swagger", "/openapi/", "/docs/", "/scalar")


def is_page(path: str) -> bool:
    """Whether an address belongs to the swagger pages."""
    return path.lower().startswith(PREFIXES)


def page_or_document(
    simulator: "SimulatorState", path: str, routes: Callable[[], Iterable[Route]], *, has_key: bool
) -> Answer:
    """The answer to a GET of a page or document; 404 with an empty body where there is nothing.

    Page addresses ignore case, names of documents do not.
    """
    profile = simulator.profile
    form = "none" if profile.documents == "none" else profile.swagger_page
    edition: Edition = "tokity" if "tokity" in simulator.tenants else "psa"
    places = {_place(form, version): version for version in VERSIONS[edition]}
    entries = [Entry(f"DeskDirector API {version}", place) for place, version in places.items()]
    if "foreign_documents" in profile.mutations:
        entries = [*(Entry("elsewhere", url) for url in FOREIGN), *entries]
    page_path = path if path in places or "documentUrls" in path else path.lower()
    answer = PAGES[form](PageRequest(page_path, simulator.site, entries, has_key))
    if answer is not None:
        return answer
    if path not in places or form in CLOSED:
        return Answer(404, b"")
    made = document(routes(), places[path], partial=profile.documents == "partial")
    if form == "classic":
        return Answer.of(classic(made, simulator.site))
    return HOSTILE[profile.hostile_documents](made) if profile.hostile_documents else Answer.of(made)


def _place(form: str, version: str) -> str:
    """Where a document stands under a form of page."""
    match form:
        case "classic":
            return f"/swagger/docs/{version}"
        case "scalar":
            return f"/openapi/{version}.json"
        case "initializer":
            return f"/docs/api/{version}.json"
    return f"/swagger/{version}/swagger.json"
