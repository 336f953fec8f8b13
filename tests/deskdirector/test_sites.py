"""An API key can only go to a DeskDirector site: what passes as site host, and what does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.deskdirector.errors import BadRequest, Forbidden
from connector.deskdirector.sites import check_site, is_ip_literal
from connector.settings import Settings

PLAIN = Settings()
CUSTOM = Settings(allowed_sites=("portal.example.com", ".acme.test", "*.wild.test"))
DEVELOPMENT = Settings(development_sites=("127.0.0.1:7070", "localhost:7071", "[::1]:7072", "10.0.0.1:7073"))


@pytest.mark.parametrize(
    "text",
    [
        "support.deskdirector.com",
        "SUPPORT.DeskDirector.com",
        " support.deskdirector.com ",
        "https://support.deskdirector.com",
        "HTTPS://support.deskdirector.com/",
        "support.deskdirector.com:443",
        "support\u3002deskdirector\u3002com",
    ],
)
def test_a_site_may_be_given_as_host_or_as_absolute_uri(text: str) -> None:
    site = check_site(text, PLAIN)
    assert (site.host, site.port, site.origin) == ("support.deskdirector.com", 443, "https://support.deskdirector.com")
    assert not site.is_development


@pytest.mark.parametrize(
    "host", ["portal.example.com", "eu.portal.example.com", "x.acme.test", "acme.test", "a.wild.test"]
)
def test_custom_domains_are_the_operators_choice(host: str) -> None:
    assert check_site(host, CUSTOM).host == host
    with pytest.raises(Forbidden, match="CONNECTOR_ALLOWED_SITES"):
        check_site(host, PLAIN)


@pytest.mark.parametrize(
    "text",
    [
        "deskdirector.com",
        "evildeskdirector.com",
        "support.deskdirector.com.evil.com",
        "support.deskdirector.com.",
        "deskdirector.com.evil.com",
        "evil.com",
        "support.deskd\u0131rector.com",
        "support.deskdirector.co",
        "xportal.example.com",
        "example.com",
        "localhost",
        "metadata.google.internal",
    ],
)
def test_look_alikes_and_strangers_are_refused(text: str) -> None:
    with pytest.raises((Forbidden, BadRequest)):
        check_site(text, CUSTOM)


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1",
        "127.0.0.1.",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "\uff11\uff12\uff17.0.0.1",
        "[::1]",
        "::1",
        "[::ffff:127.0.0.1]",
        "https://169.254.169.254",
        "10.0.0.1:443",
        "support.deskdirector.com:8443",
        "127.0.0.1:7070",
    ],
)
def test_addresses_and_other_ports_are_not_allowed(text: str) -> None:
    with pytest.raises((Forbidden, BadRequest)) as caught:
        check_site(text, PLAIN)
    assert caught.value.code in ("SiteNotAllowed", "SiteHostMalformed")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("http://support.deskdirector.com", "https"),
        ("ftp://support.deskdirector.com", "https"),
        ("user@support.deskdirector.com", "user name"),
        ("https://user:pw@support.deskdirector.com", "user name"),
        ("evil.com@support.deskdirector.com", "user name"),
        ("support.deskdirector.com@evil.com", "user name"),
        ("support.deskdirector.com/portal", "path"),
        ("support.deskdirector.com?x=1", "query"),
        ("support.deskdirector.com#x", "fragment"),
        ("evil.com/.deskdirector.com", "path"),
        ("evil.com#.deskdirector.com", "fragment"),
        ("evil.com\\.deskdirector.com", "host name"),
        ("evil.com%2f.deskdirector.com", "host name"),
        ("support.deskdirector.com\r\nX-Evil: 1", "host name"),
        ("sup port.deskdirector.com", "host name"),
        ("-bad.deskdirector.com", "host name"),
        ("a..deskdirector.com", "host name"),
        ("support.deskdirector.com:https", "host name"),
        ("a" * 64 + ".deskdirector.com", "host name"),
        ("a." * 200 + "deskdirector.com", "host name"),
        ("", "host name"),
        ("https://", "host name"),
        ("https://https://support.deskdirector.com", "https"),
    ],
)
def test_what_is_no_host_is_refused_with_a_sentence_that_helps(text: str, hint: str) -> None:
    with pytest.raises(BadRequest, match=hint) as caught:
        check_site(text, PLAIN)
    assert caught.value.code == "SiteHostMalformed"


def test_a_development_pair_is_reached_over_plain_http_exactly_as_listed() -> None:
    site = check_site("127.0.0.1:7070", DEVELOPMENT)
    assert (site.origin, site.is_development, site.name) == ("http://127.0.0.1:7070", True, "127.0.0.1:7070")
    assert check_site("http://localhost:7071/", DEVELOPMENT).origin == "http://localhost:7071"
    assert check_site("[::1]:7072", DEVELOPMENT).origin == "http://[::1]:7072"


@pytest.mark.parametrize("text", ["127.0.0.1", "127.0.0.1:7071", "localhost:7070", "127.1:7070", "127.0.0.1:07070"])
def test_what_differs_from_a_development_pair_is_not_one(text: str) -> None:
    with pytest.raises((Forbidden, BadRequest)):
        check_site(text, DEVELOPMENT)


def test_a_development_pair_must_be_on_loopback() -> None:
    with pytest.raises(Forbidden):
        check_site("10.0.0.1:7073", DEVELOPMENT)


@given(
    st.text(max_size=80)
    | st.from_regex(r"(https?://)?[a-z0-9.@:/#?\[\]%\\-]{0,40}(deskdirector\.com)?[.:/a-z0-9]{0,9}")
)
def test_whatever_is_given_only_a_deskdirector_name_passes(text: str) -> None:
    try:
        site = check_site(text, PLAIN)
    except (BadRequest, Forbidden):
        return
    assert site.host.endswith(".deskdirector.com")
    assert site.origin == f"https://{site.host}"
    assert set(site.host) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")


@given(st.ip_addresses())
def test_every_address_is_an_address(address: object) -> None:
    assert is_ip_literal(str(address))


@pytest.mark.parametrize("host", ["support.deskdirector.com", "x1.example", "0xyz.com", "1.2.3.4.com"])
def test_names_are_not_addresses(host: str) -> None:
    assert not is_ip_literal(host)


def test_links_into_the_portals() -> None:
    site = check_site("support.deskdirector.com", PLAIN)
    assert site.ticket_url(7) == "https://support.deskdirector.com/portal/v2/groups/my-tickets/tickets/7"
    assert site.tech_ticket_url(7) == "https://support.deskdirector.com/tech/tickets/7"
