"""Version 1.0.0 beside the present state, taken from the project's own history, so that both run on one machine."""

import contextlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
COMMIT: Final = "05353301058152770a3a29251de36f7f84b719da"
"""The last commit of version 1.0.0."""
PARTS: Final = ("connector", "function_app.py", "host.json")
FOLDER: Final = "BENCHMARK_BASELINE"
"""The environment variable that names the folder where the version was unpacked already; empty when there is none."""


@contextlib.contextmanager
def baseline() -> Iterator[Path | None]:
    """A folder with the deployed part of version 1.0.0; None in a copy of the project without its history."""
    if FOLDER in os.environ:
        yield Path(os.environ[FOLDER]) if os.environ[FOLDER] else None
        return
    packed = subprocess.run(["git", "archive", COMMIT, *PARTS], cwd=ROOT, capture_output=True, check=False)
    if packed.returncode:
        print(f"Version 1.0.0 ({COMMIT[:7]}) is not in this copy's history, so ratios to it are not measured.")
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
            archive.extractall(folder, filter="data")
        yield Path(folder)


def environment(root: Path) -> dict[str, str]:
    """The environment of a process that imports `connector` from `root`, and everything else from here."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join((str(root), str(ROOT)))}


def probe(name: str, root: Path, *arguments: str) -> Any:
    """What `benchmarks/probes/{name}.py` prints last, as JSON, when it runs with the version in `root`."""
    command = [sys.executable, str(ROOT / "benchmarks" / "probes" / f"{name}.py"), *arguments]
    printed = subprocess.check_output(command, cwd=root, env=environment(root))
    return json.loads(printed.splitlines()[-1])
