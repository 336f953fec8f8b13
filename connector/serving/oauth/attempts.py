"""Tries of keys on the page: ten in ten minutes for an address and thirty for a site, then none until they have passed.

In memory and per process: a floor, not a guarantee. DeskDirector has its own limits.
"""

from typing import Final

from connector.operations.request import Request
from connector.runtime import ExpiringCache, per_loop
from connector.serving.rate_limits import address_of

OF_ADDRESS: Final = 10
OF_SITE: Final = 30
"""More than for an address, so that nobody alone keeps others from signing in."""
SECONDS: Final = 600.0


def are_spent(site: str, request: Request) -> bool:
    """Whether no further key is tried."""
    return any(_counts().get(key, 0) >= most for key, most in _limits(site, request))


def failed(site: str, request: Request) -> None:
    """A key was refused."""
    for key, _ in _limits(site, request):
        _counts().put(key, _counts().get(key, 0) + 1, SECONDS)


def _limits(site: str, request: Request) -> list[tuple[str, int]]:
    address = address_of(request)
    return [(f"site {site.lower()[:253]}", OF_SITE), *([(f"address {address}", OF_ADDRESS)] if address else [])]


@per_loop
def _counts() -> ExpiringCache[str, int]:
    return ExpiringCache(10_000)
