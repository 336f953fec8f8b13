"""The rules of the house that a machine can hold."""

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from packaging.requirements import Requirement
from pathspec import GitIgnoreSpec

from connector.catalog import operations
from tests.desk import ROOT
from workbench.generators import export as exporting

FILES = [ROOT / name for name in subprocess.check_output(["git", "ls-files"], cwd=ROOT, text=True).splitlines()]
SOURCES = [path for path in FILES if path.suffix == ".py" and path.exists()]
PRODUCT = [path for path in SOURCES if path.relative_to(ROOT).parts[0] in ("connector", "workbench")]
DEPLOYED = [path for path in PRODUCT if path.is_relative_to(ROOT / "connector")]
READ_IN_AZURE = (
    *("host.json", "requirements.txt", "requirements.lock", "LICENSE", "connector/serving/reference/"),
    *("connector/serving/console/", "connector/definition/console/catalog.json"),
    "connector/definition/functions.json",
    *("connector/definition/openapi/openapi.json", "connector/definition/mcp/apiDefinition.swagger.json"),
)
SHARED = {
    "connector.settings",
    "connector.runtime",
    "connector.naming",
    "connector.annotations",
    "connector.unchecked",
    "connector.setting_values",
    "connector.texts",
    "connector.json_text",
    "connector.metrics",
    "connector.queue_names",
}

# Arrows run one way: which packages may import which. What is shared may be imported by all but the simulator.
ALLOWED = {
    "connector.deskdirector": set(),
    "connector.storage": {"connector.deskdirector"},
    "connector.relay": {"connector.storage", "connector.deskdirector"},
    "connector.operations": {"connector.deskdirector"},
    "connector.resolving": {"connector.operations", "connector.deskdirector"},
    "connector.catalog": {"connector.resolving", "connector.operations", "connector.relay", "connector.deskdirector"},
    "connector.examining": {
        *("connector.catalog", "connector.resolving", "connector.operations", "connector.deskdirector"),
    },
    "connector.serving": {
        *(
            "connector.examining",
            "connector.catalog",
            "connector.operations",
            "connector.relay",
            "connector.storage",
            "connector.deskdirector",
        ),
    },
    "workbench.simulator": set(),
    "workbench.localhost": set(),
    "workbench.generators": {
        *("connector.catalog", "connector.operations", "connector.serving", "connector.deskdirector"),
    },
}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


LARGEST_FILE, LONGEST_FUNCTION = 400, 40
FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tree_of(path: Path) -> ast.Module:
    """The file as Python 3.11 reads it, the oldest that runs what is deployed."""
    return ast.parse(path.read_text(), name_of(path), feature_version=(3, 11))


def statements(tree: ast.AST) -> Iterator[ast.AST]:
    """Every statement below a node: a tenth of what `ast.walk` goes through."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.stmt | ast.excepthandler | ast.match_case):
            yield child
            yield from statements(child)


def test_files_are_short_enough_to_read() -> None:
    lines = {name_of(path): len(path.read_text().splitlines()) for path in SOURCES}

    assert {name: count for name, count in lines.items() if count > LARGEST_FILE} == {}


def test_functions_are_short_enough_to_read() -> None:
    lengths = {
        f"{name_of(path)}:{node.name}": (node.end_lineno or node.lineno) - node.lineno
        for path in SOURCES
        for node in statements(tree_of(path))
        if isinstance(node, FUNCTIONS)
    }

    assert {name for name, length in lengths.items() if length >= LONGEST_FUNCTION} == set()


def imported(path: Path) -> set[str]:
    """The modules of the product that a file imports, wherever in the file that stands."""
    names: set[str] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom) and node.module:
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= {name if name in MODULES else node.module for name in inside}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names & MODULES.keys()


def dotted(path: Path) -> str:
    """`connector/relay/relay.py` as `connector.relay.relay`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {dotted(path): path for path in PRODUCT}


