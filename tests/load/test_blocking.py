"""The short form; `make blocking` runs the long one."""

import pytest

from tests.load.answers import SHAPES
from tests.load.blocking import MOST_MS, Measured, Waits, measured
from tests.load.hostile import HOSTILE

pytestmark = pytest.mark.timeout(120)


def test_nobody_keeps_others_waiting_for_long() -> None:
    cases = list(measured(2, (3,)))
    assert len(cases) == len(HOSTILE) + 2 * len(SHAPES)
    slowest = 2 * MOST_MS  # a busy machine is slower
    slow = [str(case) for case in cases if not case.waits.asked or case.waits.cpu > slowest]
    assert slow == []
    assert all(case.status < 500 for case in cases[: len(HOSTILE)])


@pytest.mark.parametrize(
    ("waits", "is_held"), [(Waits(MOST_MS, 9e9, 1), True), (Waits(MOST_MS + 1, 0, 1), False), (Waits(), False)]
)
def test_what_counts_is_the_processor_and_that_somebody_asked(waits: Waits, is_held: bool) -> None:
    assert Measured("one", 200, 9, waits).is_held is is_held
