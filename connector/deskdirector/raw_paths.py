"""Which addresses the raw API request may reach: DeskDirector's own APIs below the site, and nothing else.

Servers and proxies differ in what they undo before they route (percent-encoding, also twice; dot segments; backslashes;
look-alike letters). So a path is taken apart, every piece is decoded once and must then be plain, and what is sent is
encoded again from the pieces.
"""

import re
import unicodedata
from urllib.parse import unquote_to_bytes

from connector.deskdirector.errors import BadRequest

ALLOWED = "/api/v1/, /api/v2/, /api/v3/, /api/v4/ or /api2/"

_START = re.compile(r"/(api/v[1-4]|api2)/[^/]")
_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f/\\?#%;]")


def checked_path(text: str) -> str:
    """The path that `text` means, decoded; `BadRequest` PathNotAllowed for anything that might lead elsewhere."""
    path = text if text.startswith("/") else "/" + text
    if not _START.match(path):
        raise _refused(f"it must begin with {ALLOWED}")
    return "/" + "/".join(_piece(piece) for piece in path[1:].removesuffix("/").split("/"))


def _piece(text: str) -> str:
    if "?" in text or "#" in text:
        raise _refused("it must not have ? or # in it; the query goes into its own field")
    if _ESCAPE.search(text):
        raise _refused("a percent sign must be followed by two hexadecimal digits")
    try:
        piece = unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        raise _refused("its percent-encoded letters must be UTF-8") from None
    plain = unicodedata.normalize("NFKC", piece)
    if not plain.strip(". "):
        raise _refused("it must not have empty pieces or pieces of dots")
    if _FORBIDDEN.search(plain):
        raise _refused("it must not have slashes, backslashes, percent signs or control characters in a piece")
    return piece


def _refused(reason: str) -> BadRequest:
    return BadRequest(
        "PathNotAllowed",
        f"The path cannot be used: {reason}. Give a path such as /api/v2/tickets/7, below {ALLOWED}.",
    )
