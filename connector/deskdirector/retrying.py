"""Sends one request until it is answered or another attempt cannot help; the decision is one pure function.

What the rules rest on, for calls that are not idempotent (creates, sends):
- nothing sent: try again, nothing can have happened;
- 429: try again, a server that counts requests refuses before it works;
- everything else, 503 included: never. A gateway also answers 502, 503 and 504 when the server behind it took the
  request and died, and a 500 or 408 says nothing about what was done before it.
"""

import asyncio
import math
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from connector.deskdirector import errors, no_answer, upstream_errors
from connector.deskdirector.endpoint import Endpoint
from connector.deskdirector.no_answer import NoAnswer, Sent
from connector.deskdirector.sites import development_pairs
from connector.deskdirector.transport import AiohttpTransport, Answer, Timeout
from connector.metrics import METRICS
from connector.runtime import close_with_loop, per_loop
from connector.settings import Settings

ATTEMPTS = 4
FIRST_WAIT = 0.1
LONGEST_WAIT = 8.0
LONGEST_RETRY_AFTER = 24 * 3600.0
CONNECT_SECONDS = 10.0
REPEATABLE_SECONDS = 65.0
"""The limit of one attempt of an idempotent call: the server's own database limit (a minute), and some more."""

_REFUSED_UNDONE = 429
_NEVER_DIFFERENT = (501, 505)  # not implemented, HTTP version: the next answer will be the same


def wait_before_retry(
    outcome: int | Sent,
    *,
    idempotent: bool,
    attempt: int,
    remaining: float,
    jitter: float,
    retry_after: float | None = None,
    attempts: int = ATTEMPTS,
) -> float | None:
    """Seconds to wait before the next attempt; None when there must be none.

    `outcome` is the status that was answered, or how far the request got. `attempt` counts from 1, `remaining` is what
    is left of the budget in seconds, `jitter` is between 0 and 1, `retry_after` is the server's wish in seconds.
    `attempts` is how many there may be.
    """
    if attempt >= attempts or not _may_be_repeated(outcome, idempotent):
        return None
    wait = min(LONGEST_WAIT, FIRST_WAIT * 4 ** (attempt - 1)) * (0.5 + jitter / 2)
    wait = max(wait, retry_after or 0.0)
    # Half of what is left belongs to the attempt itself; a longer wait is better left to the caller's own retry.
    return wait if wait <= remaining / 2 else None


def may_be_done(status: int) -> bool:
    """Whether the work was done, or may have been, when this status was answered."""
    return (status < 400 or status == 408 or status >= 500) and status not in _NEVER_DIFFERENT


def _may_be_repeated(outcome: int | Sent, idempotent: bool) -> bool:
    if outcome is Sent.NO or outcome == _REFUSED_UNDONE:
        return True
    return idempotent and (isinstance(outcome, Sent) or is_transient(outcome))


def is_transient(status: int) -> bool:
    """Whether the same request may well succeed a moment later."""
    return status in (408, 429) or (500 <= status < 600 and status not in _NEVER_DIFFERENT)


def retry_after_seconds(value: str | None, now: datetime) -> float | None:
    """The seconds of a `Retry-After` header: a number, an HTTP date or an ISO date; None when it is impossible."""
    text = (value or "").strip().strip('"')
    try:
        seconds = float(text.partition(",")[0])
    except ValueError:
        moment = _date(text)
        if moment is None:
            return None
        seconds = max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())
    return min(seconds, LONGEST_RETRY_AFTER) if 0 <= seconds < math.inf else None


def _date(text: str) -> datetime | None:
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            return read(text)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None


@dataclass(slots=True)
class Outgoing:
    """One upstream request, ready to be sent, also several times. `site_host` is for people, `origin` is called."""

    endpoint: Endpoint
    site_host: str
    origin: str
    target: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)
    attempts: int = ATTEMPTS


