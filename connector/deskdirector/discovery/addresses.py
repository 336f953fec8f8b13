"""Addresses in a page or a redirect -> a path on the same site, or nothing.

Whatever a page says, only its own site is asked: the parsed host is compared, never a prefix.
"""

import re
from urllib.parse import urljoin, urlsplit

from connector.deskdirector.sites import HTTPS, Site

_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\x9f\\<>\"^`{|}]")
_NOT_ASCII = re.compile(r"[^\x21-\x7e]")


def on_site(address: str, page: str, site: Site) -> str | None:
    """The path and query on `site` that `address` means on the page with this path; None for anything elsewhere.

    An `http:` address of the same host counts as its `https:` one: servers behind a proxy write it so.
    """
    if _FORBIDDEN.search(address) or _NOT_ASCII.search(address):
        return None
    try:
        joined = urlsplit(urljoin(site.origin + page, address))
        port = joined.port
    except ValueError:
        return None
    own_port = site.port if site.is_development else HTTPS
    is_plain = joined.scheme == "http" and not site.is_development
    if joined.scheme not in ("https", "http") or joined.username is not None or joined.password is not None:
        return None
    if (joined.hostname or "") != site.host.strip("[]") or port not in ((None, 80) if is_plain else (None, own_port)):
        return None
    if port is None and site.is_development:
        return None
    path = joined.path or "/"
    if not path.startswith("/") or path.startswith("//"):
        return None
    return path + (f"?{joined.query}" if joined.query else "")
