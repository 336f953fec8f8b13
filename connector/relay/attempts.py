"""One attempt: post an event to its flow, and say what the answer means."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from typing import Final

from connector.deskdirector.errors import ConnectorError
from connector.deskdirector.no_answer import AnswerTimeout, ConnectTimeout, NameNotFound, NoAnswer
from connector.deskdirector.retrying import retry_after_seconds
from connector.relay.callbacks import check_callback, split
from connector.relay.excerpts import excerpt
from connector.relay.relay import Relay
from connector.storage.history import AttemptKind
from connector.storage.records import Claim, Subscription

CONNECT_SECONDS: Final = 10.0
GONE: Final = 410
MISSING: Final = 404
REFUSED: Final = (401, 403)
THROTTLING: Final = (429, 503)
TIMEOUTS: Final = (AnswerTimeout, ConnectTimeout)


class Result(Enum):
    """What an attempt came to."""

    ACCEPTED = "accepted"
    GONE = "gone"  # the flow was deleted: its subscription ends
    MISSING = "missing"  # the same, once it has lasted
    THROTTLED = "throttled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Attempt:
    """How an attempt went. `is_hopeless`: if it stays so until the last attempt, the flow is gone too."""

    result: Result
    reason: str = ""
    retry_after: float = 0.0
    is_hopeless: bool = False
    kind: AttemptKind = AttemptKind.ANSWER
    status: int = 0
    excerpt: str = ""


async def attempt(relay: Relay, claim: Claim, subscription: Subscription) -> Attempt:
    """Post the event. The address is checked each time: settings may have changed since it was subscribed."""
    try:
        check_callback(subscription.callback_url, relay.settings)
        origin, target = split(subscription.callback_url)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "deskdirector-connector",
            "x-dd-event-id": claim.event.id,
        }
        transport = await relay.transport()
        whole = float(relay.settings.delivery_seconds)
        answer = await transport.notify(
            origin, target, headers, claim.event.payload, connect=min(CONNECT_SECONDS, whole), total=whole
        )
    except ConnectorError as refused:
        return Attempt(Result.FAILED, refused.message, kind=AttemptKind.REFUSED)
    except (NoAnswer, ValueError) as problem:
        # The exception's own text may hold the URL, so its kind has to do.
        reason = f"Its flow did not answer ({type(problem).__name__})."
        kind = AttemptKind.TIMEOUT if isinstance(problem, TIMEOUTS) else AttemptKind.UNREACHABLE
        return Attempt(Result.FAILED, reason, is_hopeless=isinstance(problem, NameNotFound), kind=kind)
    judged = judge(answer.status, answer.headers)
    return replace(judged, status=answer.status, excerpt=excerpt(answer.start, answer.headers, subscription))


def judge(status: int, headers: Mapping[str, str]) -> Attempt:
    """What an answer of the flow means; its body means nothing. Redirects are not followed: they are no acceptance."""
    if 200 <= status < 300:
        return Attempt(Result.ACCEPTED)
    if status == GONE:
        return Attempt(Result.GONE, "Its flow is gone (status 410).")
    if status == MISSING:
        return Attempt(Result.MISSING, "Its flow was not found (status 404).")
    wait = retry_after_seconds(headers.get("retry-after"), datetime.now(UTC)) or 0.0
    is_throttled = status == 429 or (status in THROTTLING and wait > 0)
    result = Result.THROTTLED if is_throttled else Result.FAILED
    return Attempt(result, f"Its flow answered {status}.", wait, is_hopeless=status in REFUSED)
