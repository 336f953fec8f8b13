"""The short form; `make torture` runs the long one."""

from pathlib import Path

import pytest

from tests.torture.__main__ import emulator_torture, torture
from tests.torture.ledger import Ledger


async def test_killing_the_host_loses_nothing(tmp_path: Path) -> None:
    verdict = await torture(tmp_path, events=600, kills=3)
    assert verdict.is_clean, verdict
    assert (verdict.accepted, verdict.delivered, verdict.kills) == (600, 600, 3)


@pytest.mark.npm("azurite")
async def test_restarting_the_storage_loses_nothing(tmp_path: Path) -> None:
    verdict = await emulator_torture(tmp_path, events=120, kills=1)
    assert verdict.is_clean, verdict
    assert (verdict.accepted, verdict.delivered) == (120, 120)


def test_the_ledger_would_notice() -> None:
    ledger = Ledger(posted={1, 2}, accepted={1, 2})
    assert ledger.verdict([]).lost == [1, 2]
    assert not ledger.verdict([]).is_clean
