"""Here the site has only what is proven, unless a test asks for more; and what goes over the wire is compared."""

from collections.abc import Iterator

import pytest

from tests.desk import Desk
from tests.vendor_data import CONNECTOR_FILE
from tests.wire import SURFACES, disagreements

RAW = "test_raw"


@pytest.fixture
def default_profile() -> str:
    """What most real sites are like, as far as anybody knows."""
    return "proven"


@pytest.fixture(autouse=True)
def _wire(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every request that a test makes of the vendor's surfaces is one that the vendor publishes.

    Except where a test sends what it likes, renames the site's fields or lets the site fail.
    """
    if "desk" not in request.fixturenames or RAW in request.node.nodeid or not CONNECTOR_FILE.exists():
        yield
        return
    desk: Desk = request.getfixturevalue("desk")
    yield
    simulator = desk.simulator
    if simulator.profile.name != "proven" or simulator.faults or desk.tenant.renamed != dict(simulator.profile.names):
        return
    for call in list(desk.simulator.calls):
        if call.path.startswith(SURFACES) and 200 <= call.status < 300 and call.caller:
            assert disagreements(call, desk.simulator) == []
