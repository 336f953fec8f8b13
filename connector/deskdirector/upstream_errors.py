"""What went wrong upstream -> one `ConnectorError` with a sentence that helps, and nothing secret in it."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from connector.deskdirector import errors
from connector.deskdirector.endpoint import Endpoint
from connector.deskdirector.errors import ConnectorError
from connector.deskdirector.upstream_reasons import message_of

DEFAULT_RETRY_AFTER = 10

_SENTENCE_ENDS = (".", "!", "?", "…")

_REFUSALS: Mapping[int, tuple[type[ConnectorError], str, str]] = {
    400: (errors.BadRequest, "RequestRefused", "DeskDirector refused the request as malformed."),
    403: (errors.Forbidden, "NotPermitted", "This API key or user may not do this in DeskDirector."),
    404: (errors.NotFound, "NotFound", "DeskDirector does not know this."),
    405: (errors.NotFound, "RouteNotFound", "This site does not offer this call."),
    409: (errors.Conflict, "Conflict", "This clashes with what is in DeskDirector; read it again and repeat."),
    410: (errors.Gone, "Gone", "This was removed from DeskDirector."),
    412: (errors.Conflict, "Conflict", "This was changed in DeskDirector meanwhile; read it again and repeat."),
    413: (errors.TooLarge, "TooLarge", "DeskDirector refused the request as too large."),
    422: (errors.Unprocessable, "RuleViolated", "DeskDirector understood the request, but a rule forbids it."),
    423: (errors.Conflict, "Locked", "This is locked in DeskDirector; try again later."),
}


def from_status(
    status: int,
    content: bytes,
    endpoint: Endpoint,
    values: Mapping[str, Any],
    *,
    retry_after: float | None,
    redact: Callable[[str], str],
    who: str = "this connection",
) -> ConnectorError:
    """The error for an answer that is no success. 401 is not decided here: only the caller knows whose key it was."""
    reason = message_of(content, redact)
    if status == 429:
        return errors.TooManyRequests(
            "TooManyRequests",
            quoting("DeskDirector asks to slow down.", reason),
            retry_after=whole_seconds(retry_after),
        )
    if status < 400:
        return not_an_api(f"DeskDirector answered {status} instead of data.")
    if status >= 500 or status == 408:
        return _from_server_error(status, reason, endpoint, retry_after)
    kind, code, sentence = _REFUSALS.get(
        status, (errors.BadRequest, "RequestRefused", f"DeskDirector refused the request with status {status}.")
    )
    if status in (404, 405):
        code, sentence = _missing(status, code, sentence, endpoint, values, who)
    elif status == 403 and content.lstrip()[:1] == b"<":
        code, sentence = "RefusedOnTheWay", "A web page refused this (status 403): a firewall or proxy before the site."
    return kind(code, quoting(sentence, reason))


def _from_server_error(status: int, reason: str, endpoint: Endpoint, retry_after: float | None) -> ConnectorError:
    if status in (501, 505):
        return errors.BadGateway("UpstreamNotSupported", quoting("This site does not offer this call.", reason))
    if not endpoint.idempotent:
        return outcome_unknown(quoting(f"DeskDirector answered {status}.", reason))
    return errors.Unavailable(
        "UpstreamUnavailable",
        quoting(f"DeskDirector has a problem (status {status}); try again later.", reason),
        retry_after=whole_seconds(retry_after),
    )


def _missing(
    status: int, code: str, sentence: str, endpoint: Endpoint, values: Mapping[str, Any], who: str
) -> tuple[str, str]:
    """The name of the missing object; the route itself is known to exist."""
    if status == 404 and endpoint.parameters:
        name = endpoint.parameters[-1]
        noun = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.removesuffix("Id"))
        code = noun.title().replace(" ", "") + "NotFound"
        sentence = f"There is no {noun.lower()} {str(values.get(name, ''))[:60]} that {who} can see."
    return code, sentence


def budget_spent() -> ConnectorError:
    """No time left to try anything more."""
    return errors.Unavailable(
        "BudgetSpent",
        "DeskDirector was too slow to finish this in time; try again later.",
        retry_after=DEFAULT_RETRY_AFTER,
    )


def outcome_unknown(reason: str) -> ConnectorError:
    """A create or send that may have been done, without an answer that says so."""
    return errors.OutcomeUnknown(
        "OutcomeUnknown",
        f"{reason} It is not known whether the work was done: look in DeskDirector before you repeat it.",
    )


def not_an_api(reason: str) -> ConnectorError:
    """An answer that cannot come from DeskDirector's API."""
    return errors.BadGateway(
        "UpstreamNotApi", f"{reason} Check that the site host is the address of a DeskDirector site and nothing else."
    )


def whole_seconds(seconds: float | None) -> int:
    """A `Retry-After` for our own answer: at least a second, ten when DeskDirector named none."""
    return max(1, math.ceil(DEFAULT_RETRY_AFTER if seconds is None else seconds))


def quoting(sentence: str, reason: str) -> str:
    """Our sentence, followed by DeskDirector's own words when there are some."""
    if not reason:
        return sentence
    return f"{sentence} DeskDirector says: {reason}{'' if reason.endswith(_SENTENCE_ENDS) else '.'}"
