"""Swagger pages as the generators make them, with the documents that each lists; made up."""

from dataclasses import dataclass

SWASHBUCKLE_PAGE = (
    '<html><head><title>Acme</title></head><body><div id="swagger-ui"></div>'
    '<script src="./swagger-ui-bundle.js"></script><script src="index.js"></script></body></html>'
)
SWASHBUCKLE_SCRIPT = (
    """window.onload = function () { var configObject = JSON.parse('{"urls":["""
    r"""{"url":"v1/swagger.json","name":"API \u0022old\u0022"},"""
    r"""{"url":"/swagger/v2/swagger.json","name":"It\u0027s v2"},"""
    """{"url":"../swagger/v4/swagger.json","name":"v4"}],"validatorUrl":null}');"""
    """ var oauthConfigObject = JSON.parse('{"url":"https://evil.example/x.json"}'); }"""
)
SWASHBUCKLE_NEW_SCRIPT = 'var configObject = {"urls":[{"url":"v2/swagger.json","name":"v2"}],"deepLinking":true};'
SWASHBUCKLE_OLD_SCRIPT = (
    """JSConfig = JSON.parse('{"SwaggerEndpoints":[{"Url":"/swagger/v1/swagger.json","Description":"v1"}]}');"""
)
NSWAG_PAGE = (
    '<div id="swagger-ui"></div><script>var url = window.location.search.match(/url=([^&]+)/); '
    'var urls = [{"url":"/swagger/v2/swagger.json","name":"v2"},{"url":"/swagger/v3/swagger.json","name":"v3"}]; '
    "SwaggerUIBundle({ url: url, urls: urls, "
    'oauth2RedirectUrl: window.location.origin + "/swagger/oauth2-redirect.html" });</script>'
)
NSWAG_SINGLE_PAGE = '<div id="swagger-ui"></div><script>var urls = undefined; SwaggerUIBundle({ url: url });</script>'
CLASSIC_PAGE = (
    "<body class=\"swagger-section\"><script>window.swashbuckleConfig = { rootUrl: 'http://acme.example:80', "
    "discoveryPaths: arrayFrom('swagger/docs/v1|swagger/docs/v2'), "
    "customScripts: arrayFrom('ext/discoveryUrlSelector-js') };</script>"
)
INITIALIZER = """window.ui = SwaggerUIBundle({ // url: "https://petstore.swagger.io/v2/swagger.json",
  urls: [{url: "./api/v2.json", name: 'v2'}, {url: './api/v4.json', name: "v4"}], "urls.primaryName": "v2" });"""
SCALAR_PAGE = (
    '<div id="app"></div><script type="module">import { initialize } from \'./scalar.aspnetcore.js\'; '
    """initialize('/scalar/', true, {"sources":[{"title":"v2","url":"openapi/v2.json"},"""
    """{"title":"X","url":"https://other.example/o.json"}]}, '')</script>"""
)
LOGIN_PAGE = (
    '<title>Sign in</title><form action="/account/login?ReturnUrl=%2Fswagger" method="post"><input name="u">'
    '<input type="password" name="p"></form><script>var cfg = {url: "/swagger/v2/swagger.json"};</script>'
)


@dataclass(frozen=True)
class Form:
    """A page (or its script) at a path, and the paths of the documents that it lists on its own site."""

    name: str
    text: str
    at: str
    documents: tuple[str, ...]


FORMS = (
    Form(
        "swashbuckle",
        SWASHBUCKLE_SCRIPT,
        "/swagger/index.html",
        ("/swagger/v1/swagger.json", "/swagger/v2/swagger.json", "/swagger/v4/swagger.json"),
    ),
    Form("swashbuckle-new", SWASHBUCKLE_NEW_SCRIPT, "/swagger/index.html", ("/swagger/v2/swagger.json",)),
    Form("swashbuckle-1", SWASHBUCKLE_OLD_SCRIPT, "/swagger/", ("/swagger/v1/swagger.json",)),
    Form(
        "swashbuckle-inline",
        f"<script>{SWASHBUCKLE_NEW_SCRIPT}</script>",
        "/swagger/index.html",
        ("/swagger/v2/swagger.json",),
    ),
    Form("nswag", NSWAG_PAGE, "/swagger/index.html", ("/swagger/v2/swagger.json", "/swagger/v3/swagger.json")),
    Form(
        "nswag-single",
        NSWAG_SINGLE_PAGE,
        "/swagger/index.html?url=/swagger/v1/swagger.json",
        ("/swagger/v1/swagger.json",),
    ),
    Form("classic", CLASSIC_PAGE, "/swagger/ui/index", ("/swagger/docs/v1", "/swagger/docs/v2")),
    Form("swagger-ui", INITIALIZER, "/docs/index.html", ("/docs/api/v2.json", "/docs/api/v4.json")),
    Form("scalar", SCALAR_PAGE, "/scalar/", ("/openapi/v2.json",)),
)
