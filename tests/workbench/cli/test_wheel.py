"""The wheel of the command line: what it holds, and that it serves and tells the demo from anywhere."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.desk import ROOT
from workbench.cli.wheel import write_wheel


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel puts into site-packages."""
    folder = tmp_path_factory.mktemp("wheel")
    wheel = write_wheel(ROOT, folder)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(installed: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as its entry point calls it, in a folder that has nothing to do with the project."""
    # A script of our own, so that neither the checkout nor the working folder is on the path.
    script = "import sys; from deskdirector_connector import main; sys.argv[0] = 'deskdirector-connector'; main()"
    env = {name: value for name, value in os.environ.items() if not name.startswith(("CONNECTOR_", "PYTHON"))}
    return subprocess.run(
        [sys.executable, "-P", "-c", script, *arguments],
        cwd=installed.parent, env={**env, "PYTHONPATH": str(installed), **environment},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def test_everything_stands_below_one_name(installed: Path) -> None:
    names = {path.name for path in installed.iterdir()}

    assert {name.partition("-")[0].partition(".")[0] for name in names} == {"deskdirector_connector"}


def test_its_requirements_are_those_of_the_two_files(installed: Path) -> None:
    metadata = next(installed.glob("*.dist-info/METADATA")).read_text()
    named = {line.partition(" ")[2] for line in metadata.splitlines() if line.startswith("Requires-Dist: ")}
    asked = [
        line
        for name in ("requirements.in", "requirements-host.in")
        for line in (ROOT / name).read_text().splitlines()
        if line and line[0] != "#"
    ]

    assert len(named) == len(asked)


def test_the_demo_is_right_at_every_step(installed: Path, tmp_path: Path) -> None:
    told = run(installed, "demo", "--port", "1", "--simulator-port", "1", XDG_DATA_HOME=str(tmp_path))

    assert told.returncode == 0, told.stdout + told.stderr
    assert "steps were right" in told.stdout
    assert "Delivered at the second attempt" in told.stdout
