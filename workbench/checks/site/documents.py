"""A site's own OpenAPI documents, or files of them that a person saved."""

from collections.abc import Sequence
from pathlib import Path

from connector.deskdirector.client import DeskDirector
from connector.deskdirector.discovery.findings import Findings
from connector.deskdirector.discovery.reading import Limits, read_files, read_site
from connector.deskdirector.discovery.site_routes import asking
from connector.deskdirector.discovery.targets import targets


async def documented_routes(dd: DeskDirector, files: Sequence[Path] = ()) -> Findings:
    """What the documents have of the routes that nobody has published; raises `OSError` for an unreadable file."""
    limits = Limits()
    if files:
        return await read_files([(path.name, _bounded(path, limits)) for path in files], targets())
    async with asking(dd.connection, dd.settings, limits) as ask:
        return await read_site(dd.site, ask, targets(), limits)


def _bounded(path: Path, limits: Limits) -> bytes:
    if path.stat().st_size > limits.document:
        raise OSError(f"{path} is larger than {limits.document // 2**20} MiB.")
    return path.read_bytes()
