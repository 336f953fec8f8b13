"""Paths of the raw API request: whatever is typed, what is sent stays below the APIs."""

import posixpath
import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.deskdirector.endpoint import raw_endpoint
from connector.deskdirector.errors import BadRequest
from connector.deskdirector.raw_paths import checked_path

PIECES = st.sampled_from(
    [
        *("a", "b", "z", "0", "1", "9", "api", "v2", "$info", "é", " ", "\t", "@", "evil.example"),
        *("..", ".", "/", "//", "\\", ";", "?", "#", "\u2024", "\u2025", "\uff0e", "\uff0f"),
        *("%2e", "%2E", "%2f", "%5c", "%25", "%252e", "%00", "%0a", "%c0%ae", "%E2%80%A5"),
    ]
)
BELOW = re.compile(r"/(api/v[1-4]|api2)/.+")


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("/api/v2/tickets/7", "/api/v2/tickets/7"),
        ("api/v3/tech/companies/1/teams/a b/users/2", "/api/v3/tech/companies/1/teams/a%20b/users/2"),
        ("/api/v4/tickets/$info", "/api/v4/tickets/$info"),
        ("/api/v2/tags/caf%C3%A9", "/api/v2/tags/caf%C3%A9"),
        ("/api/v2/tags/café/", "/api/v2/tags/caf%C3%A9"),
        ("/api2/admin/stats/sync/errors", "/api2/admin/stats/sync/errors"),
        ("/api/v3/surveys/1/results.csv", "/api/v3/surveys/1/results.csv"),
    ],
)
def test_ordinary_paths_pass(text: str, sent: str) -> None:
    assert raw_endpoint("GET", checked_path(text)).fill({}) == sent


@given(st.lists(PIECES, max_size=12).map("".join), st.sampled_from(["/api/v2/", "/api2/", "/api/v4/x/", "", "/", "//"]))
def test_nothing_leads_out_of_the_apis(rest: str, start: str) -> None:
    try:
        path = checked_path(start + rest)
    except BadRequest:
        return
    sent = raw_endpoint("GET", path).fill({})
    assert sent.isascii()
    assert not re.search(r"[\s\\?#;]", sent)
    for read in (sent, unquote(sent), unquote(unquote(sent)), unquote(sent).replace("\\", "/")):
        assert posixpath.normpath(read) == read
        assert BELOW.fullmatch(read)


@given(st.text(max_size=40))
def test_any_text_is_taken_or_refused(text: str) -> None:
    try:
        path = checked_path(text)
    except BadRequest:
        return
    assert BELOW.fullmatch(path)
