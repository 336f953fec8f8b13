"""A key is understood in whatever form a person pasted it, and is never shown again."""

import base64
import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.deskdirector.connection import Connection
from connector.deskdirector.errors import BadRequest, ConnectorError, Forbidden, Unauthorized
from connector.settings import Settings

SETTINGS = Settings()
PAIR = "global:x7-Kd_83hh"
PACKED = base64.b64encode(PAIR.encode()).decode()
PSA = "9f8e7d6c-1111-2222-3333-444455556666"


def connect(key: str = "", settings: Settings = SETTINGS, **headers: str) -> Connection:
    named = {"dd-host": "support.deskdirector.com", "dd-api-key": key} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return Connection.from_headers({name: value for name, value in named.items() if value}, settings)


def jwt(**claims: object) -> str:
    parts = [{"alg": "RS256"}, claims]
    return (
        ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + ".c2ln"
    )


NESTED = "eyJh." + base64.urlsafe_b64encode(b"[" * 3000).decode() + ".c2ln"


@pytest.mark.parametrize(
    ("key", "authorization"),
    [
        (PAIR, f"Basic {PACKED}"),
        (PACKED, f"Basic {PACKED}"),
        (PACKED.rstrip("="), f"Basic {PACKED}"),
        (f"  {PACKED}  ", f"Basic {PACKED}"),
        (f"Basic {PACKED}", f"Basic {PACKED}"),
        (f"basic  {PACKED}", f"Basic {PACKED}"),
        (f"Basic {PAIR}", f"Basic {PACKED}"),
        (f"Authorization: Basic {PACKED}", f"Basic {PACKED}"),
        (f"DdApi {PACKED}", f"DdApi {PACKED}"),
        (f"DdApi {PAIR}", f"DdApi {PACKED}"),
        (PSA, f"DdApi {PSA}"),
        (f"ddapi {PSA}", f"DdApi {PSA}"),
        ("Basic personal-token", "Basic personal-token"),
        (f"DdAccessToken {jwt(sub=1)}", f"DdAccessToken {jwt(sub=1)}"),
        (NESTED, f"DdAccessToken {NESTED}"),
        (jwt(sub=1), f"DdAccessToken {jwt(sub=1)}"),
        (jwt(sub=1, msp="acme"), f"Basic {jwt(sub=1, msp='acme')}"),
        ("user:pass word", "Basic " + base64.b64encode(b"user:pass word").decode()),
        ("üser:pässword", "Basic " + base64.b64encode("üser:pässword".encode()).decode()),
    ],
)
def test_every_form_of_key_becomes_the_right_header(key: str, authorization: str) -> None:
    connection = connect(key)
    assert connection.authorization == authorization
    assert connection.scheme == authorization.partition(" ")[0]


def test_url_safe_base64_is_sent_in_the_usual_alphabet() -> None:
    pair = "user:??>>~~"
    assert connect(base64.urlsafe_b64encode(pair.encode()).decode()).authorization == (
        "Basic " + base64.b64encode(pair.encode()).decode()
    )


@pytest.mark.parametrize(
    ("forced", "key", "authorization"),
    [
        ("ddapi", PAIR, f"DdApi {PACKED}"),
        ("ddapi", PACKED, f"DdApi {PACKED}"),
        ("basic", PSA, f"Basic {PSA}"),
        ("basic", f"DdApi {PSA}", f"DdApi {PSA}"),
        ("ddapi", f"Basic {PACKED}", f"Basic {PACKED}"),
    ],
)
def test_a_setting_forces_the_scheme_of_keys_that_carry_none(forced: str, key: str, authorization: str) -> None:
    assert connect(key, Settings(key_scheme=forced)).authorization == authorization  # type: ignore[arg-type]


def test_a_ready_authorization_header_serves_as_key_but_the_key_header_wins() -> None:
    assert connect(authorization=f"DdApi {PSA}").authorization == f"DdApi {PSA}"
    assert connect(PACKED, authorization="Bearer gateway").authorization == f"Basic {PACKED}"


@pytest.mark.parametrize("key", [PACKED, PAIR, f"Basic {PACKED}"])
def test_a_client_that_can_only_send_bearer_tokens_sends_the_key_as_one(key: str) -> None:
    assert connect(authorization=f"Bearer {key}").authorization == f"Basic {PACKED}"
    assert connect(authorization=f"Bearer {PSA}").authorization == f"DdApi {PSA}"


