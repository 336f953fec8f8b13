"""An upstream of our own, for the tests of the client."""

from collections.abc import AsyncIterator

import pytest

from .servers import Upstream, serving


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    async with serving() as server:
        yield server
