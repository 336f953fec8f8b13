"""The stage for a storm: a simulated DeskDirector, the app under the local host, a flow that waits."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

from tests.desk import ROOT, Desk, running_desk, running_simulator
from tests.torture.storm import FLOW, SECRET
from workbench.localhost import LocalHost
from workbench.simulator import FlowReceiver


@asynccontextmanager
async def stage(
    data: Path, environment: Mapping[str, str], *, hosts: int = 1
) -> AsyncIterator[tuple[list[LocalHost], FlowReceiver, str]]:
    """The hosts, the flows, and the address to post events to; `data` is where the store lives.

    Several hosts share the store; the first takes the posts, all do the rest.
    """
    async with FlowReceiver(kept=sys.maxsize) as flows:
        with running_simulator(tickets=10) as simulator:
            env = {
                "CONNECTOR_DATA_DIR": str(data),
                "CONNECTOR_DEVELOPMENT_CALLBACKS": f"127.0.0.1:{flows.port}",
                "CONNECTOR_DELIVERY_SECONDS": "2",
                "AzureFunctionsJobHost__extensions__queues__visibilityTimeout": "00:00:02",
                **environment,
            }
            with running_desk(simulator, **env) as (desk, host), ExitStack() as others:
                shared = {"CONNECTOR_DEVELOPMENT_SITES": simulator.site, **env}
                more = [others.enter_context(LocalHost(ROOT, env=shared)) for _ in range(hosts - 1)]
                yield [host, *more], flows, await asyncio.to_thread(_listening, desk, flows)


def _listening(desk: Desk, flows: FlowReceiver) -> str:
    asked = {"site": desk.simulator.site, "name": FLOW, "secret": SECRET}
    url = desk.send("POST", "/api/operator/webhooks", json=asked).json["url"]
    answer = desk.call("WhenWebhookFires", webhook=FLOW, callbackUrl=flows.url(FLOW))
    assert answer.status == 201, answer.json
    return str(url)
