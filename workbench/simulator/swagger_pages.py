"""The pages in front of the OpenAPI documents: every form that generators are known to have, and closed doors.

Forms and addresses are those of Swashbuckle, NSwag and Scalar. Which one the vendor serves is likely (`index_js`), not
sure. A page is a function from what is asked for to an `Answer`, or None where it has nothing at that address.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from workbench.simulator.wire import HTML_TYPE, Answer

SCRIPT_TYPE = "application/javascript; charset=utf-8"
UI_VERSION = {"x-swagger-ui-version": "5.30.2"}
_BARE = (
    '<html><head><title>DeskDirector API</title></head><body><div id="swagger-ui"></div>'
    '<script src="./swagger-ui-bundle.js"></script><script src="index.js"></script></body></html>'
)
_LOGIN = (
    '<title>Sign in</title><form action="/account/login?ReturnUrl=%2Fswagger" method="post"><input name="u">'
    '<input type="password" name="p"></form><script>var cfg = {url: "/swagger/v2/swagger.json"};</script>'
)
_SPA = '<!DOCTYPE html><html><head><title>Portal</title></head><body><div id="root"></div></body></html>'
_OAUTH = """var oauthConfigObject = JSON.parse('{"url":"https://evil.example/x.json"}');"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A document as the page lists it."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A GET of something that is no API route."""

    path: str
    site: str
    entries: Sequence[Entry]
    """The documents, with absolute paths."""
    has_key: bool
    """Whether a credential that the site knows came along."""


Page = Callable[[PageRequest], Answer | None]


def html(text: str, **headers: str) -> Answer:
    """A page."""
    return Answer(200, text.encode(), headers, HTML_TYPE)


def script(text: str) -> Answer:
    """A script."""
    return Answer(200, text.encode(), UI_VERSION, SCRIPT_TYPE)


def redirect(location: str, status: int = 301) -> Answer:
    """Somewhere else."""
    return Answer(status, b"", {"Location": location})


def _listed(request: PageRequest, base: str = "") -> str:
    """`[{"url", "name"}]`, escaped as System.Text.Json does."""
    entries = [{"url": entry.url.removeprefix(base), "name": entry.name} for entry in request.entries]
    text = json.dumps(entries, separators=(",", ":"))
    return text.replace("'", "\\u0027").replace("&", "\\u0026").replace("<", "\\u003C")


def _index_js(request: PageRequest) -> Answer | None:
    """Swashbuckle 6.7 to 10.2.3: a bare page; the list in index.js, and in documentUrls."""
    config = f'{{"urls":{_listed(request, "/swagger/")},"validatorUrl":null}}'
    return _swashbuckle(request, _BARE, f"var configObject = JSON.parse('{config}'); {_OAUTH}")


def _literal(request: PageRequest) -> Answer | None:
    """Swashbuckle after 10.2.3: an object literal in index.js."""
    return _swashbuckle(request, _BARE, f'var configObject = {{"urls":{_listed(request)}}}; {_OAUTH}', urls=None)


def _inline(request: PageRequest) -> Answer | None:
    """Swashbuckle 2 to 6.6: the list in the page."""
    config = f"""var configObject = JSON.parse('{{"urls":{_listed(request, "/swagger/")}}}'); {_OAUTH}"""
    page = _BARE.replace('<script src="index.js"></script>', f"<script>{config}</script>")
    return _swashbuckle(request, page, None, urls=None)


def _document_urls(request: PageRequest) -> Answer | None:
    """Swashbuckle 7.3 to 10.2.1 with a list that only documentUrls names."""
    return _swashbuckle(request, _BARE, "var configObject = {};")


def _oldest(request: PageRequest) -> Answer | None:
    """Swashbuckle 1: PascalCase in the page."""
    entries = [{"Url": entry.url, "Description": entry.name} for entry in request.entries]
    config = f"JSConfig = JSON.parse('{json.dumps({'SwaggerEndpoints': entries})}');"
    return html(f"<html><body><script>{config}</script></body></html>") if request.path == "/swagger" else None


def _swashbuckle(request: PageRequest, page: str, config: str | None, urls: str | None = "") -> Answer | None:
    match request.path:
        case "/swagger" | "/swagger/":
            return redirect("swagger/index.html" if request.path == "/swagger" else "index.html")
        case "/swagger/index.html":
            return html(page, **UI_VERSION)
        case "/swagger/index.js" if config is not None:
            return script(f"window.onload = function () {{ {config} }}")
        case "/swagger/documentUrls" if urls is not None:
            return Answer(200, _listed(request).encode(), content_type=SCRIPT_TYPE)
    return None


def _nswag(request: PageRequest) -> Answer | None:
    """NSwag: real JSON in the page."""
    if request.path in {"/swagger", "/swagger/"}:
        return redirect("/swagger/index.html", 302)
    text = (
        '<div id="swagger-ui"></div><script>var url = window.location.search.match(/url=([^&]+)/); '
        f"var urls = {_listed(request)}; SwaggerUIBundle({{ url: url, urls: urls }});</script>"
    )
    return html(text) if request.path == "/swagger/index.html" else None


def _nswag_single(request: PageRequest) -> Answer | None:
    """NSwag with one document: its address stands in the redirect."""
    if request.path in {"/swagger", "/swagger/"}:
        v2 = next(entry.url for entry in request.entries if "v2" in entry.url)
        return redirect(f"/swagger/index.html?url={v2}", 302)
    page = '<div id="swagger-ui"></div><script>var urls = undefined;</script>'
    return html(page) if request.path == "/swagger/index.html" else None


def _classic(request: PageRequest) -> Answer | None:
    """Swashbuckle of .NET Framework: discovery paths in the page, an absolute redirect to http."""
    root = f"http://{request.site}"
    if request.path in {"/swagger", "/swagger/"}:
        return redirect(f"{root}/swagger/ui/index")
    paths = "|".join(entry.url.removeprefix("/") for entry in request.entries)
    config = f"rootUrl: '{root}', discoveryPaths: arrayFrom('{paths}'), customScripts: arrayFrom('ext/x-js')"
    page = f'<body class="swagger-section"><script>window.swashbuckleConfig = {{ {config} }};</script>'
    return html(page) if request.path == "/swagger/ui/index" else None


def _initializer(request: PageRequest) -> Answer | None:
    """Plain swagger-ui in a folder: a JavaScript literal with comments in swagger-initializer.js."""
    if request.path in {"/swagger", "/swagger/"}:
        return redirect("/docs/", 302)
    urls = ", ".join(f"{{url: \"..{entry.url}\", name: '{entry.name}'}}" for entry in request.entries)
    if request.path == "/docs/swagger-initializer.js":
        petstore = '// url: "https://petstore.swagger.io/v2/swagger.json",'
        return script(f"window.ui = SwaggerUIBundle({{ {petstore}\n  urls: [{urls}], dom_id: '#swagger-ui' }});")
    page = '<div id="swagger-ui"></div><script src="./swagger-initializer.js"></script>'
    return html(page) if request.path == "/docs/" else None


def _scalar(request: PageRequest) -> Answer | None:
    """Scalar: sources that count from the site's base path."""
    if request.path in {"/swagger", "/swagger/", "/scalar"}:
        return redirect("/scalar/", 302)
    sources = [{"title": entry.name, "url": entry.url.removeprefix("/")} for entry in request.entries]
    start = f"initialize('/scalar/', true, {json.dumps({'sources': sources})}, '')"
    page = f'<div id="app"></div><script type="module">import {{ initialize }} from \'./s.js\'; {start}</script>'
    return html(page) if request.path == "/scalar/" else None


