"""`GET /console`: the app's own pages, to try operations, to follow events and to see why a flow did not start.

Plain files without a build step, served as they are. They hold nothing about a site: data comes from APIs that ask for
keys. The version of all files stands in their addresses, so that the modules' relative imports are kept for good too.
"""

import re
from functools import cache
from pathlib import Path
from typing import Final

from connector.operations.request import Request
from connector.serving import page_files, reference_page
from connector.serving.response import Response
from connector.settings import Settings

FOLDER: Final = Path(__file__).parent / "console"
PAGE: Final = FOLDER / "page.html"
CATALOG: Final = Path(__file__).parents[1] / "definition" / "console" / "catalog.json"
PRELOADED: Final = b"<!-- modules -->"
"""Where the page names the modules that it begins with, so that a browser asks for all of them at once."""
_IMPORTED: Final = re.compile(r'^import [^"]*"\./([\w.]+)";$', re.MULTILINE)

KINDS: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
POLICY: Final = f"{reference_page.POLICY}; require-trusted-types-for 'script'; trusted-types 'none'"


async def console_page(request: Request, settings: Settings) -> Response:
    """The page."""
    del settings
    return page_files.page(
        request,
        _page(),
        POLICY,
        cross_origin_opener_policy="same-origin",
        permissions_policy="clipboard-read=()",
    )


async def console_file(request: Request, settings: Settings) -> Response:
    """One of its files."""
    del settings
    path = files().get(request.path.get("name", ""))
    if path is None:
        return page_files.missing_file(request, "There is no such file; the console begins at /console.")
    is_current = request.path.get("version") == version()
    return page_files.file(request, _content(path), KINDS[path.suffix], is_current=is_current)


@cache
def files() -> dict[str, Path]:
    """What the page is made of, by the last part of the address."""
    found = sorted(path for path in FOLDER.rglob("*") if path.suffix in KINDS)
    return {path.name: path for path in [*found, CATALOG]}


@cache
def version() -> str:
    """The version of all files."""
    return page_files.version_of(_content(path) for path in files().values())


def needed_by(name: str) -> set[str]:
    """The module and all that it imports at once; what it imports later is left out."""
    needed, ahead = set[str](), {name}
    while ahead:
        needed |= ahead
        texts = [_content(files()[module]).decode() for module in ahead]
        ahead = {found for text in texts for found in _IMPORTED.findall(text)} - needed
    return needed


@cache
def _page() -> bytes:
    modules = sorted(needed_by("app.js"))
    links = "\n    ".join(f'<link rel="modulepreload" href="console/%VERSION%/{name}">' for name in modules)
    return PAGE.read_bytes().replace(PRELOADED, links.encode()).replace(page_files.VERSION, version().encode())


@cache
def _content(path: Path) -> bytes:
    return path.read_bytes()
