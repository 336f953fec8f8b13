"""Why goals are missed: printed below the table for those that a run missed. By the begin of a row's name."""

from typing import Final

_VARIES: Final = "runs differ by more than what is missing; run it again on a quiet machine."

WHY: Final = {
    "Calls: requests a CPU second": "limits, metrics and the striking of secrets, which a pass-through lacks.",
    "Calls: p99 / p50": _VARIES,
    "Calls: CPU at 128 / CPU at 1": _VARIES,
    "Calls: MCP call CPU": "texts are searched for hidden parts and named as data, which the SDK's server does not do.",
    "Calls: GetTicket, foreign": _VARIES,
    "Calls: FindTickets of 50, foreign": _VARIES,
    "Calls: poll of 50 tickets, foreign": _VARIES,
    "Calls: GetTicket, added": "since 1.0.0: rate limits, fair share, metrics, striking of secrets, more fields.",
    "Calls: MCP call, added": "the same, and the search for hidden parts of texts.",
    "Calls: FindTickets of 50, usual": "texts are searched for what was sent as a credential; more fields are read.",
    "Azure: CPU an event / with the SDK": "with one listener most is the delivery itself, which is no storage.",
    "Cold start: import and first GetTicket": "most is aiohttp and TLS, imported at the first call, as in 1.0.0.",
    "Cold start: 40 more": "milliseconds: a slow machine misses it.",
    "Growth: ": _VARIES,
    "MCP: ": "milliseconds: a slow machine misses it; the ratio varies from run to run.",
    "Names: its CPU": "eight matches are looked up and checked; with ids there are none.",
    "Reading: ": "null and blanks count as no value since 1.0.0, which needs a look at each.",
    "Relay: accepts": "a signature is checked and a message stored before the answer.",
    "Relay: the same while fanning out": "a signature is checked and a message stored before the answer.",
    "Relay: rate of 99 flows": _VARIES,
    "Relay: a further listener, fan-out to end": "the code of an attempt, and the row that shows what became of it.",
    "Relay: CPU an event": _VARIES,
    "A page of 50 tickets: translation / by hand, this": "code for one shape fails on another tenant's; it is a bound.",
}


def why(name: str) -> str:
    """The reason for this row; empty when none is known."""
    return next((reason for begin, reason in WHY.items() if name.startswith(begin)), "")
