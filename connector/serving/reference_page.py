"""`GET /api/docs`: an interactive reference of every operation, from our own files: Swagger UI in a frame of ours.

Swagger UI and not another viewer, because it is the one that everybody knows, lives under a strict content security
policy, asks no host but ours, and is half the size of the runner-up.
"""

from functools import cache
from pathlib import Path

from connector.operations.request import Request
from connector.serving import page_files
from connector.serving.response import Response
from connector.settings import Settings

FOLDER = Path(__file__).parent / "reference"
PAGE = "page.html"
FILES = {
    "page.css": ("page.css", "text/css; charset=utf-8"),
    "page.js": ("page.js", "text/javascript; charset=utf-8"),
    "icon.svg": ("icon.svg", "image/svg+xml"),
    "swagger-ui.css": ("swagger-ui/swagger-ui.css", "text/css; charset=utf-8"),
    "swagger-ui-bundle.js": ("swagger-ui/swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
}
"""What the page is made of: file and content type by the last part of the address."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


async def reference_page(request: Request, settings: Settings) -> Response:
    """The page."""
    del settings
    return page_files.page(request, _page(), POLICY)


async def reference_file(request: Request, settings: Settings) -> Response:
    """One of its files."""
    del settings
    name = request.path.get("name", "")
    if name not in FILES:
        return page_files.missing_file(request, "There is no such file; the reference begins at /api/docs.")
    is_current = request.query.get("v") == _version()
    return page_files.file(request, _content(name), FILES[name][1], is_current=is_current)


@cache
def _page() -> bytes:
    return (FOLDER / PAGE).read_bytes().replace(page_files.VERSION, _version().encode())


@cache
def _version() -> str:
    return page_files.version_of(_content(name) for name in FILES)


@cache
def _content(name: str) -> bytes:
    return (FOLDER / FILES[name][0]).read_bytes()
