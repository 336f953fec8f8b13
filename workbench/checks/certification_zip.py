"""The layout of the zip that is uploaded for certification, as Microsoft's ConnectorPackageValidator.ps1 wants it.

    upload.zip
    ├── intro.md
    └── package.zip
        └── PkgAssets/
            ├── <connector solution>.zip   Connector/
            ├── <flow solution>.zip        Connector/ Workflows/
            └── <plugin solution>.zip      Connector/ aiplugins/ aipluginoperations/   (only with an AI plugin)

The solutions are exported from a Power Platform environment and cannot be built offline; their layout can be checked.
"""

import io
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from workbench.checks.finding import Finding
from workbench.checks.rules import Faults, RuleBook

ASSETS = "PkgAssets"
SOLUTION_FILES = ("[Content_Types].xml", "customizations.xml", "solution.xml")
PLUGIN_FOLDERS = frozenset({"aiplugins", "aipluginoperations"})

zip_rules: RuleBook["Upload"] = RuleBook()
rule = zip_rules.rule


@dataclass(frozen=True, slots=True)
class Archive:
    """One zip: its name, its files, and the content of those that are zips themselves."""

    name: str
    files: tuple[str, ...]
    inner: tuple["Archive", ...]

    @property
    def folders(self) -> frozenset[str]:
        """The folders at its top."""
        return frozenset(file.split("/", 1)[0] for file in self.files if "/" in file)


class Upload:
    """The zip to upload; a solution is recognised by its folders."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive

    @cached_property
    def package(self) -> Archive | None:
        """The zip beside intro.md."""
        return self.archive.inner[0] if len(self.archive.inner) == 1 else None

    @cached_property
    def solutions(self) -> tuple[Archive, ...]:
        """The zips in PkgAssets."""
        return self.package.inner if self.package else ()


def check_certification_zip(path: Path) -> list[Finding]:
    """The findings of a zip made for certification; raises `OSError` or `zipfile.BadZipFile` when it is none."""
    return zip_rules.check(Upload(_read(path.name, path.read_bytes())), path.name)


@rule("UploadContentNotValid")
def upload(upload: Upload) -> Faults:
    """Put exactly one .md and one .zip into the upload, without folders."""
    suffixes = sorted(PurePosixPath(file).suffix for file in upload.archive.files)
    if suffixes != [".md", ".zip"] or upload.archive.folders:
        yield "", f"The upload holds: {', '.join(upload.archive.files) or 'nothing'}."


@rule("PackageFolderNotValid")
def package(upload: Upload) -> Faults:
    """Put the solutions into the one folder PkgAssets of the package."""
    if upload.package and upload.package.folders != {ASSETS}:
        yield (
            "",
            f"The package has the folders: {', '.join(sorted(upload.package.folders)) or 'none'}.",
            upload.package.name,
        )


@rule("SolutionCountNotValid")
def solution_count(upload: Upload) -> Faults:
    """Export two solutions, connector and flow, and a third with an AI plugin."""
    if upload.package and len(upload.solutions) not in (2, 3):
        yield "", f"There are {len(upload.solutions)} solutions.", upload.package.name


@rule("SolutionFileMissing")
def solution_files(upload: Upload) -> Faults:
    """Export the solution again; every solution has [Content_Types].xml, customizations.xml and solution.xml."""
    for solution in upload.solutions:
        for name in SOLUTION_FILES:
            if name not in solution.files:
                yield "", f"The file '{name}' is missing.", solution.name


@rule("SolutionWithoutConnector")
def connector_folder(upload: Upload) -> Faults:
    """Add the connector to the solution."""
    for solution in upload.solutions:
        if "Connector" not in solution.folders:
            yield "", "There is no folder 'Connector'.", solution.name


@rule("SolutionRoleNotUnique")
def roles(upload: Upload) -> Faults:
    """Make one solution of the connector alone, one with a flow, and at most one with the AI plugin and no flow."""
    found = sorted(_role(solution) for solution in upload.solutions)
    if upload.package and found not in (["connector", "flow"], ["connector", "flow", "plugin"]):
        yield "", f"The solutions are: {', '.join(found) or 'none'}.", upload.package.name


def _role(solution: Archive) -> str:
    folders = solution.folders
    if "Workflows" in folders:
        return "flow with plugin" if folders & PLUGIN_FOLDERS else "flow"
    if folders & PLUGIN_FOLDERS:
        return "plugin" if folders >= PLUGIN_FOLDERS else "half a plugin"
    return "connector"


def _read(name: str, content: bytes) -> Archive:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = [file for file in archive.namelist() if not file.endswith("/")]
        zips = [file for file in files if file.lower().endswith(".zip")]
        return Archive(name, tuple(files), tuple(_read(PurePosixPath(file).name, archive.read(file)) for file in zips))
