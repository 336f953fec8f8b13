"""Signatures are taken in every spelling that DeskDirector may use, and in no other."""

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.relay.signature import is_genuine

SECRET = "k3yK3Yk3yK3Yk3yK3Yk3yK3Yk3yK3Yk3"
BODY = b'[{"id": 7}]'


def digest(secret: str, body: bytes) -> bytes:
    return hmac.new(secret.encode(), body, hashlib.sha256).digest()


@given(st.text(max_size=40), st.binary(max_size=200))
def test_every_spelling_of_the_right_digest(secret: str, body: bytes) -> None:
    right = digest(secret, body)
    for text in (right.hex(), right.hex().upper(), base64.b64encode(right).decode()):
        assert is_genuine(secret, body, f"sha256={text}")
        assert is_genuine(secret, body, f" SHA256={text} ")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "sha256=",
        digest(SECRET, BODY).hex(),
        f"sha1={digest(SECRET, BODY).hex()}",
        f"sha256={digest(SECRET, BODY + b' ').hex()}",
        f"sha256={digest('another', BODY).hex()}",
        f"sha256={digest(SECRET, BODY).hex()},sha256={digest(SECRET, BODY).hex()}",
        f"sha256={base64.b64encode(digest(SECRET, BODY)).decode().swapcase()}",
        "sha256=\N{SNOWMAN}",
    ],
)
def test_anything_else(header: str) -> None:
    assert not is_genuine(SECRET, BODY, header)


@given(st.text())
def test_no_header_breaks_it(header: str) -> None:
    is_genuine(SECRET, BODY, header)