def wrong_imports(package: str) -> list[str]:
    """The imports of a package that go against the arrows."""
    permitted = {package, *ALLOWED[package], *(() if package == "workbench.simulator" else SHARED)}
    return [
        f"{module} imports {name}"
        for module, path in MODULES.items()
        if f"{module}.".startswith(f"{package}.")
        for name in imported(path) - {"connector", "workbench"}
        if not any(f"{name}.".startswith(f"{one}.") for one in permitted)
    ]


def test_arrows_run_one_way() -> None:
    assert [wrong for package in ALLOWED for wrong in wrong_imports(package)] == []


def test_what_is_deployed_knows_nothing_of_the_workbench() -> None:
    assert [name_of(path) for path in DEPLOYED if any(name.startswith("workbench") for name in imported(path))] == []


def test_no_module_imports_itself_in_a_circle() -> None:
    """Imports inside functions and for type checkers count too."""
    arrows = {name: imported(path) - {name} for name, path in MODULES.items()}
    while leaves := {name for name, targets in arrows.items() if not targets & arrows.keys()}:
        arrows = {name: targets for name, targets in arrows.items() if name not in leaves}

    assert {name: targets & arrows.keys() for name, targets in arrows.items()} == {}


def test_what_the_readme_tells_to_type_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"make ([a-z]+)", (ROOT / "README.md").read_text()))

    assert {"run", "demo", "test", "export", "check", "package", "bench", "torture"} <= targets
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)


def test_links_between_pages_lead_somewhere() -> None:
    pages = [path for path in FILES if path.suffix == ".md" and path.exists()]
    links = [(page, link) for page in pages for link in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text())]

    assert len(links) > 20
    assert [f"{name_of(page)} -> {link}" for page, link in links if not (page.parent / link).exists()] == []


def test_ci_runs_the_readmes_own_test_command() -> None:
    assert "make test" in (ROOT / ".ci" / "run").read_text()
    assert "make test" in (ROOT / "README.md").read_text()


def test_lock_files_name_no_download_address() -> None:
    locks = [path for path in FILES if path.name == "package-lock.json"]

    assert locks
    assert [name_of(path) for path in locks if '"resolved": "http' in path.read_text()] == []


def test_what_is_deployed_is_pinned_with_hashes() -> None:
    """`make lock` pins what `requirements.in` asks for."""
    entries = (ROOT / "requirements.lock").read_text().replace("\\\n", " ").splitlines()
    pins = [(Requirement(text), hashes) for text, *hashes in (entry.split(" --hash=") for entry in entries)]
    asked = [
        Requirement(line) for line in (ROOT / "requirements.in").read_text().splitlines() if line and line[0] != "#"
    ]

    assert [str(pin) for pin, hashes in pins if not hashes or not str(pin.specifier).startswith("==")] == []
    assert len(asked) > 5
    assert [str(one) for one in asked if not any(is_met(one, pin) for pin, _ in pins)] == []
    assert (ROOT / "requirements.txt").read_text().endswith("\n-r requirements.lock\n")


def is_met(asked: Requirement, pin: Requirement) -> bool:
    """Whether a pinned version is one that is asked for."""
    return pin.name == asked.name and asked.specifier.contains(str(pin.specifier)[2:])


def test_what_is_deployed_is_what_runs() -> None:
    """Every module that the app can reach is deployed, and nothing else of ours is."""
    reached, ahead = set[str](), {"connector.serving.functions", *(name for name in MODULES if ".catalog." in name)}
    while ahead:
        name = ahead.pop()
        reached.add(name)
        parents = {name.rsplit(".", count)[0] for count in range(1, name.count(".") + 1)}
        ahead |= (imported(MODULES[name]) | parents) - reached

    assert {dotted(path) for path in DEPLOYED} == reached
    assert {path for path in shipped() if path.suffix == ".py"} == {*DEPLOYED, ROOT / "function_app.py"}


def test_the_package_has_no_file_that_is_never_read() -> None:
    """Beside Python: what the host reads, the licence, and files that a module of `connector` names."""
    data = {name_of(path) for path in shipped() if path.suffix != ".py"}

    assert {"host.json", "requirements.txt", "requirements.lock", "LICENSE"} <= data
    assert {name for name in data if not name.startswith(READ_IN_AZURE)} == set()


