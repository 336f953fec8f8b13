"""A credential that a server repeats is struck, however it repeats it; everything else stays as it is."""

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.deskdirector.errors import BadRequest
from connector.deskdirector.redaction import KEPT, MARK, Redactor, redactor_of
from tests.upstream_servers import KEY, Upstream, status

NET = {sign: f"\\u{ord(sign):04X}" for sign in "\"&'+<>`"} | {"\\": "\\\\"}
FORMS: dict[str, Callable[[str], str]] = {
    "raw": lambda text: text,
    "upper": str.upper,
    "lower": str.lower,
    "json": lambda text: json.dumps(text)[1:-1],
    "json of .NET": lambda text: "".join(NET.get(sign, sign) for sign in text),
    "html": html.escape,
    "html of .NET": lambda text: html.escape(text).replace("&#x27;", "&#39;"),
    "html of .NET Core": lambda text: html.escape(text).replace("+", "&#x2B;"),
    "url": lambda text: quote(text, safe=""),
    "form": quote_plus,
    "hex": lambda text: text.encode().hex(),
    "HEX": lambda text: text.encode().hex().upper(),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 in a URL": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "base64 of more": lambda text: base64.b64encode(f"Basic {text} and more".encode()).decode(),
    "base64 of much more": lambda text: base64.b64encode(f"Authorization: {text} and more".encode()).decode(),
}
printable = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=16, max_size=60)


@given(printable.filter(lambda text: not text.isdigit()), st.sampled_from(sorted(FORMS)), st.text(max_size=20))
def test_a_secret_is_struck_in_every_form(secret: str, form: str, around: str) -> None:
    shown = FORMS[form](secret)
    struck = Redactor([secret]).strike(f"{around}{shown}{around}".encode(errors="surrogatepass"))

    assert MARK.encode() in struck
    for spelled in (secret, secret.lower(), secret.upper()):
        assert spelled.encode() not in struck


@given(st.binary(max_size=500))
def test_what_holds_no_secret_stays_the_same_object(content: bytes) -> None:
    assert Redactor(["not-a-secret-but-long-enough"]).strike(content) is content


@pytest.mark.parametrize(
    "credential",
    ["DdApi " + base64.b64encode(b"global:correct-horse").decode(), "global:correct-horse", "Basic correct-horse"],
)
def test_the_password_inside_a_key_is_struck_too(credential: str) -> None:
    assert redactor_of(credential).text("the password Correct-Horse is wrong") == f"the password {MARK} is wrong"


@given(printable.filter(lambda text: any(map(str.isalnum, text))), st.text(), st.sampled_from(["04x", "04X"]))
def test_escapes_of_json_hide_nothing(secret: str, around: str, digits: str) -> None:
    escaped = "".join(f"\\u{ord(sign):{digits}}" for sign in secret)
    content = f'{{"{escaped}": [{json.dumps(around)}, "{escaped}"]}}'.encode()

    struck = json.loads(Redactor([secret]).strike(content))
    assert list(struck) == [MARK]
    assert struck[MARK][1] == MARK


def test_a_short_number_is_no_secret() -> None:
    body = b'{"id": 12345678}'
    assert redactor_of("DdApi 12345678").strike(body) is body


def test_nothing_shows_in_a_repr() -> None:
    assert "horse" not in repr(redactor_of("global:correct-horse"))


@pytest.mark.parametrize("form", FORMS)
async def test_what_deskdirector_repeats_never_leaves_the_client(upstream: Upstream, form: str) -> None:
    shown = FORMS[form](KEY.partition(":")[2])
    upstream.on("GET /api/v2/automate/connector/service/boards", {"boards": [{"id": 1, "name": shown}]})
    upstream.on("GET /api/v2/automate/connector/service/sources", status(400, {"message": f"Who is {shown}?"}))
    from connector.deskdirector import endpoints as api

    answer = await upstream.desk().call(api.LIST_BOARDS)
    with pytest.raises(BadRequest) as caught:
        await upstream.desk().call(api.LIST_SOURCES)

    assert json.loads(answer.content)["boards"][0]["id"] == 1
    assert shown not in answer.content.decode()
    assert shown not in caught.value.message


@given(
    st.text(min_size=8, max_size=60).filter(lambda text: text.strip() and not text.isdigit()),
    st.sampled_from(sorted(FORMS)),
    st.binary(max_size=40),
    st.binary(max_size=40),
)
def test_a_redactor_in_much_use_strikes_the_same(secret: str, form: str, before: bytes, after: bytes) -> None:
    try:
        shown = FORMS[form](secret).encode(errors="surrogatepass")
    except UnicodeEncodeError:
        shown = secret.encode(errors="surrogatepass")
    new, used = Redactor([secret]), Redactor([secret])
    used.strike(bytes(1_000_000))
    for content in (before + shown + after, shown, before + after, before + shown.swapcase() + after):
        assert used.strike(content) == new.strike(content)


def test_what_only_ends_like_a_secret_stays_the_same_object() -> None:
    redactor, content = Redactor(["global:ends-like-this-one"]), b"another that ends-like-this-one, but differs"
    redactor.strike(bytes(1_000_000))
    assert redactor.strike(content) is content


def test_compiled_searches_are_few_and_the_other_redactors_strike_as_well() -> None:
    redactors = [Redactor([f"a secret with number {number:04}"]) for number in range(300)]
    for redactor in redactors:
        redactor.strike(bytes(70_000))

    assert [redactor.is_compiled for redactor in redactors].count(True) == 256
    assert redactors[0].text("A SECRET WITH NUMBER 0000") == redactors[-1].text("a secret with number 0299") == MARK


def test_long_keys_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KEPT, "_most_bytes", 2**20)
    for number in range(20):
        redactor_of("DdApi " + f"{number:04}+/" * 1300)

    assert KEPT.bytes <= 2**20
