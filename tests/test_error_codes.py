"""No error is raised with a code, or a status, that the table of codes does not have."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.catalog import operations
from connector.deskdirector import errors
from connector.deskdirector.endpoints import ENDPOINTS
from connector.operations.field_model import Field
from connector.operations.signature import signature_of
from tests.desk import ROOT
from workbench.generators.error_codes import BY_ID, BY_NAME, ERROR_CODES
from workbench.generators.failures import FAILURES

KINDS = {
    name: kind.status
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.ConnectorError)
}
COMPUTED = {
    "connector/resolving/references.py": "the code of a noun, see `test_every_noun_has_its_codes`",
    "connector/deskdirector/upstream_errors.py": "the code of a noun, and a table by status",
    "connector/deskdirector/body_schemas.py": "one of two literals",
    "connector/catalog/raw.py": "one of two names",
    "connector/resolving/bulk_runs.py": "the code of the refusal that it explains",
}
"""Where codes are no literals. Whatever looks like a code in such a file has to be in the table too."""
CODE = re.compile(r"(?:[A-Z][a-z]+){2,}(?<!Request)")
FILES = [path for path in sorted((ROOT / "connector").rglob("*.py")) if path.name != "errors.py"]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def raised(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Every construction of an error, with the name of its class."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
            if name in KINDS and node.args:
                yield name, node
        elif isinstance(node, ast.ClassDef):
            base = next((name for one in node.bases if (name := getattr(one, "id", "")) in KINDS), "")
            calls = [one for one in ast.walk(node) if isinstance(one, ast.Call)]
            yield from ((base, call) for call in calls if base and ast.unparse(call.func) == "super().__init__")


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_codes_and_statuses_are_in_the_table(path: Path) -> None:
    tree = ast.parse(path.read_text())
    constants = {ast.unparse(one.targets[0]): one.value for one in tree.body if isinstance(one, ast.Assign)}
    for kind, call in raised(tree):
        node = constants.get(ast.unparse(call.args[0]), call.args[0])
        where = f"{name_of(path)}:{call.lineno}"
        if isinstance(node, ast.Constant):
            code = str(node.value)
            assert code in ERROR_CODES, f"{where}: add {code} to workbench/generators/error_codes.py"
            expected = ERROR_CODES[code]
            assert KINDS[kind] in expected.statuses, f"{where}: {code} is documented with {expected.statuses}"
            repeats = any(word.arg == "retry_after" for word in call.keywords)
            assert repeats == (expected.retry == "after `Retry-After`"), f"{where}: {code} and Retry-After"
        else:
            assert name_of(path) in COMPUTED, f"{where}: give the code as a literal"


@pytest.mark.parametrize("path", COMPUTED)
def test_computed_codes_are_in_the_table(path: str) -> None:
    nodes = ast.walk(ast.parse((ROOT / path).read_text()))
    codes = {one.value for one in nodes if isinstance(one, ast.Constant) and CODE.fullmatch(str(one.value))}

    assert codes - ERROR_CODES.keys() - KINDS.keys() == set()


def test_every_noun_has_its_codes() -> None:
    assert {field.reference.noun for field in all_inputs() if field.reference} <= {*BY_NAME}
    last = {endpoint.parameters[-1].removesuffix("Id") for endpoint in ENDPOINTS.values() if endpoint.parameters}
    assert {f"{name[0].upper()}{name[1:]}NotFound" for name in last} <= ERROR_CODES.keys()
    assert len({*BY_NAME}) == len(BY_NAME)
    assert len({*BY_ID}) == len(BY_ID)


def all_inputs() -> Iterator[Field]:
    ahead = [field for operation in operations().values() for _, field in signature_of(operation).fields(operation)]
    while ahead:
        field = ahead.pop()
        yield field
        ahead += [*field.fields, *((field.items,) if field.items else ())]


def test_the_example_of_each_status_is_a_code_of_that_status() -> None:
    for status, failure in FAILURES.items():
        assert status in ERROR_CODES[failure.code].statuses
