"""What the app knows of sites' own routes: read at most once a day per site, beside the calls and never in their way.

It is read when an assumed route turned out to be missing, and then by one caller for all. Where the reading fails, what
was known before stays. The modules that read are imported by the first reading: most apps start without one.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from connector.deskdirector.connection import Connection
from connector.deskdirector.endpoint import Endpoint
from connector.deskdirector.errors import ConnectorError
from connector.deskdirector.no_answer import AnswerTooLarge, NoAnswer
from connector.deskdirector.sites import Site, development_pairs
from connector.deskdirector.transport import AiohttpTransport, Answer, Timeout
from connector.runtime import ExpiringCache, SharedWork, per_loop
from connector.settings import Settings

if TYPE_CHECKING:
    from connector.deskdirector.discovery.findings import Findings
    from connector.deskdirector.discovery.reading import Ask, Limits

logger = logging.getLogger("connector")

DAY = 86_400.0
SOON = 60.0
"""When to look again for what another process is reading."""
REMEMBERED = 1_000
WAIT_SHARE = 1 / 9
"""How much of its budget a call waits for a reading (10 of 90 seconds); the reading itself goes on."""
CONNECT_SECONDS, ANSWER_SECONDS = 10.0, 30.0


@dataclass(frozen=True, slots=True)
class Recalled:
    """The kept findings of a site, and whether the caller is the one to read today's."""

    content: bytes | None
    is_to_be_read: bool
    is_final: bool
    """Whether this is today's word; if not, it comes soon."""


class FindingsKeeper(Protocol):
    """Keeps findings between processes; raises `ConnectorError` when it cannot."""

    async def recall(self, site: str) -> Recalled:
        """The kept findings; at most one caller a day and site is asked to read, and then to `keep`."""
        ...

    async def keep(self, site: str, content: bytes) -> None:
        """Keep today's findings."""
        ...


class SiteRoutes:
    """The findings that one event loop knows, by site."""

    def __init__(self) -> None:
        self._known: ExpiringCache[str, Findings] = ExpiringCache(REMEMBERED)
        self._reading: SharedWork[str, Findings] = SharedWork()

    def located(self, site: Site, endpoint: Endpoint) -> Endpoint:
        """The endpoint where the site's documents have exactly it; as it is when they do not, or are not read yet."""
        findings = self._known.get(site.origin, None)
        match = findings.exact(endpoint.name) if findings else None
        return replace(endpoint, method=match.method, path=match.path, evidence="found") if match else endpoint

    async def sought(self, connection: Connection, settings: Settings, keeper: FindingsKeeper | None) -> "Findings":
        """What the site's documents have, as far as that is known within the time that a call may wait. Never raises.

        Call it only with a connection that DeskDirector has accepted: its key may be sent to the site's swagger page.
        """
        from connector.deskdirector.discovery.findings import Findings

        if settings.discovery == "off":
            return Findings()
        site = connection.site.origin
        known = self._known.get(site, None)
        if known is not None:
            return known
        try:
            async with asyncio.timeout(settings.budget_seconds * WAIT_SHARE):
                return await self._reading.run(site, lambda: self._find(connection, settings, keeper))
        except TimeoutError:
            return Findings()

    async def _find(self, connection: Connection, settings: Settings, keeper: FindingsKeeper | None) -> "Findings":
        from connector.deskdirector.discovery.findings import Findings

        site = connection.site.origin
        try:
            findings, seconds = await self._recalled_or_read(connection, settings, keeper)
        except Exception as problem:  # noqa: BLE001  a reading must never break the call that it helps
            logger.error("reading the documents of a site failed with %s", type(problem).__name__)
            findings, seconds = Findings(), DAY
        self._known.put(site, findings, seconds)
        return findings

    async def _recalled_or_read(
        self, connection: Connection, settings: Settings, keeper: FindingsKeeper | None
    ) -> "tuple[Findings, float]":
        from connector.deskdirector.discovery.findings import Findings
        from connector.deskdirector.discovery.reading import IN_THE_APP, read_site
        from connector.deskdirector.discovery.targets import targets

        recalled = await _recall(connection.site, keeper)
        kept = Findings.from_json(recalled.content) if recalled.content else None
        if not recalled.is_to_be_read:
            return kept or Findings(), DAY if recalled.is_final else SOON
        async with asking(connection, settings, IN_THE_APP) as ask:
            findings = await read_site(connection.site, ask, targets(), IN_THE_APP)
        if not findings.operations and kept:
            findings = kept
        if keeper:
            try:
                await keeper.keep(connection.site.origin, findings.to_json())
            except ConnectorError as problem:
                logger.warning("findings could not be kept: %s", problem.code)
        return findings, DAY


async def _recall(site: Site, keeper: FindingsKeeper | None) -> Recalled:
    try:
        return await keeper.recall(site.origin) if keeper else Recalled(None, is_to_be_read=True, is_final=False)
    except ConnectorError as problem:
        logger.warning("kept findings could not be read: %s", problem.code)
        return Recalled(None, is_to_be_read=True, is_final=False)


@asynccontextmanager
async def asking(connection: Connection, settings: Settings, limits: "Limits") -> AsyncIterator["Ask"]:
    """A way to GET paths of the connection's site, with connections of its own: calls are not held up by it."""
    from connector.deskdirector.discovery.reading import SilentError

    transport = AiohttpTransport(exempt=development_pairs(settings), max_answer=limits.document, per_host=1)
    plain = {"Accept-Encoding": "gzip, deflate", "User-Agent": "deskdirector-connector"}

    async def ask(path: str, accept: str, with_key: bool) -> Answer:
        headers = {**plain, "Accept": accept}
        if with_key:
            headers["Authorization"] = connection.authorization
        timeout = Timeout(CONNECT_SECONDS, ANSWER_SECONDS)
        try:
            return await transport.exchange("GET", connection.site.origin, path, headers, None, timeout)
        except AnswerTooLarge:
            raise SilentError(f"it is larger than {limits.document // 2**20} MiB") from None
        except NoAnswer:
            raise SilentError("it did not answer") from None

    try:
        yield ask
    finally:
        await transport.aclose()


@per_loop
def site_routes() -> SiteRoutes:
    """What the running event loop knows."""
    return SiteRoutes()
