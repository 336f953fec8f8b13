"""Starts the host: loads an app folder and serves it until a signal ends it."""

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from connector.settings import Settings, SettingsError
from workbench.localhost import config, logs
from workbench.localhost.asgi import Endpoint, HttpHost, OwnRoutes
from workbench.localhost.auth import Keys, Level, master_key
from workbench.localhost.config import HostConfig, HostError
from workbench.localhost.pages import HostPages
from workbench.localhost.routing import Route, RouteTable
from workbench.localhost.tracing import traced
from workbench.localhost.triggers import Triggers
from workbench.localhost.worker import Function, Worker

# How long running calls may take to end once the host is asked to stop, in seconds.
GRACE = 10
# How long an idle connection is kept, in seconds: Kestrel's value, which clients that pool connections rely on.
KEEP_ALIVE = 130

BINDINGS = frozenset(("httpTrigger", "http", "queueTrigger", "queue", "timerTrigger"))

log = logging.getLogger("host")


def serve(
    app_dir: Path, listeners: list[socket.socket], ready: Callable[[], None], own: OwnRoutes | None = None
) -> None:
    """See `workbench.localhost.serve`."""
    app_dir = app_dir.resolve()
    config.load_local_settings(app_dir, os.environ)
    settings = HostConfig.load(app_dir, os.environ)
    logs.set_up(settings.log_level)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_run(app_dir, settings, listeners, ready, own))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The fastest event loop that this system has; None for Python's own, on Windows."""
    try:
        from uvloop import new_event_loop
    except ImportError:
        return None
    return new_event_loop


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on an address; raises `OSError` when it is taken."""
    return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)


async def _run(
    app_dir: Path,
    settings: HostConfig,
    listeners: list[socket.socket],
    ready: Callable[[], None],
    own_routes: OwnRoutes | None,
) -> None:
    own = _own_settings(app_dir)
    worker = traced(await Worker.load(app_dir), os.environ)
    functions = served(worker.functions)
    triggers = Triggers(worker, functions, settings, app_dir / own.data_dir)
    app = HttpHost(
        worker,
        route_table(functions, settings.route_prefix),
        _keys(own, app_dir, listeners),
        body_limit=config.body_limit(os.environ),
        deliver=triggers.deliver,
        fallback=HostPages(functions, triggers.call),
        own=own_routes,
    )

    def started() -> None:
        triggers.start()
        ready()

    try:
        with _ended_by_signals():
            await _Server(app, started).serve(sockets=listeners)
    finally:
        await triggers.stop(GRACE)
        worker.close()


def _own_settings(app_dir: Path) -> Settings:
    """The app's settings, checked before it is loaded, so that a wrong one is a sentence and nothing else."""
    try:
        own = Settings.from_environment(os.environ)
        (app_dir / own.data_dir).mkdir(parents=True, exist_ok=True)
    except SettingsError as problem:
        raise HostError(str(problem)) from None
    except OSError as problem:
        reason = problem.strerror or type(problem).__name__
        raise HostError(f"CONNECTOR_DATA_DIR must be a folder that can be made and written to: {reason}.") from None
    return own


def _keys(own: Settings, app_dir: Path, listeners: list[socket.socket]) -> Keys:
    addresses = [listener.getsockname()[0] for listener in listeners]
    folder = app_dir / own.data_dir
    key, made = master_key(own.host_master_key, folder, public_url=own.public_url, addresses=addresses)
    if made is not None:
        log.warning("The app can be reached from elsewhere, so the master key in %s is asked for.", made)
    if key and not own.host_function_key and own.auth_level == "function":
        log.warning("CONNECTOR_HOST_FUNCTION_KEY is empty: callers need the master key.")
    return Keys(key, own.host_function_key)


class _Server(uvicorn.Server):
    """Uvicorn that reports when it answers. No access log: URLs carry keys and capability tokens."""

    def __init__(self, app: HttpHost, ready: Callable[[], None]) -> None:
        options = uvicorn.Config(
            app,
            interface="asgi3",
            loop="none",
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=GRACE,
        )
        super().__init__(options)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Uvicorn raises the signal that stopped it once more; ignored here, so that the rest can be closed in order."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def served(functions: Sequence[Function]) -> list[Function]:
    """The functions whose bindings this host has; the others are named in the log."""
    able = []
    for function in functions:
        foreign = {binding["type"] for binding in function.bindings} - BINDINGS
        if foreign:
            log.error("%s is not served: this host has no %s binding.", function.name, ", ".join(sorted(foreign)))
        else:
            able.append(function)
    return able


def route_table(functions: Sequence[Function], prefix: str) -> RouteTable[Endpoint]:
    """Routes of all HTTP functions; those that the host would refuse are logged and not served."""
    table = RouteTable(_route(f, prefix) for f in functions if f.trigger["type"] == "httpTrigger")
    for refusal in table.refused:
        log.error("%s is not served. %s", refusal.name, refusal.reason)
    return table


def _route(function: Function, prefix: str) -> Route[Endpoint]:
    trigger = function.trigger
    template = trigger.get("route")
    path = function.name if template is None else template.strip("/")
    methods = frozenset(method.upper() for method in trigger.get("methods") or ())
    endpoint = Endpoint(function, Level.of(trigger.get("authLevel")), config.is_disabled(function.name, os.environ))
    return Route(function.name, f"{prefix}/{path}".strip("/"), methods or None, endpoint)
