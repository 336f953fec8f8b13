"""Running the npm tools that are pinned below `tests/tools`."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"


def run_node(folder: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a script or a tool of `tests/tools/<folder>` and wait for it."""
    node = shutil.which("node")
    if node is None or not (TOOLS / folder / "node_modules").is_dir():
        pytest.fail(f"`make test` installs what is needed here: node 20, and npm ci in tests/tools/{folder}.")
    command = [node, *map(str, arguments)]
    return subprocess.run(command, cwd=TOOLS / folder, capture_output=True, text=True, check=False)


def answer_of(folder: str, *arguments: str | Path) -> Any:
    """The JSON that a script prints; fails with what it complains of."""
    done = run_node(folder, *arguments)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)
