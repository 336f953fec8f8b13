"""Callback URLs: where flows wait. Checked before one is stored, and again (by address) when it is called.

A subscriber names the URL, so it is a lever against our own network and against other hosts. What passes is https on
port 443 to a name below the suffixes of Power Automate and Logic Apps (or the operator's own), or a loopback pair that
the operator listed for development. The URL is opaque otherwise: of any length up to `MAX_LENGTH`, with escapes left as
they are. It carries its own signature, so it is a secret: never logged, never answered, sealed at rest.
"""

import re
from typing import Final
from urllib.parse import urlsplit

from connector.deskdirector.errors import BadRequest, Forbidden
from connector.deskdirector.sites import is_below, loopback_pair
from connector.settings import Settings

MAX_LENGTH: Final = 16_384
"""The longest URL that Power Automate itself can call."""

PLATFORM_SUFFIXES: Final = (
    "logic.azure.com",
    "api.powerplatform.com",
    "azure-apim.net",
    "azure-apihub.net",
    "logic.azure.us",
    "api.gov.powerplatform.microsoft.us",
    "api.high.powerplatform.microsoft.us",
    "api.appsplatform.us",
    "logic.azure.cn",
    "api.powerplatform.partner.microsoftonline.cn",
)
"""Where flows of the public and the sovereign clouds are called back (Microsoft's list of addresses, May 2026)."""

_URL: Final = re.compile(r"(?P<scheme>(?i:https?))://(?P<authority>[A-Za-z0-9.:\[\]-]+)(?:[/?][\x21-\x5b\x5d-\x7e]*)?")
_NAME: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z](?:[a-z0-9-]*[a-z0-9])?")


def check_callback(url: str, settings: Settings) -> None:
    """Raise `BadRequest` CallbackMalformed for an unusable URL, `Forbidden` CallbackNotAllowed for a refused host."""
    if len(url) > MAX_LENGTH:
        raise _malformed(f"it is over {MAX_LENGTH} characters long")
    found = _URL.fullmatch(url)
    if found is None or "#" in url:
        raise _malformed("it must be an absolute https URL in plain ASCII, without a user name or a fragment")
    authority = found["authority"].lower()
    if authority in settings.development_callbacks and loopback_pair(authority):
        return
    if found["scheme"].lower() != "https":
        raise _malformed("it must begin with https://")
    host, _, port = authority.partition(":")
    if not _NAME.fullmatch(host):
        raise _not_allowed("its host must be a name such as prod-00.westeurope.logic.azure.com")
    if port not in ("", "443"):
        raise _not_allowed("only port 443 can be used")
    if not is_below(host, (*PLATFORM_SUFFIXES, *settings.allowed_callbacks)):
        raise _not_allowed(
            "its host does not belong to Power Automate or Logic Apps; the operator may allow others in the setting "
            "CONNECTOR_ALLOWED_CALLBACKS"
        )


def development_pairs(settings: Settings) -> frozenset[tuple[str, int]]:
    """The loopback pairs that flows may wait at, over plain http."""
    return frozenset(pair for text in settings.development_callbacks if (pair := loopback_pair(text)))


def split(url: str) -> tuple[str, str]:
    """Origin and target of a checked URL: what the transport takes."""
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    return origin, url[len(origin) :] or "/"


def _malformed(reason: str) -> BadRequest:
    return BadRequest("CallbackMalformed", f"The callback URL cannot be used: {reason}.")


def _not_allowed(reason: str) -> Forbidden:
    return Forbidden("CallbackNotAllowed", f"The callback URL is refused: {reason}.")
