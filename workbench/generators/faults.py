"""What becomes of a call when something goes wrong: a row for each fault, an outcome for each kind of call.

`docs/faults.md` is generated from here, and `tests/test_fault_matrix.py` plays every cell of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

Kind = Literal["read", "update", "delete", "poll", "create", "send", "raw", "subscribe"]
"""A kind of call; `raw` is a POST by Send API request, whose effect only its caller knows."""
Kept = Literal["nothing", "the answer", "that it is unclear", "the subscription"]

REPEATABLE: Final[tuple[Kind, ...]] = ("read", "update", "delete", "poll")
"""What may be done twice, so that it is tried again when its answer is lost."""
ONCE: Final[tuple[Kind, ...]] = ("create", "send", "raw")
KINDS: Final[tuple[Kind, ...]] = (*REPEATABLE, *ONCE, "subscribe")
ATTEMPTS: Final = 4


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the caller gets, and how many requests for it reached DeskDirector. Status 0: as without the fault."""

    status: int
    code: str = ""
    calls: int = 1
    is_found: bool = False
    """Whether it is what was looked for and found after its answer was lost."""

    def kept(self, kind: Kind) -> Kept:
        """What a repeat of the call finds; a call that must not be done twice carries an idempotency key here."""
        if kind == "subscribe":
            return "nothing" if self.status else "the subscription"
        if kind in REPEATABLE:
            return "nothing"
        return "the answer" if not self.status else "that it is unclear" if self.status == 424 else "nothing"


Plan = Mapping[str, Any] | str
"""How a fault is played: a fault of the simulator, the name of a `NoAnswer`, or one of `OWN`."""
Others = Mapping[Kind, Outcome]
NONE: Final[Others] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. It hits the request that does the work, every time it is sent unless `what` says "once"."""

    what: str
    plan: Plan
    repeatable: Outcome
    once: Outcome
    subscribe: Outcome
    but: Others = NONE
    """Kinds that differ from the others of their group."""

    def outcome(self, kind: Kind) -> Outcome:
        """What becomes of a call of this kind."""
        group = self.repeatable if kind in REPEATABLE else self.once if kind in ONCE else self.subscribe
        return self.but.get(kind, group)


OWN: Final = ("address literal", "rate", "refused key", "store")
"""Faults that are played by the app's own settings and state."""


def _raw(head: str, *lines: str, body: str = "") -> Mapping[str, Any]:
    text = "\r\n".join((f"HTTP/1.1 {head}", f"Content-Length: {len(body)}", "Connection: close", *lines, "", body))
    return {"kind": "raw", "text": text}


def _status(
    code: int, *, body: Mapping[str, Any] | None = None, retry_after: int | None = None, times: int | None = None
) -> Mapping[str, Any]:
    options = {"body": body, "retryAfter": retry_after, "times": times}
    return {"kind": "status", "status": code, **{name: one for name, one in options.items() if one is not None}}


def _all(what: str, plan: Plan, status: int, code: str, calls: int = 1, but: Others = NONE) -> Fault:
    """A fault with which every call ends in the same way."""
    same = Outcome(status, code, calls)
    return Fault(what, plan, same, same, same, but)


DONE: Final = Outcome(0)
_TWICE: Final = Outcome(0, calls=2)
_UNCLEAR: Final = Outcome(424, "OutcomeUnknown")
_REGISTRATION_UNCLEAR: Final = Outcome(503, "RegistrationUnclear")


def _lost(what: str, plan: Plan, code: str, calls: int = ATTEMPTS, but: Others = NONE) -> Fault:
    """A fault after which nobody knows whether the work was done: repeated where that does no harm."""
    return Fault(what, plan, Outcome(503, code, calls), _UNCLEAR, _REGISTRATION_UNCLEAR, but)


def _no_api(what: str, plan: Plan, code: str, but: Others = NONE) -> Fault:
    """A success that cannot be read."""
    unread = Outcome(502, code)
    return Fault(what, plan, unread, _UNCLEAR, unread, but)


_ASP_NET_ERROR: Final = {
    "Message": "An error has occurred.",
    "ExceptionMessage": "Timeout expired.",
    "ExceptionType": "System.Data.SqlClient.SqlException",
    "StackTrace": "   at DeskDirector.Data.TicketStore.Load(Int32 id)",
}
_ASP_NET_REFUSAL: Final = {"Message": "The request is invalid.", "ModelState": {"ticket.boardId": ["It is archived."]}}
_NO_TICKET: Final = Outcome(404, "TicketNotFound")
_MISSING: Final[Others] = {"read": _NO_TICKET, "update": _NO_TICKET, "send": Outcome(404, "ContactNotFound")}
_FOUND: Final[Others] = {"create": Outcome(0, is_found=True)}
_NOT_REGISTERED: Final[Others] = {"subscribe": Outcome(409, "TriggerNotRegistered")}
_UNREADABLE: Final = Outcome(502, "UpstreamShapeUnknown")
_NO_STORE: Final = Outcome(503, "StorageUnavailable", 0)
_NO_ID: Final = Outcome(502, "RegistrationUnreadable")

