"""Which of our routes a site has, found out without changing anything there.

Routes that read are called. Routes that write are never called: OPTIONS, or GET, on the id of nothing shows whether the
path exists, as far as this server shows that at all. That is measured first, on a route that is sure to exist
and on one that is sure not to.
"""

import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.connection import BASIC, DD_API, MAX_ID
from connector.deskdirector.endpoint import Endpoint
from connector.deskdirector.endpoints import endpoints_for
from connector.deskdirector.errors import ConnectorError
from connector.deskdirector.user_keys import read_user_key
from connector.runtime import together

if TYPE_CHECKING:
    from connector.deskdirector.transport import Answer

NOBODY = MAX_ID
"""An id that nothing has."""
KEY_MINUTES = 1
NOTHING_TO_TRY = "there is nothing to try it with"

_KEYS = (api.MEMBER_USER_KEY, api.CONTACT_USER_KEY, api.CONTACT_USER_KEY_RIVAL)
_NOT_CALLED = frozenset(
    {"LIST_DYNAMIC_CONTACTS", "LIST_DYNAMIC_PRIORITIES", "LIST_FILES", *(endpoint.name for endpoint in _KEYS)}
)
"""Rows of the table that no operation uses, and those that are probed in their own way."""
_REFUSED, _MISSING, _WRONG_INPUT = (401, 403), (404, 405, 410), (400, 409, 422)


class Verdict(StrEnum):
    """What a probe found."""

    ANSWERS = "answers"
    REFUSED = "refused"
    """It is there, but not for this key."""
    MISSING = "missing"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Probe:
    """A route with its verdict; `note` explains it, `setting` replaces the route."""

    name: str
    method: str
    path: str
    evidence: str
    setting: str
    verdict: Verdict
    note: str

    @classmethod
    def of(cls, endpoint: Endpoint, verdict: Verdict, note: str) -> "Probe":
        """The verdict on `endpoint`."""
        return cls(endpoint.name, endpoint.method, endpoint.path, endpoint.evidence, endpoint.setting, verdict, note)


@dataclass(frozen=True, slots=True)
class Samples:
    """Ids of things that exist on the site, as far as some were found, by the name of the path parameter."""

    ids: Mapping[str, int]

    def of(self, endpoint: Endpoint) -> tuple[dict[str, int], bool]:
        """Values for the route of `endpoint`, and whether all of them exist."""
        names = endpoint.parameters
        return {name: self.ids.get(name, NOBODY) for name in names}, all(name in self.ids for name in names)


async def accepted_schemes(dd: DeskDirector) -> list[str]:
    """The schemes under which the connector surface accepts the key."""
    schemes = (DD_API, BASIC)
    answers = [await dd.ask(api.TEST_CONNECTION, scheme=scheme) for scheme in schemes]
    return [scheme for scheme, answer in zip(schemes, answers, strict=True) if _is_data(answer)]


async def probe_routes(dd: DeskDirector, samples: Samples, some: Sequence[Endpoint] = ()) -> list[Probe]:
    """Every route that is not sure, and every list that an API key reads; or just `some` routes."""
    measured = [await _yardstick(dd, method) for method in ("OPTIONS", "GET")]
    yardsticks = [yardstick for yardstick in measured if yardstick]
    wanted = some or [endpoint for endpoint in endpoints_for(dd.settings).values() if is_probed(endpoint)]
    return await together(*(_probe(dd, endpoint, samples, yardsticks) for endpoint in wanted))


async def probe_user_keys(dd: DeskDirector, samples: Samples) -> list[Probe]:
    """The routes that make access tokens; a token is made, lives for a minute and is thrown away."""
    table = endpoints_for(dd.settings)
    return [await _probe_user_key(dd, table[endpoint.name], samples) for endpoint in _KEYS]


def is_probed(endpoint: Endpoint) -> bool:
    """Whether `probe_routes` judges it: what is not proven, and lists that an API key reads."""
    if endpoint.name in _NOT_CALLED or "SCHEMA" in endpoint.name:
        return False
    lists = endpoint.method == "GET" and not endpoint.parameters and endpoint.auth in ("any", "key")
    return endpoint.evidence != "proven" or lists


async def _probe(dd: DeskDirector, endpoint: Endpoint, samples: Samples, yardsticks: "list[_Yardstick]") -> Probe:
    try:
        if endpoint.method == "GET":
            verdict, note = await _judge_reading(dd, endpoint, samples)
            if note == NOTHING_TO_TRY:
                by_path = await _judge_by_path(dd, endpoint, yardsticks)
                verdict, note = (verdict, note) if by_path[0] is Verdict.UNCLEAR else by_path
        else:
            verdict, note = await _judge_by_path(dd, endpoint, yardsticks)
    except ConnectorError as problem:
        verdict, note = Verdict.UNCLEAR, problem.message
    return Probe.of(endpoint, verdict, note)


