"""`export` and `package`: what the examples answer, the definitions, the documents, the files to upload."""

import os
from pathlib import Path

import typer

from workbench.checks.certification_zip import check_certification_zip
from workbench.checks.finding import exit_code, to_text
from workbench.cli.bill_of_materials import write_bill_of_materials
from workbench.cli.recording import record
from workbench.cli.wheel import write_wheel
from workbench.generators.examples import ANSWERS
from workbench.generators.export import DOCUMENTS, checked_host, export, package
from workbench.generators.identity import published_by, publisher_from
from workbench.generators.power_platform import FOLDER


def export_everything(root: Path, host: str) -> list[str]:
    """Write what has changed of everything that is generated and committed; the paths, relative to `root`."""
    checked_host(host)
    before = ANSWERS.read_bytes() if ANSWERS.exists() else b""
    for name in record(root):
        typer.echo(f"The example of {name} fails; correct it in workbench/generators/examples/inputs.py.", err=True)
    written = [] if ANSWERS.read_bytes() == before else [str(ANSWERS.relative_to(root))]
    for folder, renders in (("connector/definition", None), ("docs", DOCUMENTS)):
        written += [f"{folder}/{path}" for path in export(root / folder, host, renders)]
    return written


def package_everything(root: Path, folder: Path, host: str, *, only_uploads: bool = False) -> int:
    """Build what people upload below `folder`, check the zip for certification, print what is left to do.

    They are in the name of the publisher that PUBLISHER_… variables name. 1 when the zip breaks a rule of
    Microsoft's.
    """
    with published_by(publisher_from(os.environ)):
        typer.echo(package(folder, host))
    if not only_uploads:
        typer.echo(f"\nWhat the deployed app consists of: {write_bill_of_materials(root, folder)}")
        typer.echo(f"The command line, for `pipx install` or `uvx --from`: {write_wheel(root, folder)}")
    findings = [
        finding for path in sorted((folder / FOLDER).glob("*.zip")) for finding in check_certification_zip(path)
    ]
    if findings:
        typer.echo(to_text(findings), err=True)
    return exit_code(findings, strict=True)
