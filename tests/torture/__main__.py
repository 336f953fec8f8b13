"""`python -m tests.torture --events 20000 --kills 20`: the counts are printed; anything lost is exit code 1.

With `--azurite`, the store is Azure Storage's emulator, and it is the emulator that goes away and comes back; with
`--hosts 1` or `--hosts 2` beside it, so many hosts share the emulator, and one of them at a time is killed.
"""

import argparse
import asyncio
import itertools
import os
import sys
import tempfile
from functools import partial
from pathlib import Path

from tests.torture.ledger import Verdict
from tests.torture.stage import stage
from tests.torture.storm import Plan, storm
from workbench.localhost import LocalHost
from workbench.localhost.azurite import Azurite


def main() -> int:
    """Run the storm that the arguments describe."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0, help="chooses the moments of the kills")
    parser.add_argument("--azurite", action="store_true", help="restart the emulated storage instead of the host")
    parser.add_argument("--hosts", type=int, default=0, help="kill one of so many hosts on the emulated storage")
    asked = parser.parse_args()
    run = emulator_torture if asked.azurite else torture
    if asked.azurite and asked.hosts:
        run = partial(shared_torture, hosts=asked.hosts)
    with tempfile.TemporaryDirectory() as data:
        verdict = asyncio.run(run(Path(data), asked.events, asked.kills, asked.seed))
    sys.stdout.write(f"{verdict}\n")
    return 0 if verdict.is_clean else 1


async def torture(data: Path, events: int, kills: int, seed: int = 0) -> Verdict:
    """Kill -9 the host so many times while so many events come in; it is started again each time."""
    async with stage(data, {}) as ([host], flows, url):
        return await storm(url, flows, Plan(events, kills, lambda: _kill(host), seed))


async def emulator_torture(data: Path, events: int, kills: int, seed: int = 0) -> Verdict:
    """Restart the emulated storage so many times while so many events come in."""
    with Azurite(data / "azurite") as emulator:
        async with stage(data, {"AzureWebJobsStorage": emulator.connection_string}) as (_, flows, url):
            return await storm(url, flows, Plan(events, kills, emulator.restart, seed))


async def shared_torture(data: Path, events: int, kills: int, seed: int = 0, *, hosts: int = 1) -> Verdict:
    """Kill -9 one of so many hosts, which share an emulated storage, so many times while so many events come in."""
    with Azurite(data / "azurite") as emulator:
        environment = {"AzureWebJobsStorage": emulator.connection_string}
        async with stage(data, environment, hosts=hosts) as (running, flows, url):
            turns = itertools.cycle(running)
            return await storm(url, flows, Plan(events, kills, lambda: _kill(next(turns)), seed))


def _kill(host: LocalHost) -> None:
    host.kill()
    host.start()


if __name__ == "__main__":
    for name in ("CONTAINER_NAME", "WEBSITE_INSTANCE_ID"):
        os.environ.pop(name, None)
    sys.exit(main())
