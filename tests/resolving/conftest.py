"""Here the site has only what is proven, unless a test asks for more."""

import pytest


@pytest.fixture
def default_profile() -> str:
    """What most real sites are like, as far as anybody knows."""
    return "proven"
