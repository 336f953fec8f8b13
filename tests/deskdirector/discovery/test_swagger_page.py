"""The documents behind a swagger page are found, whatever program made it, and only on the site itself."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.deskdirector.discovery.addresses import on_site
from connector.deskdirector.discovery.swagger_page import (
    LONGEST_ADDRESS,
    MOST_ADDRESSES,
    Listed,
    asks_for_password,
    listed,
    listed_in_json,
    without_comments,
)
from connector.deskdirector.sites import Site
from tests.deskdirector.discovery.pages import FORMS, LOGIN_PAGE, SWASHBUCKLE_PAGE, Form

SITE = Site("acme.deskdirector.com")


def documents_of(form: Form) -> tuple[str, ...]:
    found = listed(form.text, form.at.partition("?")[2])
    base = found.base or form.at.partition("?")[0]
    return tuple(path for address in found.documents if (path := on_site(address, base, SITE)))


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_every_form_of_page_gives_its_documents(form: Form) -> None:
    assert documents_of(form) == form.documents


def test_a_bare_page_names_the_script_that_lists() -> None:
    assert listed(SWASHBUCKLE_PAGE) == Listed(scripts=("index.js",))


def test_a_login_form_is_reported_although_an_address_stands_in_it() -> None:
    assert asks_for_password(LOGIN_PAGE.encode())
    assert not any(asks_for_password(form.text.encode()) for form in FORMS)


@pytest.mark.parametrize(
    ("content", "documents"),
    [
        ([{"url": "v2/swagger.json", "name": "v2"}, {"name": "x"}, 7], ("v2/swagger.json",)),
        ({"urls": [{"url": "a.json"}], "url": "b.json"}, ("a.json",)),
        ({"url": "b.json"}, ("b.json",)),
        ({"url": "https://petstore.swagger.io/v2/swagger.json"}, ()),
        ({"urls": "none", "url": 5}, ()),
        ("text", ()),
        (None, ()),
        ([{"url": "x" * (LONGEST_ADDRESS + 1)}], ()),
    ],
)
def test_a_configuration_gives_its_documents(content: object, documents: tuple[str, ...]) -> None:
    assert listed_in_json(content).documents == documents


def test_a_list_without_end_is_cut() -> None:
    assert len(listed_in_json([{"url": f"{count}.json"} for count in range(10_000)]).documents) == MOST_ADDRESSES


def test_comments_are_no_addresses_and_addresses_no_comments() -> None:
    code = "url: 'https://x/y', // url: 'a'\n/* url: \"b\" */ urls: [\"http://c//d\"] // e"

    assert without_comments(code).split() == ["url:", "'https://x/y',", "urls:", '["http://c//d"]']


HOSTILE = [
    "configObject = JSON.parse('{" * 20_000,
    "var urls = [" * 40_000,
    "urls:[" * 80_000 + "{url:'" * 40_000,
    "url: '" * 80_000,
    "/*" * 200_000,
    '"' * 500_001,
    "initialize('" * 40_000,
    "<input " * 70_000,
    "<script " * 60_000,
    "[" * 500_000,
    "var urls = " + "[" * 400_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:24])
def test_hostile_text_comes_to_an_end(text: str) -> None:
    """Each is half a megabyte; what is not linear in its length would take hours."""
    assert len(listed(text).documents) <= 1
    assert not asks_for_password(text.encode())


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="urlscofigObjet:=[]{}'\"/*\\,JSON.parse(){} \n", max_size=300))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    listed(text, text)


@pytest.mark.parametrize(
    ("address", "page", "path"),
    [
        ("v1/swagger.json", "/swagger/index.html", "/swagger/v1/swagger.json"),
        ("v1/swagger.json", "/swagger", "/v1/swagger.json"),
        ("../openapi/v2.json?x=1", "/swagger/index.html", "/openapi/v2.json?x=1"),
        ("https://acme.deskdirector.com/a.json", "/swagger", "/a.json"),
        ("https://ACME.deskdirector.com:443/a.json", "/swagger", "/a.json"),
        ("http://acme.deskdirector.com/a.json", "/swagger", "/a.json"),
        ("http://acme.deskdirector.com:80/a.json", "/swagger", "/a.json"),
    ],
)
def test_addresses_of_the_site_are_paths(address: str, page: str, path: str) -> None:
    assert on_site(address, page, SITE) == path


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example/a.json",
        "/\\evil.example/a.json",
        "\\\\evil.example\\a.json",
        "https://acme.deskdirector.com@evil.example/a.json",
        "https://user@acme.deskdirector.com/a.json",
        "https://acme.deskdirector.com:8443/a.json",
        "http://acme.deskdirector.com:8080/a.json",
        "https://acme.deskdirector.com.evil.example/a.json",
        "https://evil.example/acme.deskdirector.com",
        "https://[::1]/a.json",
        "https://acme.deskdirector.com:99999/a.json",
        "file:///etc/passwd",
        "data:application/json,{}",
        "javascript:alert(1)",
        "ftp://acme.deskdirector.com/a.json",
        "/a\r\nHost: evil.example",
        "/a\u202ejson",
        "https://[",
    ],
)
def test_nothing_elsewhere_is_asked(address: str) -> None:
    assert on_site(address, "/swagger/index.html", SITE) is None


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_address_is_a_path_of_the_site_or_nothing(address: str) -> None:
    path = on_site(address, "/swagger/index.html", SITE)

    assert path is None or (path.startswith("/") and not path.startswith("//") and path.isascii())


def test_a_name_with_a_quote_is_read_as_json_stands() -> None:
    assert json.loads('"It\\u0027s v2"') == "It's v2"
    assert len(listed(FORMS[0].text).documents) == 3
