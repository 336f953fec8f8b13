"""One catalog, many faces: what is changed there once is changed everywhere by an export."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.desk import ROOT
from workbench.checks.diff import changes_between

OLD, NEW = "The text of the note.", "What people will read in the note."
RELEASED = ROOT / "docs" / "released" / "1.0.0"


def test_one_changed_description_changes_every_face(tmp_path: Path) -> None:
    for folder in ("connector", "workbench", "docs"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("host.json", "function_app.py", "pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, tmp_path / name)
    notes = tmp_path / "connector" / "catalog" / "notes.py"
    assert notes.read_text().count(OLD) == 1
    notes.write_text(notes.read_text().replace(OLD, NEW))

    written = subprocess.run(
        [sys.executable, "-m", "workbench", "export"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip

    tools = subprocess.check_output(
        [sys.executable, "-c", "from connector.serving.mcp.selection import select; print(select().listing.decode())"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)}, text=True,
    )  # fmt: skip
    assert NEW in tools
    for part in (
        "power-platform/apiDefinition.swagger.json",
        "openapi/openapi.json",
        "copilot/openapi.json",
        "notes.md",
    ):
        assert any(one.endswith(part) for one in written), written
        (page,) = [one for one in tmp_path.rglob("*") if one.as_posix().endswith(part) and "released" not in one.parts]
        assert NEW in page.read_text(), part


def test_nothing_that_was_released_is_broken() -> None:
    """By the rules of certification; a breaking change has to be said in the changelog, and released as a new major."""
    changes = changes_between(RELEASED, ROOT / "connector" / "definition" / "power-platform")

    assert [str(change) for change in changes if change.breaking] == []