async def send(request: Outgoing, settings: Settings, deadline: float) -> Answer:
    """Send, and again while `wait_before_retry` says so, until `deadline` (of `time.monotonic`).

    Returns the last answer, whatever its status; raises `ConnectorError` when there was none.
    """
    transport = _transport(settings)
    attempt = 1
    while True:
        outcome: int | Sent
        try:
            answer = await _attempt(transport, request, deadline)
        except NoAnswer as failure:
            METRICS.count("connector_upstream_calls", site=request.site_host, outcome=type(failure).__name__)
            outcome, retry_after = failure.sent, None
            if (final := _final(failure, request)) is not None:
                raise final from None
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
            attempts=request.attempts,
        )
        if wait is None:
            if isinstance(outcome, Sent):
                raise _no_answer(outcome, request.endpoint)
            return answer
        METRICS.count("connector_upstream_retries", site=request.site_host)
        await asyncio.sleep(wait)
        attempt += 1


def retry_after_of(answer: Answer) -> float | None:
    """The seconds that an answer asks to wait."""
    return retry_after_seconds(answer.headers.get("retry-after"), datetime.now(UTC))


async def _attempt(transport: AiohttpTransport, request: Outgoing, deadline: float) -> Answer:
    remaining = deadline - time.monotonic()
    if remaining <= 0:
        raise upstream_errors.budget_spent()
    whole = min(remaining, REPEATABLE_SECONDS) if request.endpoint.idempotent else remaining
    began = time.monotonic()
    answer = await transport.exchange(
        request.endpoint.method,
        request.origin,
        request.target,
        request.headers,
        request.body,
        Timeout(min(CONNECT_SECONDS, remaining), whole),
    )
    METRICS.observe("connector_upstream_seconds", time.monotonic() - began)
    METRICS.count("connector_upstream_calls", site=request.site_host, outcome=str(answer.status))
    return answer


def _final(failure: NoAnswer, request: Outgoing) -> errors.ConnectorError | None:
    """The error of a failure that no further attempt can change."""
    host = request.site_host
    match failure:
        case no_answer.NameNotFound():
            return errors.BadRequest(
                "SiteNotFound", f"There is no host {host}; check the site host for a typing error."
            )
        case no_answer.AddressRefused():
            return errors.Forbidden("SiteNotAllowed", f"{host} is not on the public internet; it is not called.")
        case no_answer.CertificateRefused():
            return errors.BadGateway(
                "SiteCertificateInvalid", f"The certificate of {host} is not valid; check the host, or have it renewed."
            )
        case no_answer.HostBusy():
            METRICS.count("connector_shed", limit="calls to one site")
            sentence = f"Too many calls to {host} are under way in this app; try again in a moment."
            return errors.Unavailable("AppBusy", sentence, retry_after=5)
        case no_answer.MemorySpent() if request.endpoint.idempotent:
            sentence = "The app is reading too much from DeskDirector at once; try again, or ask for less."
            return errors.Unavailable("AppBusy", sentence, retry_after=5)
        case no_answer.AnswerTooLarge() if request.endpoint.idempotent:
            return errors.BadGateway("AnswerTooLarge", "DeskDirector's answer is too large; ask for less.")
    return None


def _no_answer(outcome: Sent, endpoint: Endpoint) -> errors.ConnectorError:
    if outcome is Sent.NO:
        return errors.Unavailable("SiteUnreachable", "DeskDirector cannot be reached; try again later.", retry_after=10)
    if endpoint.idempotent:
        return errors.Unavailable("UpstreamSilent", "DeskDirector did not answer; try again later.", retry_after=10)
    return upstream_errors.outcome_unknown("DeskDirector took the request but gave no answer.")


@per_loop
def _transport(settings: Settings) -> AiohttpTransport:
    """The one transport of this event loop (and settings)."""
    transport = AiohttpTransport(
        exempt=development_pairs(settings),
        max_answer=settings.max_answer_mb * 2**20,
        max_memory=settings.max_memory_mb * 2**20,
        per_host=settings.site_connections,
    )
    close_with_loop(transport.aclose)
    return transport
