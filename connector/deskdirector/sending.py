"""One prepared request, sent until it is answered or there is no sense in trying again."""

import asyncio
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connector.deskdirector import errors, upstream_errors
from connector.deskdirector.endpoint import Endpoint
from connector.deskdirector.retry import Sent, retry_after_seconds, wait_before_retry
from connector.deskdirector.sites import development_pairs
from connector.runtime import close_with_loop, per_loop
from connector.settings import Settings

if TYPE_CHECKING:
    from httpx import TransportError

    from connector.deskdirector.transport import AiohttpTransport, Answer

CONNECT_SECONDS = 10.0
REPEATABLE_SECONDS = 65.0
"""What one attempt of a repeatable call gets: the server's own database limit (a minute), and then some."""


@dataclass(slots=True)
class Outgoing:
    """One upstream request, ready to be sent as often as it takes. `site_host` is for people, `origin` is called."""

    endpoint: Endpoint
    site_host: str
    origin: str
    target: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)


async def send(request: Outgoing, settings: Settings, deadline: float) -> "Answer":
    """Send, and again as `retry.py` decides, until `deadline` (of `time.monotonic`).

    Gives the last answer, whatever its status; raises `ConnectorError` when there was none.
    """
    from httpx import TransportError

    transport = _transport(settings)
    attempt = 1
    while True:
        outcome: int | Sent
        try:
            answer = await _attempt(transport, request, deadline)
        except TransportError as problem:
            outcome, retry_after = _how_far(problem, request), None
        else:
            if answer.status < 400:
                return answer
            outcome, retry_after = answer.status, retry_after_of(answer)
        wait = wait_before_retry(
            outcome,
            idempotent=request.endpoint.idempotent,
            attempt=attempt,
            remaining=deadline - time.monotonic(),
            jitter=random.random(),  # noqa: S311 (spreads retries, hides nothing)
            retry_after=retry_after,
        )
        if wait is None:
            if isinstance(outcome, Sent):
                raise _no_answer(outcome, request.endpoint)
            return answer
        await asyncio.sleep(wait)
        attempt += 1


def retry_after_of(answer: "Answer") -> float | None:
    """The seconds that an answer asks to wait."""
    return retry_after_seconds(answer.headers.get("retry-after"), datetime.now(UTC))


async def _attempt(transport: "AiohttpTransport", request: Outgoing, deadline: float) -> "Answer":
    from connector.deskdirector.transport import Timeout

    remaining = deadline - time.monotonic()
    if remaining <= 0:
        raise upstream_errors.budget_spent()
    whole = min(remaining, REPEATABLE_SECONDS) if request.endpoint.idempotent else remaining
    return await transport.exchange(
        request.endpoint.method,
        request.origin,
        request.target,
        request.headers,
        request.body,
        Timeout(min(CONNECT_SECONDS, remaining), whole),
    )


def _how_far(problem: "TransportError", request: Outgoing) -> Sent:
    """Whether the request may have been sent; raises for what no further attempt can change."""
    import httpx

    from connector.deskdirector import transport

    host = request.site_host
    match problem:
        case transport.NameNotFound():
            raise errors.BadRequest(
                "SiteNotFound", f"There is no host {host}; check the site host for a typing error."
            ) from None
        case transport.AddressRefused():
            raise errors.Forbidden(
                "SiteNotAllowed", f"{host} is not on the public internet; it is not called."
            ) from None
        case transport.CertificateRefused():
            raise errors.BadGateway(
                "SiteCertificateInvalid", f"The certificate of {host} is not valid; check the host, or have it renewed."
            ) from None
        case transport.AnswerTooLarge() if request.endpoint.idempotent:
            raise errors.BadGateway("AnswerTooLarge", "DeskDirector's answer is too large; ask for less.") from None
        case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.PoolTimeout():
            return Sent.NO
    return Sent.MAYBE


def _no_answer(outcome: Sent, endpoint: Endpoint) -> errors.ConnectorError:
    if outcome is Sent.NO:
        return errors.Unavailable("SiteUnreachable", "DeskDirector cannot be reached; try again later.", retry_after=10)
    if endpoint.idempotent:
        return errors.Unavailable("UpstreamSilent", "DeskDirector did not answer; try again later.", retry_after=10)
    return upstream_errors.outcome_unknown("DeskDirector took the request but gave no answer.")


@per_loop
def _transport(settings: Settings) -> "AiohttpTransport":
    """The one transport of this event loop (and settings)."""
    from connector.deskdirector.transport import AiohttpTransport

    transport = AiohttpTransport(
        exempt=development_pairs(settings),
        max_answer=settings.max_answer_mb * 2**20,
        per_host=settings.site_connections,
    )
    close_with_loop(transport.aclose)
    return transport
