"""The command line as a wheel, for `pipx` and `uvx`."""

import subprocess
import sys
from pathlib import Path


def write_wheel(root: Path, folder: Path) -> Path:
    """Build the wheel below `folder`, without the network; raises `OSError` when it cannot be built."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder.resolve())]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603  our own arguments
    if done.returncode:
        raise OSError(f"The wheel cannot be built: {done.stderr.strip()[-300:]}")
    return folder / Path((done.stdout + done.stderr).strip().splitlines()[-1]).name
