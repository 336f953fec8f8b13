"""The raw call behind an operation, and the address under which its caller can reach us again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from connector.deskdirector.models import Entity

GATEWAYS = (
    ".azure-apim.net",
    ".azure-apihub.net",
    ".azure-apim.us",
    ".azure-apihub.us",
    ".azure-apim.cn",
    ".azure-apihub.cn",
)
"""Hosts of the Power Platform connector gateway; a referrer elsewhere is not trusted."""

REFERRER = "x-ms-apim-referrer"
PREFIX = "x-ms-apim-referrer-prefix"
ROOT = "/api/"


@dataclass(slots=True)
class Request:
    """One HTTP call: header names in lower case, `path` and `query` values as text, `body` as it came."""

    method: str
    url: str
    headers: Mapping[str, str]
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def url_path(self) -> str:
        """The path below `/api/`: `tickets/7`."""
        return urlsplit(self.url).path.partition(ROOT)[2].strip("/")

    @property
    def origin(self) -> str:
        """Our own address, whichever gateway the call came through: `https://app.azurewebsites.net`."""
        own = urlsplit(self.url)
        return f"{own.scheme}://{own.netloc}"

    def address(self, path: str) -> str:
        """An absolute URL for `path` (below `/api/`), through the connector gateway when the call came through it.

        Only a URL on the gateway is called with the connection's credentials; one of our own would lack them.
        """
        return self._gateway_base() + path.lstrip("/")

    def _gateway_base(self) -> str:
        prefix = _trusted(self.headers.get(PREFIX, ""))
        if prefix:
            return prefix.rstrip("/") + "/"
        below = self.url_path
        referrer = _trusted(self.headers.get(REFERRER, "")).partition("?")[0].rstrip("/")
        if below and referrer.lower().endswith("/" + below.lower()):
            return referrer[: len(referrer) - len(below)]
        return f"{self.origin}{ROOT}"


@dataclass(frozen=True, slots=True)
class OperationResponse:
    """For an operation that answers with a status or headers of its own, e.g. `201` and `Location`."""

    result: Entity | None
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)


def _trusted(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    host = (parts.hostname or "").lower()
    return url if parts.scheme == "https" and host.endswith(GATEWAYS) and not parts.username else ""