def test_calls_that_name_no_site_go_to_the_one_in_the_settings() -> None:
    settings = Settings(default_site="help.deskdirector.com")

    assert Connection.from_headers({"authorization": f"Bearer {PACKED}"}, settings).site.name == "help.deskdirector.com"
    assert connect(PACKED, settings).site.name == "support.deskdirector.com"
    with pytest.raises(Unauthorized) as caught:
        Connection.from_headers({}, settings)
    assert caught.value.code == "ApiKeyMissing"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "ConnectionMissing"),
        ({"dd-host": " "}, "ConnectionMissing"),
        ({"dd-api-key": PACKED}, "SiteHostMissing"),
        ({"dd-host": "support.deskdirector.com"}, "ApiKeyMissing"),
        ({"dd-host": "support.deskdirector.com", "dd-api-key": "  "}, "ApiKeyMissing"),
    ],
)
def test_what_is_missing_is_named(headers: dict[str, str], code: str) -> None:
    with pytest.raises(Unauthorized) as caught:
        Connection.from_headers(headers, SETTINGS)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "key",
    [
        "Bearer",
        "Bearer Bearer abc",
        f"Bearer {jwt(sub='gateway')}",
        "Basic",
        "Basic !!!",
        "Basic Z2xv=YmFs",
        "Z2xvYmFsOnBhc3N3b=",
        "DdAccessToken a:b",
        "DdAccessToken two words",
        "two words",
        "Negotiate abc",
        "key\r\nX-Evil: 1",
        "user:pass\nword",
        "k\x00ey",
        "schlüssel",
        "x" * 9000,
    ],
)
def test_a_malformed_key_breaks_the_connection_and_is_not_repeated(key: str) -> None:
    with pytest.raises(Unauthorized) as caught:
        connect(key)
    assert caught.value.code == "ApiKeyMalformed"
    assert key not in caught.value.message


def test_the_site_is_checked_before_the_key() -> None:
    with pytest.raises(Forbidden):
        Connection.from_headers({"dd-host": "evil.com", "dd-api-key": PACKED}, SETTINGS)


@pytest.mark.parametrize(("text", "agent"), [("12", 12), (" 12 ", 12), ("", None)])
def test_an_agent_is_a_member_id(text: str, agent: int | None) -> None:
    assert connect(PACKED, dd_agent=text).agent_id == agent


@pytest.mark.parametrize(
    "text", ["jane", "0", "-1", "1.5", "٣", "2147483648", "9" * 5000, "0" * 10 + "7", "0" * 10 + "7" * 5000]
)
def test_another_agent_is_refused(text: str) -> None:
    with pytest.raises(BadRequest) as caught:
        connect(PACKED, dd_agent=text)
    assert caught.value.code == "AgentMalformed"


def test_the_identity_tells_connections_apart_and_nothing_else() -> None:
    one = connect(PACKED)
    assert one.identity == connect(PAIR).identity
    others = [connect(PSA), connect(PACKED, dd_agent="5"), connect(PACKED, dd_host="other.deskdirector.com")]
    assert len({one.identity, *(other.identity for other in others)}) == 4
    assert PACKED not in one.identity


def test_the_same_headers_give_the_same_connection() -> None:
    assert connect(PACKED) is connect(PACKED)


class _Recorder(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@given(st.text(min_size=1, max_size=60))
def test_no_key_shows_in_a_repr_an_error_or_a_log(key: str) -> None:
    handler = _Recorder()
    logging.getLogger().addHandler(handler)
    secret = f"S3cr3t{key}"
    try:
        shown = repr(connect(secret))
    except ConnectorError as refusal:
        shown = f"{refusal!r} {refusal.message} {refusal.details}"
    finally:
        logging.getLogger().removeHandler(handler)
    assert "S3cr3t" not in shown
    assert handler.records == []


@given(
    st.text(st.characters(exclude_characters=":", exclude_categories=("C", "Z")), min_size=1, max_size=20),
    st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=90),
)
def test_raw_and_packed_pairs_are_the_same_connection(user: str, password: str) -> None:
    pair = f"{user}:{password}"
    packed = base64.b64encode(pair.encode()).decode()
    assert connect(packed).authorization == f"Basic {packed}"
    if user.lower() != "authorization":
        assert connect(pair).authorization == f"Basic {packed}"


def test_a_credential_that_comes_back_is_cut_out() -> None:
    connection = connect(PACKED)
    said = connection.redact(f"key {PACKED} of {PAIR} with {PAIR.partition(':')[2]}")
    assert said == "key [key] of [key] with [key]"
