"""The signature of DeskDirector's webhooks: `x-dd-signature: sha256=<digest>`, HMAC-SHA256 over the raw body.

Source: the vendor's article "HMAC Signature". How it writes the digest is not published, so hex of either case and
base64 are all taken.
"""

import base64
import hmac
from typing import Final

HEADER: Final = "x-dd-signature"
ALGORITHM: Final = "sha256"


def is_genuine(secret: str, body: bytes, header: str) -> bool:
    """Whether `header` is the signature of `body`; takes the same time wherever a wrong one differs."""
    algorithm, _, given = header.strip().partition("=")
    digest = hmac.digest(secret.encode(), body, ALGORITHM)
    hexadecimal = hmac.compare_digest(digest.hex().encode(), given.lower().encode())
    base_64 = hmac.compare_digest(base64.b64encode(digest), given.encode())
    return (hexadecimal or base_64) and algorithm.lower() == ALGORITHM
