"""Stored documents: those of version 1.0 are read as the records of today."""

import json
from typing import Any

import pytest

from connector.storage.documents import CorruptRecordError, read_document, write_document
from connector.storage.records import (
    Registration,
    RegistrationSecrets,
    RegistrationState,
    Rights,
    Subscription,
    SubscriptionSecrets,
)
from connector.storage.sealing import Sealer
from tests.storage.conftest import KEY

SEALER = Sealer([KEY])
RIGHTS = {"scheme": "Basic", "authorization": "Basic a2V5", "agent": "7"}


def document(secret: dict[str, Any], **content: Any) -> str:
    return json.dumps(content | {"sealed": SEALER.seal(json.dumps(secret))})


@pytest.mark.parametrize(
    ("before", "state"),
    [("making", "registering"), ("active", "active"), ("ending", "unregistering"), ("ended", "ended")],
)  # fmt: skip
def test_a_registration_of_version_1_0(before: str, state: str) -> None:
    text = document(
        {"secrets": {**RIGHTS, "token": "t", "unsubscribeToken": "u"}},
        id="r", site="acme", filter_key="k", subscription_ids=["a"], created_at=1.0,
        details={"state": before, "since": 2.0, "address": "https://x", "trouble": "", "madeAt": 3.0, "checkedAt": 4.0,
                 "upstreamId": "9"},
    )  # fmt: skip
    expected = Registration(
        "r", "acme", "k", RegistrationState(state), 2.0, "https://x", ("a",), 3.0, 4.0, "9",
        secrets=RegistrationSecrets("t", "u", rights=Rights(**RIGHTS)), created_at=1.0,
    )  # fmt: skip
    assert read_document(Registration, text, "1", SEALER) == expected
    assert read_document(Registration, write_document(expected, SEALER), "1", SEALER) == expected


def test_a_subscription_of_version_1_0() -> None:
    text = document(
        {"secrets": {**RIGHTS, "token": "t"}, "callback_url": "https://flow"},
        id="s", site="acme", registration_id="r", event_type="ticket.new", created_at=1.0, ended_at=None,
        ended_because="", details={"wanted": "k", "conditions": {"tag": "vip"}, "address": "https://x"},
    )  # fmt: skip
    expected = Subscription(
        "s", "acme", "r", "ticket.new", "https://flow", 1.0, "k", {"tag": "vip"}, "https://x",
        SubscriptionSecrets("t", Rights(**RIGHTS)),
    )  # fmt: skip
    assert read_document(Subscription, text, "1", SEALER) == expected


def test_a_portal_webhook_of_version_1_0() -> None:
    text = document(
        {"secrets": {"token": "t", "webhookSecret": "w"}},
        id="r", site="acme", filter_key="k", subscription_ids=[], created_at=1.0,
        details={"state": "active", "since": 2.0, "address": "https://x", "trouble": ""},
    )  # fmt: skip
    assert read_document(Registration, text, "1", SEALER).secrets == RegistrationSecrets("t", webhook_secret="w")


@pytest.mark.parametrize("content", [{}, {"details": {}}, {"details": 5}, {"details": {"state": "odd"}}])
def test_what_makes_no_record_is_corrupt(content: dict[str, Any]) -> None:
    with pytest.raises(CorruptRecordError):
        read_document(Registration, document({"secrets": {}}, **content), "1", SEALER)
