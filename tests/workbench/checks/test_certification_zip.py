"""The layout of the zip for certification."""

import io
import zipfile
from pathlib import Path

import pytest

from workbench.checks.certification_zip import check_certification_zip, zip_rules

SOLUTION = ("[Content_Types].xml", "customizations.xml", "solution.xml", "Connector/connector.json")
FLOW = (*SOLUTION, "Workflows/flow.json")
PLUGIN = (*SOLUTION, "aiplugins/plugin.xml", "aipluginoperations/operation.xml")


def pack(*entries: str | tuple[str, bytes]) -> bytes:
    """A zip of empty files, or of files with the given content."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for entry in entries:
            name, content = entry if isinstance(entry, tuple) else (entry, b"")
            archive.writestr(name, content)
    return buffer.getvalue()


def upload(*solutions: tuple[str, ...], folder: str = "PkgAssets", extra: tuple[str, ...] = ()) -> bytes:
    """The zip to upload, with these solutions in it."""
    assets = [(f"{folder}/solution{index}.zip", pack(*files)) for index, files in enumerate(solutions)]
    return pack("intro.md", ("package.zip", pack(*assets)), *extra)


CASES = {
    "UploadContentNotValid": upload(SOLUTION, FLOW, extra=("readme.md",)),
    "PackageFolderNotValid": upload(SOLUTION, FLOW, folder="Assets"),
    "SolutionCountNotValid": upload(SOLUTION, FLOW, PLUGIN, PLUGIN),
    "SolutionFileMissing": upload(SOLUTION[1:], FLOW),
    "SolutionWithoutConnector": upload(SOLUTION[:3], FLOW),
    "SolutionRoleNotUnique": upload(SOLUTION, SOLUTION),
}


def findings(tmp_path: Path, content: bytes) -> set[str]:
    (tmp_path / "upload.zip").write_bytes(content)
    return {finding.rule for finding in check_certification_zip(tmp_path / "upload.zip")}


@pytest.mark.parametrize("solutions", [(SOLUTION, FLOW), (FLOW, PLUGIN, SOLUTION)])
def test_a_good_zip_has_no_findings(solutions: tuple[tuple[str, ...], ...], tmp_path: Path) -> None:
    assert findings(tmp_path, upload(*solutions)) == set()


def test_every_rule_has_a_case_that_breaks_it() -> None:
    assert zip_rules.rules.keys() == CASES.keys()


@pytest.mark.parametrize("rule", CASES)
def test_a_fault_is_caught_by_its_rule(rule: str, tmp_path: Path) -> None:
    also = {"SolutionRoleNotUnique"} if rule == "SolutionCountNotValid" else set()
    assert findings(tmp_path, CASES[rule]) == {rule} | also


def test_a_plugin_solution_must_not_hold_a_flow(tmp_path: Path) -> None:
    assert findings(tmp_path, upload(SOLUTION, FLOW, (*PLUGIN, "Workflows/flow.json"))) == {"SolutionRoleNotUnique"}


def test_what_is_no_zip_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(zipfile.BadZipFile):
        findings(tmp_path, b"not a zip")
