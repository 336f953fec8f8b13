"""`serve`: the app on loopback, with a simulated DeskDirector and flows beside it unless a real site is named."""

import asyncio
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from connector.settings import Settings, SettingsError
from workbench.cli.local_routes import LocalRoutes
from workbench.cli.simulated import DEMO, EVENTS, Simulated, SimulatedError
from workbench.localhost import HostError, serve
from workbench.simulator import FlowReceiver, Simulator
from workbench.simulator.threaded import on_a_thread

APP_PORT = 7071
FLOW_PORT = 7072
"""Where the flows of `serve` wait for events; another one when it is taken."""
DEMO_PORT = 7073
"""Where the demo waits for events, as a flow would."""
CONSOLE_KEY = "CONNECTOR_CONSOLE_KEY"
CHOOSY = "onboarding"
CHOOSY_CONDITIONS = {"board": "Onboarding"}
FIND = '{"search": "printer", "take": 3}'
CREATE = '{"title": "The printer is on fire", "company": "Contoso Freight", "board": "Support", "priority": "High"}'
PROFILE = "proven"
MUTATIONS = ("documented_routes",)
"""What a newcomer sees is what a real site does: only what is proven, and what its own documents list besides."""
_START_SECONDS = 20
console = Console(highlight=False, soft_wrap=True)


def serve_pair(root: Path, port: int, simulator_port: int | None, site: str) -> int:
    """Serve until Ctrl-C or SIGTERM. The exit code is 0 after a clean stop, 1 when it could not start."""
    for taken in filter(_is_taken, filter(None, (port, simulator_port))):
        console.print(f"Port {taken} is taken; choose another with PORT=… or SIM_PORT=… (or --port, --simulator-port).")
        return 1
    try:
        key = os.environ.setdefault(CONSOLE_KEY, secrets.token_urlsafe(24))
        if simulator_port is None:
            serve(root, port=port, ready=lambda: _introduce_site(port, site, key))
            return 0
        flow_port = 0 if _is_taken(FLOW_PORT) else FLOW_PORT
        with running_simulator(simulator_port), on_a_thread(lambda: FlowReceiver(port=flow_port)) as flows:
            _allow("CONNECTOR_DEVELOPMENT_SITES", simulator_port)
            _allow("CONNECTOR_DEVELOPMENT_CALLBACKS", flows.port)
            _allow("CONNECTOR_DEVELOPMENT_CALLBACKS", DEMO_PORT)
            simulated = Simulated(simulator_port, flows.port, port, Simulator.tokity_key)

            def ready() -> None:
                _introduce(port, simulator_port)
                threading.Thread(target=_let_flows_wait, args=(replace(simulated),), daemon=True).start()

            serve(root, port=port, ready=ready, own=LocalRoutes(simulated, key))
    except (HostError, SettingsError, OSError) as problem:
        console.print(f"The app cannot be served: {problem}")
        return 1
    return 0


def serve_production(root: Path, port: int) -> int:
    """Serve on every address until SIGTERM, for a TLS proxy in front. Keys are asked for, as the local host decides.

    The exit code is 0 after a clean stop, 1 when it could not start.
    """
    try:
        settings = Settings.from_environment(os.environ)
        if not settings.public_url.startswith("https://"):
            raise SettingsError("CONNECTOR_PUBLIC_URL must be the https address of the proxy in front of the app.")
        if settings.development_sites or settings.development_callbacks:
            raise SettingsError("CONNECTOR_DEVELOPMENT_SITES and CONNECTOR_DEVELOPMENT_CALLBACKS are for development.")
        serve(root, host="0.0.0.0", port=port, ready=lambda: console.print(f"Serving {settings.public_url}."))  # noqa: S104  that is the point
    except (HostError, SettingsError, OSError) as problem:
        console.print(f"The app cannot be served: {problem}")
        return 1
    return 0


def _let_flows_wait(simulated: Simulated) -> None:
    """Subscribe two flows to new tickets: the first ticket is seen to arrive at one, and why not at the other."""

    async def subscribe() -> None:
        try:
            await simulated.subscribe(DEMO, EVENTS["ticket"], {})
            await simulated.subscribe(CHOOSY, EVENTS["ticket"], CHOOSY_CONDITIONS)
        finally:
            await simulated.aclose()

    try:
        asyncio.run(subscribe())
    except SimulatedError as problem:
        console.print(f"The flows '{DEMO}' and '{CHOOSY}' could not be made to wait: {problem}")


@contextmanager
def running_simulator(port: int) -> Iterator[None]:
    """A simulator in a process of its own; it ends with the block."""
    site = ["--profile", PROFILE, *(part for mutation in MUTATIONS for part in ("--mutate", mutation))]
    command = [sys.executable, "-m", "workbench", "simulate", "--port", str(port), *site]
    # A session of its own: Ctrl-C in the terminal then reaches only us, and we end it in order.
    process = subprocess.Popen(command, start_new_session=True)  # noqa: S603  our own interpreter and module
    try:
        _wait_for(port, process)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=10)


def _allow(setting: str, port: int) -> None:
    """Let the app reach a loopback port, which it would refuse otherwise."""
    os.environ[setting] = f"{os.environ.get(setting, '')} 127.0.0.1:{port}".strip()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not _is_taken(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise HostError("the simulator did not start.")
        time.sleep(0.05)


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _introduce(port: int, simulator_port: int) -> None:
    base, site = f"http://127.0.0.1:{port}", f"127.0.0.1:{simulator_port}"
    console.print("\nServing. Ctrl-C stops it.\n")
    for name, value in (
        ("Base URL", f"{base}/api"),
        ("Site host", f"{site}   (the simulated DeskDirector)"),
        ("Tokity key", Simulator.tokity_key),
        ("PSA key", Simulator.psa_key),
        ("Console", f"{base}/console"),
        ("Reference", f"{base}/api/docs"),
        ("MCP server", f"{base}/mcp"),
    ):
        console.print(f"[bold]{name:<11}[/bold] {value}")
    headers = f"-H 'dd-host: {site}' -H 'dd-api-key: {Simulator.psa_key}'"
    console.print("\nTry it: see an event arrive, in another terminal\n")
    chosen = "" if port == APP_PORT else f" --port {port}"
    console.print(f"  {_own_command()} trigger ticket --wait{chosen}\n", markup=False)
    console.print("Or call it:\n")
    for path, body in (("connection/test", ""), ("find/tickets", FIND), ("tickets", CREATE)):
        data = f" -H 'content-type: application/json' -d '{body}'" if body else ""
        console.print(f"  curl -s {base}/api/{path} {headers}{data}\n", markup=False)


def _own_command() -> str:
    """How this command line is started here, from the folder that it was started in."""
    if Path(sys.argv[0]).stem == "deskdirector-connector":
        return "deskdirector-connector"
    here = Path(sys.executable)
    interpreter = here.relative_to(Path.cwd()) if here.is_relative_to(Path.cwd()) else here
    return f"{interpreter} -m workbench"


def _introduce_site(port: int, site: str, key: str) -> None:
    base = f"http://127.0.0.1:{port}"
    console.print(f"\nServing {site} at {base}/api. Ctrl-C stops it.\n\nTry it with your own key:\n")
    console.print(
        f"  curl -s {base}/api/connection/test -H 'dd-host: {site}' -H 'dd-api-key: YOUR-KEY'\n", markup=False
    )
    console.print(f"The console is at {base}/console; its key for this run is {key}.", markup=False)
