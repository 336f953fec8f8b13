"""The rules of the house that a machine can hold."""

import ast
import json
import re
import subprocess
from pathlib import Path

import pytest

from connector.catalog import operations
from tests.desk import ROOT

FILES = [ROOT / name for name in subprocess.check_output(["git", "ls-files"], cwd=ROOT, text=True).splitlines()]
SOURCES = [path for path in FILES if path.suffix == ".py" and path.exists()]
PRODUCT = [path for path in SOURCES if path.is_relative_to(ROOT / "connector")]

# Arrows run one way: who may import whom, by the folders below `connector/`.
ALLOWED = {
    "deskdirector": {"deskdirector"},
    "storage": {"storage", "deskdirector"},
    "relay": {"relay", "storage", "deskdirector"},
    "catalog": {"catalog", "relay", "storage", "deskdirector"},
    "faces": {"faces", "catalog", "relay", "storage", "deskdirector"},
    "checks": {"checks"},
    "simulator": {"simulator"},
    "localhost": {"localhost"},
}
SHARED = {"settings", "naming", "annotations"}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", PRODUCT, ids=name_of)
def test_files_and_functions_are_short_enough_to_read(path: Path) -> None:
    text = path.read_text()
    functions = [one for one in ast.walk(ast.parse(text)) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]

    assert len(text.splitlines()) <= 400
    assert [one.name for one in functions if (one.end_lineno or 0) - one.lineno >= 40] == []


@pytest.mark.parametrize("path", PRODUCT, ids=name_of)
def test_the_product_is_python_3_11(path: Path) -> None:
    ast.parse(path.read_text(), feature_version=(3, 11))


def imported(path: Path) -> set[str]:
    """The folders and modules of `connector` that a file imports."""
    package = ("connector", *path.relative_to(ROOT / "connector").parts[:-1])
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            whole = (*base, *(node.module.split(".") if node.module else ()))
            names = [whole] if len(whole) > 1 else [(*whole, one.name) for one in node.names]
        elif isinstance(node, ast.Import):
            names = [tuple(one.name.split(".")) for one in node.names]
        else:
            continue
        found |= {name[1] for name in names if name[0] == "connector" and len(name) > 1}
    return found


@pytest.mark.parametrize("folder", ALLOWED)
def test_arrows_run_one_way(folder: str) -> None:
    for path in (ROOT / "connector" / folder).rglob("*.py"):
        shared = set() if folder == "simulator" else SHARED
        assert imported(path) <= ALLOWED[folder] | shared, name_of(path)


def test_what_the_readme_tells_to_type_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"make ([a-z]+)", (ROOT / "README.md").read_text()))

    assert {"run", "demo", "test", "export", "check", "package", "bench", "torture"} <= targets
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)


@pytest.mark.parametrize("path", [one for one in FILES if one.suffix == ".md"], ids=name_of)
def test_links_between_pages_lead_somewhere(path: Path) -> None:
    for link in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", path.read_text()):
        assert (path.parent / link).exists(), f"{name_of(path)} links to {link}"


def test_ci_runs_the_readmes_own_test_command() -> None:
    assert "make test" in (ROOT / ".ci" / "run").read_text()
    assert "make test" in (ROOT / "README.md").read_text()


def test_lock_files_name_no_download_address() -> None:
    locks = [path for path in FILES if path.name == "package-lock.json"]

    assert locks
    assert [name_of(path) for path in locks if '"resolved": "http' in path.read_text()] == []


def test_what_is_deployed_is_what_runs() -> None:
    """Nothing that the app imports may be left out by `.funcignore`."""
    ignored = {line.strip() for line in (ROOT / ".funcignore").read_text().splitlines()}
    left_out = {path.removeprefix("connector/") for path in ignored if path.startswith("connector/")}
    deployed = [path for path in PRODUCT if path.relative_to(ROOT / "connector").parts[0] not in left_out]
    forbidden = {name.removesuffix(".py") for name in left_out}

    assert {"checks", "commands", "localhost", "simulator"} <= forbidden
    assert {name_of(path): imported(path) & forbidden for path in deployed if imported(path) & forbidden} == {}


def test_host_json_is_what_the_app_relies_on() -> None:
    host = json.loads((ROOT / "host.json").read_text())

    assert host["version"] == "2.0"
    assert host["extensions"]["http"]["routePrefix"] == ""
    assert host["extensionBundle"]["version"] == "[4.*, 5.0.0)"
    assert len(operations()) > 60
