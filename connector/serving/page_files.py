"""What the console and the reference have in common: a page, and files under the version of all of them."""

import hashlib
from collections.abc import Iterable
from typing import Final

from connector.deskdirector.errors import NotFound
from connector.operations.request import Request
from connector.serving.cached_responses import ALWAYS_ASK, FOREVER, static
from connector.serving.response import Response, failure, request_id_of

VERSION: Final = b"%VERSION%"
"""Stands in a page for the version of its files."""


def page(request: Request, content: bytes, policy: str, **headers: str) -> Response:
    """The page under a content security policy; `headers` are added, as in `static`."""
    kind = "text/html; charset=utf-8"
    return static(
        request, content, kind, ALWAYS_ASK, content_security_policy=policy, referrer_policy="no-referrer", **headers
    )


def file(request: Request, content: bytes, kind: str, *, is_current: bool) -> Response:
    """A file of the page. Asked for with the present version it may be kept for good: another has another address."""
    return static(request, content, kind, FOREVER if is_current else ALWAYS_ASK)


def missing_file(request: Request, sentence: str) -> Response:
    """404; `sentence` says where the page begins."""
    return failure(NotFound("FileNotFound", sentence), request_id_of(request.headers))


def version_of(contents: Iterable[bytes]) -> str:
    """The version of files: it changes with each of them."""
    return hashlib.sha256(b"".join(contents)).hexdigest()[:12]
