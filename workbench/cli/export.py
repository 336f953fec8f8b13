"""`export`: what the examples answer, the definitions, the documents."""

from pathlib import Path

import typer

from workbench.cli.recording import record
from workbench.generators.examples import ANSWERS
from workbench.generators.export import DOCUMENTS, export


def export_everything(root: Path, host: str) -> list[str]:
    """Write what has changed of everything that is generated and committed; the paths, relative to `root`."""
    before = ANSWERS.read_bytes() if ANSWERS.exists() else b""
    for name in record(root):
        typer.echo(f"The example of {name} fails; mend it in workbench/generators/examples/inputs.py.", err=True)
    written = [] if ANSWERS.read_bytes() == before else [str(ANSWERS.relative_to(root))]
    for folder, renders in (("connector/definition", None), ("docs", DOCUMENTS)):
        written += [f"{folder}/{path}" for path in export(root / folder, host, renders)]
    return written