GROUPS: Final[Mapping[str, tuple[Fault, ...]]] = {
    "No connection": (
        _all("Nothing answers at the address", "NotSent", 503, "SiteUnreachable", 0),
        _all("No connection in time, whatever the budget", "ConnectTimeout", 503, "SiteUnreachable", 0),
        _all("The host name does not exist", "NameNotFound", 400, "SiteNotFound", 0),
        _all("The name leads to an address that is not public", "AddressRefused", 403, "SiteNotAllowed", 0),
        _all("The site host is an address, such as `[::1]`", "address literal", 403, "SiteNotAllowed", 0),
        _all("The certificate is not the site's", "CertificateRefused", 502, "SiteCertificateInvalid", 0),
    ),
    "No answer": (
        _lost("Reset before the work", {"kind": "reset_before"}, "UpstreamSilent"),
        Fault("Reset once", {"kind": "reset_before", "times": 1}, _TWICE, _UNCLEAR, _REGISTRATION_UNCLEAR),
        _lost("Reset after the work", {"kind": "reset_after"}, "UpstreamSilent", but=_FOUND),
        _lost("Closed without an answer", {"kind": "raw", "text": ""}, "UpstreamSilent"),
        _lost("Closed inside the answer", {"kind": "truncate"}, "UpstreamSilent", but=_FOUND),
        _lost("The answer is not HTTP", {"kind": "raw", "text": "220 mail.example.com\r\n\r\n"}, "UpstreamSilent"),
        _lost("The answer is damaged", _raw("200 OK", "Content-Encoding: gzip", body="damaged"), "UpstreamSilent"),
        _lost("No answer in time", {"kind": "delay", "seconds": 2}, "UpstreamSilent", 1),
        _lost("The connection breaks", "ConnectionLost", "UpstreamSilent", but=_FOUND),
        Fault("The answer is over the limit", "AnswerTooLarge", Outcome(502, "AnswerTooLarge"), _UNCLEAR,
              _REGISTRATION_UNCLEAR, _FOUND),
    ),
    "Refusals": (
        _all("400", _status(400), 400, "RequestRefused"),
        _all("400 as ASP.NET writes it", _status(400, body=_ASP_NET_REFUSAL), 400, "RequestRefused"),
        _all("401 under every scheme", _status(401), 401, "ApiKeyRefused", 2),
        _all("403", _status(403), 403, "NotPermitted"),
        _all("403 with a web page", {"kind": "html", "status": 403}, 403, "RefusedOnTheWay"),
        _all("404", _status(404), 404, "NotFound", but=_MISSING),
        _all("404 with a web page", {"kind": "html", "status": 404}, 404, "NotFound", but=_MISSING),
        _all("405", _status(405), 404, "RouteNotFound"),
        _all("409", _status(409), 409, "Conflict", but=_NOT_REGISTERED),
        _all("410", _status(410), 410, "Gone"),
        _all("412", _status(412), 409, "Conflict", but=_NOT_REGISTERED),
        _all("413", _status(413), 413, "TooLarge"),
        _all("422", _status(422), 422, "RuleViolated"),
        _all("423", _status(423), 409, "Locked", but=_NOT_REGISTERED),
        _all("429", _status(429, retry_after=0), 429, "TooManyRequests", ATTEMPTS),
        Fault("429 once", _status(429, retry_after=0, times=1), _TWICE, _TWICE, _TWICE),
        _all("429 for an hour", _status(429, retry_after=3600), 429, "TooManyRequests"),
    ),
    "Failures": (
        _lost("408", _status(408), "UpstreamUnavailable"),
        _lost("500", _status(500), "UpstreamUnavailable"),
        Fault("500 once", _status(500, times=1), _TWICE, _UNCLEAR, _REGISTRATION_UNCLEAR),
        _lost("500 as ASP.NET writes it", _status(500, body=_ASP_NET_ERROR), "UpstreamUnavailable"),
        _all("501", _status(501), 502, "UpstreamNotSupported"),
        _lost("502 with a web page", {"kind": "html", "status": 502}, "UpstreamUnavailable"),
        _lost("503", _status(503), "UpstreamUnavailable"),
        _lost("504", _status(504), "UpstreamUnavailable"),
    ),
    "Successes that say little": (
        Fault("204", _raw("204 No Content"), DONE, DONE, _NO_ID, {"read": _UNREADABLE, "create": _UNCLEAR}),
        Fault("200 without a body", _raw("200 OK"), DONE, DONE, _NO_ID, {"read": _UNREADABLE, "create": _UNCLEAR}),
        Fault("202 with `Location` alone", _raw("202 Accepted", "Location: /api/v2/automate/connector/x/77?token=t"),
              DONE, DONE, DONE, {"read": _UNREADABLE}),
        _no_api("A web page", {"kind": "html"}, "UpstreamNotApi"),
        _no_api("A redirection", _status(302), "UpstreamNotApi"),
        Fault("JSON that breaks off", {"kind": "truncate", "framed": True}, Outcome(502, "UpstreamNotJson"),
              _UNCLEAR, DONE, _FOUND),
        _no_api("A text that is not JSON", _raw("200 OK", "Content-Type: text/plain", body="OK"), "UpstreamNotJson",
                {"delete": DONE, "raw": DONE}),
    ),
    "The app's own": (
        _all("Too many calls to this site are under way", "HostBusy", 503, "AppBusy", 0),
        Fault("Too much is read at once", "MemorySpent", Outcome(503, "AppBusy"), _UNCLEAR, _REGISTRATION_UNCLEAR,
              _FOUND),
        _all("Too many calls of this connection", "rate", 429, "TooManyCalls", 0),
        _all("The key was refused a moment ago", "refused key", 401, "ApiKeyRefused", 0),
        Fault("The app's store is away", "store", DONE, _NO_STORE, _NO_STORE, {"delete": _NO_STORE}),
    ),
}  # fmt: skip
FAULTS: Final = tuple(fault for faults in GROUPS.values() for fault in faults)
