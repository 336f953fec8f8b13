"""What is struck from an error costs little, whatever a caller without proof calls a secret."""

import json

import pytest

from connector.deskdirector.redaction import KEPT, LONGEST, redactor_of
from connector.operations.request import Request
from connector.serving.secrecy import redactor_for

MEGABYTE = 1_000_000


def of(content: object, **headers: str) -> Request:
    return Request("POST", "http://app/api/tickets", headers, body=json.dumps(content).encode())


def test_what_a_body_calls_a_secret_is_struck() -> None:
    request = of({"callbackUrl": "https://flow.example.com/a?sig=secret", "inner": [{"secret": "correct horse"}]})

    assert redactor_for(request).strike(b"no Correct Horse") == b"no [key]"
    assert b"sig" not in redactor_for(request).strike(b"not https://flow.example.com/a?sig=secret")


@pytest.mark.parametrize(
    "content",
    [
        {"secret": "x" * MEGABYTE},
        {f"secret{number}": f"{number:03}" * (MEGABYTE // 60) for number in range(20)},
        {f"secret{number}": f"{number:06}" * 3 for number in range(9000)},
    ],
    ids=["one", "twenty", "thousands"],
)
def test_secrets_of_a_hostile_body_take_no_memory(content: object) -> None:
    before = len(KEPT)
    redactor = redactor_for(of(content))

    assert sum(map(len, redactor._forms)) < 30 * LONGEST
    assert len(KEPT) == before, "what strangers send is not remembered"


def test_a_key_that_no_site_takes_has_no_forms() -> None:
    assert not redactor_of("k" * (LONGEST + 1))._forms