def _login(request: PageRequest) -> Answer | None:
    """A sign-in form, 200, with the address of a document in it that is closed too."""
    return html(_LOGIN) if request.path.startswith("/swagger") else None


def _sign_in(request: PageRequest) -> Answer | None:
    """A redirect to an identity provider elsewhere."""
    return redirect("https://login.example.com/authorize?x=1", 302) if request.path.startswith("/swagger") else None


def _for_key(request: PageRequest) -> Answer | None:
    """The page and the documents are open to who brings the site's key."""
    if not request.has_key and request.path.startswith("/swagger"):
        return Answer(401, b"", {"WWW-Authenticate": 'Basic realm="DeskDirector"'})
    return _index_js(request)


def _html_everywhere(_: PageRequest) -> Answer | None:
    """A single-page application that answers every address."""
    return html(_SPA)


def _hidden(_: PageRequest) -> Answer | None:
    """No page; the documents stand where they usually do."""
    return None


PAGES: Mapping[str, Page] = {
    "index_js": _index_js,
    "literal": _literal,
    "inline": _inline,
    "document_urls": _document_urls,
    "oldest": _oldest,
    "nswag": _nswag,
    "nswag_single": _nswag_single,
    "classic": _classic,
    "initializer": _initializer,
    "scalar": _scalar,
    "login": _login,
    "sign_in": _sign_in,
    "for_key": _for_key,
    "html_everywhere": _html_everywhere,
    "hidden": _hidden,
    "none": _hidden,
}
CLOSED = ("login", "sign_in", "html_everywhere", "none")
"""Pages behind which no document is served."""
