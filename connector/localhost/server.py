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
import uvloop

from connector.localhost import config, logs
from connector.localhost.asgi import Endpoint, HttpHost
from connector.localhost.auth import Keys, Level
from connector.localhost.config import HostConfig
from connector.localhost.pages import HostPages
from connector.localhost.routing import Route, RouteTable
from connector.localhost.triggers import Triggers
from connector.localhost.worker import Function, Worker
from connector.settings import Settings

# How long running calls may take to end once the host is told to stop, in seconds.
GRACE = 10

BINDINGS = frozenset(("httpTrigger", "http", "queueTrigger", "queue", "timerTrigger"))

log = logging.getLogger("host")


def serve(
    app_dir: Path,
    host: str = "127.0.0.1",
    port: int = 7071,
    *,
    ready: Callable[[], None] | None = None,
    sockets: Sequence[socket.socket] = (),
) -> None:
    """Serve the app in `app_dir` until SIGINT or SIGTERM, then return; `ready` is called once it answers.

    Listens on `host` and `port`, or on `sockets` when they are given. Raises `HostError` when the app cannot be
    started and `OSError` when the port is taken. One call a process: the worker library keeps global state.
    """
    app_dir = app_dir.resolve()
    config.load_local_settings(app_dir, os.environ)
    settings = HostConfig.load(app_dir, os.environ)
    logs.set_up(settings.log_level)
    listeners = list(sockets) or [_listen(host, port)]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(app_dir, settings, listeners, ready or (lambda: None)))


async def _run(app_dir: Path, settings: HostConfig, listeners: list[socket.socket], ready: Callable[[], None]) -> None:
    worker = await Worker.load(app_dir)
    own = Settings.from_environment(os.environ)
    functions = served(worker.functions)
    triggers = Triggers(worker, functions, settings, app_dir / own.data_dir)
    app = HttpHost(
        worker,
        route_table(functions, settings.route_prefix),
        Keys(own.host_master_key, own.host_function_key),
        body_limit=config.body_limit(os.environ),
        deliver=triggers.deliver,
        fallback=HostPages(functions, triggers.call),
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


class _Server(uvicorn.Server):
    """Uvicorn that tells when it answers. No access log: URLs carry keys and capability tokens."""

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


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    return listener


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
