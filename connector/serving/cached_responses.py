"""Answers that are the same for everyone: validated by their hash, compressed once."""

import gzip
import hashlib
from collections.abc import Mapping
from functools import lru_cache

from connector.operations.request import Request
from connector.serving.response import Response

ALWAYS_ASK = "no-cache"
FOREVER = "public, max-age=31536000, immutable"
_WORTH_COMPRESSING = 1024


def static(request: Request, body: bytes, kind: str, caching: str, **headers: str) -> Response:
    """`body` of the content type `kind`, or 304 when the caller has it already. `headers` are added, `_` for `-`."""
    tag = _tag(body)
    common = {
        "cache-control": caching,
        "etag": tag,
        "vary": "Accept-Encoding, Host",
        "x-content-type-options": "nosniff",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    if tag in request.headers.get("if-none-match", ""):
        return Response(304, b"", common)
    if len(body) > _WORTH_COMPRESSING and _takes_gzip(request.headers):
        return Response(200, _compressed(body), {**common, "content-type": kind, "content-encoding": "gzip"})
    return Response(200, body, {**common, "content-type": kind})


def _takes_gzip(headers: Mapping[str, str]) -> bool:
    codings = headers.get("accept-encoding", "").lower().split(",")
    return any(
        coding.strip().partition(";")[0] == "gzip" and "q=0" not in coding.replace(" ", "") for coding in codings
    )


@lru_cache(maxsize=32)
def _tag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


@lru_cache(maxsize=32)
def _compressed(body: bytes) -> bytes:
    return gzip.compress(body, 9, mtime=0)
