"""Runs a Functions app here: Microsoft's worker library in process, and the rules of the Functions host around it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING

from workbench.localhost.config import HostError
from workbench.localhost.process import LocalHost

if TYPE_CHECKING:
    from workbench.localhost.asgi import OwnRoutes

__all__ = ["HostError", "LocalHost", "serve"]


def serve(
    app_dir: Path,
    host: str = "127.0.0.1",
    port: int = 7071,
    *,
    ready: Callable[[], None] | None = None,
    sockets: Sequence[socket] = (),
    own: "OwnRoutes | None" = None,
) -> None:
    """Serve the app in `app_dir` until SIGINT or SIGTERM, then return; `ready` is called once it answers.

    Listens on `host` and `port`, or on `sockets` when they are given; `own` answers below `/console/local`. Raises
    `HostError` when the app cannot be started and `OSError` when the port is taken. One call a process, from its main
    thread: the worker library keeps global state.
    """
    try:
        from workbench.localhost import server
    except ModuleNotFoundError as missing:
        if missing.name != "azure_functions_runtime":
            raise
        raise HostError(
            "The local host needs azure-functions-runtime, which there is for Python 3.13 and later: "
            "pip install -r requirements-dev.txt"
        ) from missing
    server.serve(app_dir, list(sockets) or [server.listen(host, port)], ready or (lambda: None), own)
