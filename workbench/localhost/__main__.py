"""`python -m workbench.localhost APP_DIR`: serve one app folder, without anything else of the command line."""

import argparse
import socket
import sys
from pathlib import Path

from workbench.localhost import HostError, serve


def main() -> None:
    """Parse the arguments and serve; a start that fails ends with one sentence and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m workbench.localhost", description=__doc__)
    parser.add_argument("app_dir", type=Path, help="folder with host.json and function_app.py")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=7071)
    parser.add_argument("--fd", type=int, help="an open listening socket to serve instead of --host and --port")
    arguments = parser.parse_args()
    sockets = [socket.socket(fileno=arguments.fd)] if arguments.fd is not None else []
    try:
        serve(arguments.app_dir, arguments.host, arguments.port, sockets=sockets)
    except (HostError, OSError) as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
