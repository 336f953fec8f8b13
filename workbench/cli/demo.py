"""`demo`: the main job as a story, against the running pair or one of its own; exit code 0 only if all was right."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from rich.panel import Panel

from workbench.cli.serve import DEMO_PORT, running_simulator
from workbench.cli.story import StepFailedError, Story, console, events, main_job, polling
from workbench.localhost import LocalHost
from workbench.simulator import FlowReceiver, Simulator
from workbench.simulator.threaded import on_a_thread


def run_story(root: Path, app_port: int, simulator_port: int) -> int:
    """Run the story; 0 when every step was right."""
    try:
        with (
            _pair(root, app_port, simulator_port) as (base, site, flow_port),
            on_a_thread(lambda: FlowReceiver(port=flow_port)) as receiver,
        ):
            console.print(Panel.fit("A help desk, automated: from a connection to an event", border_style="dim"))
            story = Story(base, site, Simulator.tokity_key)
            events(story, receiver, main_job(story))
            polling(story)
    except (StepFailedError, httpx.HTTPError, OSError) as problem:
        console.print(f"\n   [red]✗[/red] {problem}")
        return 1
    console.print(f"\n[green]All {story.steps} steps were right.[/green]")
    return 0


@contextmanager
def _pair(root: Path, app_port: int, simulator_port: int) -> Iterator[tuple[str, str, int]]:
    """The pair that `make run` has started, or one of our own; with the port where flows wait for events."""
    base, site = f"http://127.0.0.1:{app_port}", f"127.0.0.1:{simulator_port}"
    if _serves(base, site):
        yield base, site, DEMO_PORT
        return
    port, flow_port = _free_port(), _free_port()
    site = f"127.0.0.1:{port}"
    with TemporaryDirectory() as data, running_simulator(port):
        env = {
            **os.environ,
            "CONNECTOR_DEVELOPMENT_SITES": site,
            "CONNECTOR_DEVELOPMENT_CALLBACKS": f"127.0.0.1:{flow_port}",
            "CONNECTOR_DATA_DIR": data,
        }
        with LocalHost(root, env=env) as host:
            yield host.url, site, flow_port


def _serves(base: str, site: str) -> bool:
    headers = {"dd-host": site, "dd-api-key": Simulator.tokity_key}
    try:
        return httpx.get(f"{base}/api/connection/test", headers=headers, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