def shipped() -> list[Path]:
    """The files of the repository that `.funcignore` lets into the package."""
    ignored = GitIgnoreSpec.from_lines((ROOT / ".funcignore").read_text().splitlines())
    return [path for path in FILES if not ignored.match_file(name_of(path))]


def test_host_json_is_what_the_app_relies_on() -> None:
    host = json.loads((ROOT / "host.json").read_text())

    assert host["version"] == "2.0"
    assert host["extensions"]["http"]["routePrefix"] == ""
    assert host["extensionBundle"]["version"] == "[4.*, 5.0.0)"
    assert len(operations()) > 60


def test_decisions_have_a_date_a_status_and_a_place_in_the_index() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text()
    for path in folder.glob("*.md"):
        if path.name != "README.md":
            title, _, dated = path.read_text().split("\n", 3)[:3]
            assert (match := re.fullmatch(r"(\d{4}-\d\d-\d\d) · (accepted|replaced by \[.+\]\(.+\))", dated)), name_of(
                path
            )
            assert f"| {match[1]} | {match[2]} | [{title[2:]}]({path.name}) |" in index


def test_generated_text_is_marked_as_such() -> None:
    attributes = (ROOT / ".gitattributes").read_text()
    for path in exporting.rendered(renders=exporting.DOCUMENTS):
        assert f"docs/{path.partition('/')[0]}{'/**' if '/' in path else ''} linguist-generated" in attributes
    assert "connector/definition/** linguist-generated" in attributes


def test_packages_say_what_they_hold() -> None:
    packages = [path for path in PRODUCT if path.name == "__init__.py"]

    assert [name_of(path) for path in packages if not ast.get_docstring(tree_of(path))] == []


def test_files_that_pages_name_exist() -> None:
    """Paths in backticks, below the repository or one of its packages; names in capitals are placeholders."""
    pages = [path for path in FILES if path.suffix == ".md" and path.name != "CHANGELOG.md" and path.exists()]
    known = {name_of(file) for file in FILES} | {f"{name_of(file.parent)}/" for file in FILES}
    named = {
        (name_of(page), name)
        for page in pages
        if "released" not in page.parts
        for name in re.findall(r"`([a-z_]+/[\w/.-]*(?:\.py|/))`", page.read_text())
        if not re.search("[A-Z]{3}", name)
    }

    assert (
        sorted((page, name) for page, name in named if not any(f"/{one}".endswith(f"/{name}") for one in known)) == []
    )


def test_the_architecture_page_names_every_package() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    packages = [path for path in (ROOT / "connector").iterdir() if (path / "__init__.py").exists()]
    packages += [path for path in (ROOT / "workbench").iterdir() if (path / "__init__.py").exists()]

    assert [name_of(path) for path in packages if f"`{name_of(path)}/`" not in page] == []


def test_every_promise_of_the_security_page_names_a_test_that_exists() -> None:
    page = (ROOT / "docs" / "security.md").read_text()
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page)

    assert len(named) > 25
    for path, test in named:
        assert re.search(rf"def {test}\(", (ROOT / path).read_text()), f"{path}::{test}"


def test_keyword_arguments_are_typed() -> None:
    """`**options: Any` switches the type checker off for every caller: say `Unpack[…]`, `object` or name them."""
    untyped = [
        f"{name_of(path)}:{node.name}"
        for path in PRODUCT
        for node in ast.walk(tree_of(path))
        if isinstance(node, FUNCTIONS) and (rest := node.args.kwarg)
        if rest.annotation is None or ast.unparse(rest.annotation) == "Any"
    ]

    assert untyped == []


def test_concurrency_is_structured() -> None:
    """`asyncio.gather` leaves the others running when one fails; `runtime.together` and task groups do not."""
    for path in PRODUCT:
        calls = [ast.unparse(node.func) for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)]
        assert not [call for call in calls if call.split(".")[-1] == "gather"], name_of(path)
