"""docs/endpoints.md: every upstream route with its evidence and the setting that replaces it."""

from collections.abc import Mapping

from connector.deskdirector.endpoints import ENDPOINTS
from connector.operations.operation import Operation

PAGE = "endpoints.md"
_HEAD = """\
# Endpoints

Every route of DeskDirector that the app knows. Evidence is `proven` (stated by the vendor, or seen in a script that
calls it in production), `found` (one indirect witness) or `assumed` (the vendor says that it exists, but not where:
look it up on your site's `/swagger` page). Where a site has a route elsewhere, set the variable in the last column to
`METHOD /path` or `/path`, with the same path parameters. Generated from `connector/deskdirector/endpoints.py`.

| Name | Route | Evidence | Setting |
| --- | --- | --- | --- |
"""


def render(operations: Mapping[str, Operation], host: str) -> dict[str, bytes]:
    """The page, by its path below `docs`."""
    del operations, host
    rows = [
        f"| {name} | `{endpoint.method} {endpoint.path}` | {endpoint.evidence} | `{endpoint.setting}` |"
        for name, endpoint in ENDPOINTS.items()
    ]
    return {PAGE: (_HEAD + "\n".join(rows) + "\n").encode()}
