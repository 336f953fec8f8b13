"""The site host: checked before anything is sent, so that an API key can only ever go to a DeskDirector site.

A connection names its own host, which makes the host an attacker's first lever (a look-alike name, an address inside
our network). What passes here is a name below an allowed suffix, or a loopback pair that the operator listed for
development. The address behind the name is checked once more when it is resolved (`addresses.py`).
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from connector.deskdirector.errors import BadRequest, Forbidden
from connector.settings import Settings

VENDOR_SUFFIX = "deskdirector.com"
MAX_HOST = 253
HTTPS = 443

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f\\%<>\"'`{}|^,;]")
_LOOPBACK = re.compile(r"localhost|127(\.\d{1,3}){3}|\[::1\]")

_EXAMPLE = "Give the bare host name, for example support.deskdirector.com."


@dataclass(frozen=True, slots=True)
class Site:
    """A checked DeskDirector site. `origin` is what a path is appended to: `https://support.deskdirector.com`."""

    host: str
    port: int = HTTPS
    is_development: bool = False
    origin: str = field(init=False)

    def __post_init__(self) -> None:
        origin = f"http://{self.host}:{self.port}" if self.is_development else f"https://{self.host}"
        object.__setattr__(self, "origin", origin)

    @property
    def name(self) -> str:
        """How people know the site, and what header `dd-host` carries: the host, with its port in development."""
        return self.origin.partition("://")[2]

    def ticket_url(self, ticket_id: int) -> str:
        """Where a contact reads the ticket, in the client portal (path: a public script that links there)."""
        return f"{self.origin}/portal/v2/groups/my-tickets/tickets/{ticket_id}"

    def tech_ticket_url(self, ticket_id: int) -> str:
        """Where a member reads the ticket, in the TECH portal (path: portal release notes)."""
        return f"{self.origin}/tech/tickets/{ticket_id}"

    def contact_url(self, contact_id: int) -> str:
        """Where a member reads the contact, in the TECH portal (path: assumed, after the ticket's)."""
        return f"{self.origin}/tech/contacts/{contact_id}"

    def company_url(self, company_id: int) -> str:
        """Where a member reads the company, in the TECH portal (path: assumed, after the ticket's)."""
        return f"{self.origin}/tech/companies/{company_id}"


def check_site(text: str, settings: Settings) -> Site:
    """The site that `text` (a bare host or an absolute https URI) names.

    Raises `BadRequest` SiteHostMalformed when it is no host, `Forbidden` SiteNotAllowed when it may not be called.
    """
    scheme, authority = _authority(text)
    if authority in settings.development_sites and (pair := loopback_pair(authority)):
        return Site(*pair, is_development=True)
    if scheme == "http":
        raise _malformed("The site host must be reached over https; leave http:// out.")
    host, port = _split(authority)
    if is_ip_literal(host):
        raise _not_allowed("An IP address cannot be used as site host; give the site's name.")
    if not all(_LABEL.fullmatch(label) for label in host.split(".")) or len(host) > MAX_HOST:
        raise _malformed(f"The site host is not a host name. {_EXAMPLE}")
    if port not in ("", str(HTTPS)):
        raise _not_allowed("Only port 443 can be used; leave the port out of the site host.")
    if not host.endswith("." + VENDOR_SUFFIX) and not is_below(host, settings.allowed_sites):
        raise _not_allowed(
            f"This site host is not allowed: it must end in .{VENDOR_SUFFIX}. For a custom domain, ask the operator of"
            " this connector to add it to the setting CONNECTOR_ALLOWED_SITES."
        )
    return Site(host)


def development_pairs(settings: Settings) -> frozenset[tuple[str, int]]:
    """The host and port pairs that may be reached on loopback, over plain http."""
    return frozenset(pair for text in settings.development_sites if (pair := loopback_pair(text)))


@lru_cache(maxsize=1024)
def is_ip_literal(host: str) -> bool:
    """Whether a resolver could take `host` for an address: dotted, decimal, octal, hex, short, IPv6, trailing dots.

    As in the WHATWG URL standard, a host whose last label is a number is an address, never a name.
    """
    if ":" in host or "[" in host:
        return True
    return bool(_NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]))


def _authority(text: str) -> tuple[str, str]:
    """Scheme ("" when not given) and authority, in lower case ASCII, with everything else refused."""
    text = text.strip()
    if not text or len(text) > MAX_HOST + len("https://:65535/") or _FORBIDDEN.search(text):
        raise _malformed(f"The site host is not a host name. {_EXAMPLE}")
    scheme, separator, rest = text.rpartition("://")
    scheme = scheme.lower()
    if separator and scheme not in ("https", "http"):
        raise _malformed(f"The site host must be reached over https. {_EXAMPLE}")
    rest = rest.removesuffix("/")
    if "@" in rest:
        raise _malformed(f"The site host must not contain a user name or password. {_EXAMPLE}")
    if set(rest) & set("/?#"):
        raise _malformed(f"The site host must not contain a path, a query or a fragment. {_EXAMPLE}")
    return scheme, _ascii(rest)


def _ascii(authority: str) -> str:
    """International names in the form in which they are resolved; the check then sees what the connection will use."""
    if authority.isascii():
        return authority.lower()
    import idna

    try:
        return idna.encode(authority, uts46=True).decode("ascii").lower()
    except idna.IDNAError:
        raise _malformed(f"The site host is not a host name. {_EXAMPLE}") from None


def _split(authority: str) -> tuple[str, str]:
    if authority.startswith("["):
        host, _, port = authority.rpartition("]")
        return host + "]", port.removeprefix(":")
    host, separator, port = authority.rpartition(":")
    if not separator:
        return authority, ""
    if ":" not in host and not port.isdigit():
        raise _malformed(f"The site host is not a host name. {_EXAMPLE}")
    return host, port


def loopback_pair(pair: str) -> tuple[str, int] | None:
    """Host and port of a listed pair; None when it is not on loopback, because secrets would travel in the clear."""
    host, _, port = pair.rpartition(":")
    if not _LOOPBACK.fullmatch(host) or not port.isdigit() or not 0 < int(port) < 2**16:
        return None
    return host, int(port)


def is_below(host: str, suffixes: tuple[str, ...]) -> bool:
    """Whether `host` is one of these names or below it; `*.example.com` and `.example.com` mean the same as without."""
    names = (suffix.removeprefix("*").strip(".") for suffix in suffixes)
    return any(name and (host == name or host.endswith("." + name)) for name in names)


def _malformed(sentence: str) -> BadRequest:
    return BadRequest("SiteHostMalformed", sentence)


def _not_allowed(sentence: str) -> Forbidden:
    return Forbidden("SiteNotAllowed", sentence)
