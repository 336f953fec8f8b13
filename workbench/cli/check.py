"""`check` and `diff`: the definitions against Microsoft's rules, and against what was released before."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import typer

from connector.serving.mcp.tools import all_tools
from workbench.checks.copilot import check_copilot, check_foundry_openapi, check_people_openapi
from workbench.checks.diff import changes_between, changes_to_json, changes_to_text
from workbench.checks.finding import Finding, exit_code, to_json, to_text
from workbench.checks.mcp_definition import check_mcp_definitions, unreadable
from workbench.checks.mcp_tools import check_mcp_tools
from workbench.checks.power_platform import check_power_platform
from workbench.checks.reading import read_object
from workbench.generators.export import rendered


def check_definitions(folder: Path, *, as_json: bool) -> int:
    """Check everything below `folder`: 1 when anything breaks a rule, 2 when there is no such folder.

    Warnings count, since a reviewer will count them too.
    """
    if not folder.is_dir():
        typer.echo(f"There is no folder {folder}.", err=True)
        return 2
    findings = list(_findings(folder))
    findings += _missing(folder, {finding.file for finding in findings})
    if as_json:
        typer.echo(json.dumps(to_json(findings), ensure_ascii=False))
    else:
        typer.echo(to_text(findings))
    return exit_code(findings, strict=True)


def compare(old: Path, new: Path, *, as_json: bool) -> int:
    """Print what changed; 1 when something breaks, 2 when a file cannot be read."""
    try:
        changes = changes_between(old, new)
    except (ValueError, OSError) as problem:
        typer.echo(str(problem), err=True)
        return 2
    if as_json:
        typer.echo(json.dumps(changes_to_json(changes), ensure_ascii=False))
    else:
        typer.echo(changes_to_text(changes))
    return 1 if any(change.breaking for change in changes) else 0


def _findings(folder: Path) -> Iterator[Finding]:
    checks = {
        "power-platform": check_power_platform,
        "copilot": check_copilot,
        "mcp": _check_mcp,
        "openapi": _check_openapi,
    }
    for name, check in checks.items():
        for finding in check(folder / name):
            yield replace(finding, file=f"{name}/{finding.file}")


def _missing(folder: Path, reported: set[str]) -> Iterator[Finding]:
    """What `export` writes and is not there, unless a rule of its own has reported it."""
    for path in rendered():
        if path not in reported and not (folder / path).is_file():
            yield Finding(path, "", "ArtifactMissing", "error", "The file is missing.", "Export the definitions again.")


def _check_mcp(folder: Path) -> Iterator[Finding]:
    yield from check_mcp_definitions(folder)
    yield from check_mcp_tools([tool.described() for tool in all_tools().values()])


def _check_openapi(folder: Path) -> Iterator[Finding]:
    """The file for models, and the one for people, which may have what models cannot take."""
    for path in sorted(folder.glob("*.json")):
        document, problem = read_object(path)
        if problem:
            yield unreadable(path.name, problem)
        else:
            check = check_foundry_openapi if "foundry" in path.name else check_people_openapi
            yield from check(document, path.name)
