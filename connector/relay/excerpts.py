"""The begin of what a flow answered, for an operator: text only, without addresses and without anything secret.

A flow may repeat what it was sent, its own address with the signature among it. So known secrets are struck in every
form (`redaction`), then every address, every value that is called a secret, and whatever looks like a key.
"""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from connector.deskdirector.redaction import MARK, SHORTEST, redactor_of
from connector.storage.history import LONGEST_EXCERPT
from connector.storage.records import Subscription

_TEXTS: Final = re.compile(r"text/|application/(?:[\w.+-]+\+)?(?:json|xml)\b", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]{1,20}:(?:\\?/){2}[^\s\"'<>]+", re.IGNORECASE)
_NAMED: Final = re.compile(
    r"""(?P<name>[\w-]*(?:sig|key|token|secret|password|passwd|pwd|authorization|credential|cookie|code)[\w-]*)"""
    r"""(?P<between>["']?\s*[:=]\s*["']?)(?P<value>(?:(?:bearer|basic|ddapi)\s+)?[^\s"'&,;<>}]+)""",
    re.IGNORECASE,
)
_LONG: Final = re.compile(r"[A-Za-z0-9+/_=%-]{32,}|\beyJ[\w.-]+")
_TAGS: Final = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)


def excerpt(content: bytes, headers: Mapping[str, str], subscription: Subscription) -> str:
    """At most 300 characters of the answer; "" when it is no text."""
    kind = headers.get("content-type", "")
    if not content or not _TEXTS.match(kind):
        return ""
    text = content.decode(errors="replace")
    if "html" in kind.lower():
        text = _TAGS.sub(" ", text)
    text = redactor_of(*_secrets_of(subscription)).text(text)
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


def _struck(found: re.Match[str]) -> str:
    return f"{found['name']}{found['between']}{MARK}"
