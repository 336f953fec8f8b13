"""Hosts that the tests of this folder share."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from workbench.localhost import LocalHost

APPS = Path(__file__).parent / "apps"
WEB = APPS / "web"
QUEUES = APPS / "queues"


@pytest.fixture(scope="module")
def web() -> Iterator[LocalHost]:
    """The app of HTTP functions; one function is switched off, bodies over 1,000,000 bytes are refused."""
    settings = {"AzureWebJobs.SwitchedOff.Disabled": "true", "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT": "1000000"}
    with LocalHost(WEB, settings) as host:
        yield host


@pytest.fixture
def client(web: LocalHost) -> Iterator[httpx.Client]:
    """A client of that app."""
    with httpx.Client(base_url=web.url) as opened:
        yield opened
