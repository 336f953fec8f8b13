"""A backup of the running app, which is then killed: what it had accepted arrives from another folder."""

import asyncio
from pathlib import Path

import aiohttp

from tests.desk import ROOT
from tests.torture.stage import stage
from tests.torture.storm import FLOW, is_taken
from workbench.cli.backup import back_up, restore
from workbench.localhost import LocalHost

EVENTS = 60


async def test_what_the_app_had_accepted_arrives_from_its_backup(tmp_path: Path) -> None:
    """The flow takes nothing before the app is killed, so that all of it is still to be delivered."""
    archive, accepted = tmp_path / "backup.tar.gz", set[int]()

    async def go_on(session: aiohttp.ClientSession, url: str) -> None:
        for number in range(1, EVENTS + 1):
            if await is_taken(session, url, number):
                accepted.add(number)

    async with stage(tmp_path / "data", {}) as ((host,), flows, url), aiohttp.ClientSession() as session:
        flows.behave(FLOW, "failing")
        posting = asyncio.create_task(go_on(session, url))
        while len(accepted) < EVENTS // 2:  # noqa: ASYNC110  events arrive without an event
            await asyncio.sleep(0.01)
        before = set(accepted)
        await asyncio.to_thread(back_up, tmp_path / "data", archive)
        await posting
        await asyncio.to_thread(host.kill)
        assert flows.accepted(FLOW) == []

        flows.behave(FLOW, "accepting")
        await asyncio.to_thread(restore, archive, tmp_path / "elsewhere")
        environment = {**host._env, "CONNECTOR_DATA_DIR": str(tmp_path / "elsewhere")}
        async with LocalHost(ROOT, environment):
            while not before <= {int(one.body["id"]) for one in flows.accepted(FLOW)}:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        await asyncio.to_thread(host.start)  # `stage` ends it
