"""Writes all files that are generated from the catalog, and reports stale ones.

What generates files has a function `render(operations, host)` that returns them by path and stands in `FACES` (paths
below `connector/definition`) or in `DOCUMENTS` (paths below `docs`). Rendering is pure: the same catalog and host give
the same bytes.
"""

import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from connector.catalog import operations
from connector.operations.operation import Operation
from workbench.generators import (
    console,
    copilot,
    endpoint_docs,
    error_docs,
    fault_docs,
    function_table,
    input_docs,
    openapi,
    operation_docs,
    parity,
    power_platform,
    recipes,
    settings_docs,
)
from workbench.generators import mcp_definition as mcp
from workbench.generators.copilot import package as copilot_package
from workbench.generators.identity import PLACEHOLDER_HOST
from workbench.generators.power_platform import package as power_platform_package
from workbench.generators.recipes import package as recipes_package

Render = Callable[[Mapping[str, Operation], str], Mapping[str, bytes]]
Package = Callable[[Mapping[str, Operation], Path, str], str]

FACES: tuple[Render, ...] = (
    power_platform.render,
    mcp.render,
    openapi.render,
    copilot.render,
    console.render,
    function_table.render,
)
DOCUMENTS: tuple[Render, ...] = (
    operation_docs.render,
    settings_docs.render,
    parity.render,
    error_docs.render,
    fault_docs.render,
    endpoint_docs.render,
    input_docs.render,
    recipes.render,
)
PACKAGES: tuple[Package, ...] = (
    power_platform_package.package,
    mcp.package,
    copilot_package.package,
    recipes_package.package,
)
"""What builds files for upload; each returns what is left for a person to do."""

REMEDY = "run `make export`"
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)


def rendered(host: str = PLACEHOLDER_HOST, renders: Sequence[Render] | None = None) -> dict[str, bytes]:
    """Every file that `renders` (the faces when left out) generate, by path.

    Raises `ValueError` for a host that is not a plain host name, or when two of them claim the same path.
    """
    files: dict[str, bytes] = {}
    for render in FACES if renders is None else renders:
        made = render(operations(), checked_host(host))
        if taken := files.keys() & made.keys():
            raise ValueError(f"two faces generate {', '.join(sorted(taken))}")
        files.update(made)
    return files


def export(folder: Path, host: str = PLACEHOLDER_HOST, renders: Sequence[Render] | None = None) -> list[str]:
    """Write what has changed below `folder`; the paths that were written."""
    files = rendered(host, renders)
    changed = [path for path, content in files.items() if not _same(folder / path, content)]
    for path in changed:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(files[path])
    return changed


def stale(folder: Path, host: str = PLACEHOLDER_HOST, renders: Sequence[Render] | None = None) -> list[str]:
    """What an export would change below `folder`, one line each: files that differ or are missing, and leftovers."""
    files = rendered(host, renders)
    behind = [f"{path} differs from the catalog; {REMEDY}" for path in files if not _same(folder / path, files[path])]
    faces = {path.partition("/")[0] for path in files}
    present = {
        found.relative_to(folder).as_posix()
        for face in faces
        for found in (folder / face).rglob("*")
        if found.is_file()
    }
    return behind + [f"{path} is made by no face; delete it" for path in sorted(present - files.keys())]


def package(folder: Path, host: str = PLACEHOLDER_HOST) -> str:
    """Build everything that people upload below `folder`; what they have to do with it."""
    return "\n\n".join(build(operations(), folder, checked_host(host)) for build in PACKAGES)


def checked_host(host: str) -> str:
    """A plain host name; raises `ValueError` for anything else."""
    if not _HOST.fullmatch(host):
        raise ValueError(f"'{host}' is not a host name; give it without https:// and without a path.")
    return host


def _same(path: Path, content: bytes) -> bool:
    if not path.is_file():
        return False
    present = path.read_bytes()
    return present == content or (path.suffix == ".png" and _pixels(present) == _pixels(content))


def _pixels(png: bytes) -> bytes | None:
    """Header and raw image data of one of our own PNG files: compressors differ between machines, pixels do not."""
    match = re.fullmatch(rb"\x89PNG\r\n\x1a\n(.{25}).{4}IDAT(.*).{4}\0{4}IEND.{4}", png, re.DOTALL)
    try:
        return match[1] + zlib.decompress(match[2]) if match else None
    except zlib.error:
        return None