async def _judge_reading(dd: DeskDirector, endpoint: Endpoint, samples: Samples) -> tuple[Verdict, str]:
    values, exist = samples.of(endpoint)
    answer = await dd.ask(endpoint, path=values)
    if _is_data(answer) or answer.status in _WRONG_INPUT:
        return Verdict.ANSWERS, ""
    if answer.status in _REFUSED:
        return Verdict.REFUSED, f"status {answer.status}"
    if answer.status in _MISSING and not exist:
        return Verdict.UNCLEAR, NOTHING_TO_TRY
    is_missing = answer.status in _MISSING or 200 <= answer.status < 300
    return (Verdict.MISSING, "") if is_missing else (Verdict.UNCLEAR, f"status {answer.status}")


@dataclass(frozen=True, slots=True)
class _Yardstick:
    """What a method answers on a path that exists for another method only, and on one that does not exist."""

    method: str
    there: "Answer"
    nowhere: "Answer"


async def _yardstick(dd: DeskDirector, method: str) -> _Yardstick | None:
    """None when this server answers the method everywhere alike, or not at all."""
    sure = api.CREATE_CONTACT_NOTIFICATION
    unheard_of = replace(sure, path=sure.path.replace("notifications", "no-such-route"))
    try:
        there, nowhere = [await _ask_about(dd, endpoint, method) for endpoint in (sure, unheard_of)]
    except ConnectorError:
        return None
    return _Yardstick(method, there, nowhere) if there.status != nowhere.status else None


async def _judge_by_path(dd: DeskDirector, endpoint: Endpoint, yardsticks: list[_Yardstick]) -> tuple[Verdict, str]:
    for yardstick in yardsticks:
        answer = await _ask_about(dd, endpoint, yardstick.method)
        if allowed := _allowed(answer):
            return (Verdict.ANSWERS if endpoint.method in allowed else Verdict.MISSING), ""
        if answer.status == yardstick.there.status:
            return Verdict.ANSWERS, "its path is there"
        # A GET may find the path and miss the object: only the very answer of a path that does not exist counts.
        if answer.status == yardstick.nowhere.status and (
            yardstick.method == "OPTIONS" or _wording(answer) == _wording(yardstick.nowhere)
        ):
            return Verdict.MISSING, ""
    return Verdict.UNCLEAR, "nothing but calling it would show it"


async def _probe_user_key(dd: DeskDirector, endpoint: Endpoint, samples: Samples) -> Probe:
    values, exist = samples.of(endpoint)
    verdict, note = Verdict.UNCLEAR, "there is nobody to try it with"
    try:
        if exist:
            answer = await dd.ask(endpoint, path=values, query={"expiresIn": KEY_MINUTES})
            verdict, note = _judge_user_key(answer)
    except ConnectorError as problem:
        verdict, note = Verdict.UNCLEAR, problem.message
    return Probe.of(endpoint, verdict, note)


def _judge_user_key(answer: "Answer") -> tuple[Verdict, str]:
    if _is_data(answer):
        read_user_key(answer.content, time.time())
        return Verdict.ANSWERS, ""
    if answer.status in _REFUSED:
        return Verdict.REFUSED, f"status {answer.status}"
    is_missing = answer.status in _MISSING
    return (Verdict.MISSING, "") if is_missing else (Verdict.UNCLEAR, f"status {answer.status}")


async def _ask_about(dd: DeskDirector, endpoint: Endpoint, method: str) -> "Answer":
    """Ask `method` of the path of `endpoint`, with ids of nothing."""
    return await dd.ask(
        replace(endpoint, method=method, idempotent=True), path=dict.fromkeys(endpoint.parameters, NOBODY)
    )


def _is_data(answer: "Answer") -> bool:
    return 200 <= answer.status < 300 and answer.content.lstrip()[:1] != b"<"


def _allowed(answer: "Answer") -> set[str]:
    listed = answer.headers.get("allow", "") if answer.status in (200, 204, 405) else ""
    return {method.strip().upper() for method in listed.split(",") if method.strip()}


def _wording(answer: "Answer") -> str:
    """What an error says, without the address and the ids that it repeats."""
    try:
        said: Any = json.loads(answer.content)
    except ValueError:
        said = answer.content.decode(errors="replace")
    return re.sub(r"\S*/\S*|\d+", "", json.dumps(said, sort_keys=True))
