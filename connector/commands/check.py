"""`check` and `diff`: the definitions against Microsoft's rules, and against what was released before."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import typer

from ..checks.copilot import check_copilot, check_foundry_openapi
from ..checks.diff import changes_between, changes_to_json, changes_to_text
from ..checks.finding import Finding, exit_code, to_json, to_text
from ..checks.mcp_tools import check_mcp_tools
from ..checks.power_platform import check_definition, check_power_platform, check_properties
from ..faces.mcp.tools import all_tools


def check_definitions(folder: Path, *, as_json: bool) -> int:
    """Check everything below `folder`; warnings count, since a reviewer will count them too."""
    findings = list(_findings(folder))
    if as_json:
        typer.echo(json.dumps(to_json(findings), ensure_ascii=False))
    else:
        typer.echo(to_text(findings))
    return exit_code(findings, strict=True)


def compare(old: Path, new: Path, *, as_json: bool) -> int:
    """Tell what changed; 1 when something breaks, 2 when a file cannot be read."""
    try:
        changes = changes_between(old, new)
    except (OSError, ValueError) as problem:
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


def _check_mcp(folder: Path) -> Iterator[Finding]:
    properties = json.loads((folder / "apiProperties.json").read_bytes())
    for path in sorted(folder.glob("*.swagger.json")):
        definition = json.loads(path.read_bytes())
        yield from check_definition(definition, path.name)
        yield from check_properties(properties, definition)
    yield from check_mcp_tools([tool.described() for tool in all_tools().values()])


def _check_openapi(folder: Path) -> Iterator[Finding]:
    """The file for models; the one for people may have what models cannot take."""
    for path in sorted(folder.glob("*.foundry.json")):
        yield from check_foundry_openapi(json.loads(path.read_bytes()), path.name)
