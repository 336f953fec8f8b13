"""The npm tools that are pinned below `tests/tools`, for tests marked `npm`.

`make test` installs them. Without them a marked test is skipped with the reason; in CI it fails instead.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

TOOLS = Path(__file__).resolve().parent / "tools"
ACTIONS, CONSOLE, COPILOT, MCP, OPENAPI = (
    pytest.mark.npm(folder) for folder in ("actions", "console", "copilot", "mcp", "openapi")
)
AZURITE = pytest.param("azure", marks=pytest.mark.npm("azurite"))
"""The parameter of a fixture or a test that runs on Azure Storage too."""


def require(folder: str) -> None:
    """Skip, or in CI fail, unless Node and the tools of `tests/tools/<folder>` are there."""
    if shutil.which("node") is not None and (TOOLS / folder / "node_modules").is_dir():
        return
    missing(f"Needs Node 22 and `make tools` (npm ci in tests/tools/{folder}).")


def missing(reason: str) -> None:
    """Skip the running test with `reason`; in CI, where nothing may be missing, fail."""
    if os.environ.get("CI", "") not in ("", "0", "false"):
        pytest.fail(reason)
    pytest.skip(reason)


def run_node(folder: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a script or a tool of `tests/tools/<folder>` and wait for it."""
    command = ["node", *map(str, arguments)]
    return subprocess.run(command, cwd=TOOLS / folder, capture_output=True, text=True, check=False)


def answer_of(folder: str, *arguments: str | Path) -> Any:
    """The JSON that a script prints; fails with what the script reports."""
    done = run_node(folder, *arguments)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)
