"""The begin of what a flow answered, for an operator: text only, without addresses and without anything secret.

A flow may repeat what it was sent, its own address with the signature among it. So known secrets are struck in every
form (`redaction`), then every address, every value that is called a secret, and whatever looks like a key.
"""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from connector.deskdirector.redaction import MARK, SHORTEST, redactor_of_all
from connector.storage.history import LONGEST_EXCERPT
from connector.storage.records import Subscription

_TEXTS: Final = re.compile(r"text/|application/(?:[\w.+-]+\+)?(?:json|xml)\b", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]{1,20}:(?:\\?/){2}[^\s\"'<>]+", re.IGNORECASE)
_SECRET: Final = "sig|key|token|secret|password|passwd|pwd|authorization|credential|cookie|code"  # noqa: S105  names of secrets
_NAMED: Final = re.compile(
    rf"""(?<![\w-])(?=[\w-]{{0,180}}(?:{_SECRET}))(?P<name>[\w-]{{1,200}})(?P<between>["']?\s{{0,9}}[:=]\s{{0,9}}["']?)"""
    r"""(?P<value>(?:(?:bearer|basic|ddapi)\s{1,9})?[^\s"'&,;<>}]+)""",
    re.IGNORECASE,
)
_LONG: Final = re.compile(r"[A-Za-z0-9+/_=%-]{32,}|\beyJ[\w.-]+")
_TAG: Final = re.compile("<[^<>]*>")


def excerpt(content: bytes, headers: Mapping[str, str], subscription: Subscription) -> str:
    """At most 300 characters of the answer; "" when it is no text."""
    kind = headers.get("content-type", "")
    if not content or not _TEXTS.match(kind):
        return ""
    text = content.decode(errors="replace")
    if "html" in kind.lower():
        text = _TAG.sub(" ", _without(_without(text, "script"), "style"))
    text = redactor_of_all(*_secrets_of(subscription)).text(text)
    text = _LONG.sub(MARK, _NAMED.sub(_struck, _ADDRESS.sub("[address]", text)))
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return text[:LONGEST_EXCERPT]


def _secrets_of(subscription: Subscription) -> list[str]:
    """Whatever a flow knows of us, or could."""
    parts = urlsplit(subscription.callback_url)
    known = [value for _, value in parse_qsl(parts.query)] + parts.path.split("/")
    rights = subscription.secrets.rights
    known += [subscription.secrets.token, rights.authorization if rights else "", parts.query]
    return sorted({each for each in known if len(each) >= 2 * SHORTEST})


def _without(text: str, element: str) -> str:
    """The text without an element and its content; an element without an end takes the rest."""
    parts, at, lower = [], 0, text.lower()
    while (begin := lower.find(f"<{element}", at)) >= 0:
        parts.append(text[at:begin])
        end = lower.find(f"</{element}", begin)
        at = len(text) if end < 0 else end
        if end >= 0:
            close = lower.find(">", end)
            at = len(text) if close < 0 else close + 1
    return " ".join([*parts, text[at:]])


def _struck(found: re.Match[str]) -> str:
    return f"{found['name']}{found['between']}{MARK}"
