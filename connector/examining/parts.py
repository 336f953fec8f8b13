"""The examination of a site in parts, each short enough for one HTTP call: key, people, routes, bodies, answers.

Every part stands alone: it reads again what it needs, so that any process can answer any of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import lru_cache
from typing import Any, Final

from connector.catalog import operations
from connector.deskdirector import endpoints as api
from connector.deskdirector.authorization import schemes_of
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.connection import BASIC, DD_API, Connection
from connector.deskdirector.endpoint import Endpoint
from connector.deskdirector.endpoints import endpoints_for
from connector.deskdirector.entities.people import Contacts, Members
from connector.deskdirector.entities.tickets import Tickets
from connector.deskdirector.errors import BadRequest, ConnectorError
from connector.deskdirector.models import Page
from connector.examining.drift import Drift, drift_of_answers, drift_of_bodies
from connector.examining.probing import Samples, accepted_schemes, is_probed, probe_routes, probe_user_keys
from connector.settings import Settings

Json = dict[str, Any]

AT_ONCE: Final = 8
"""Calls under way: the site serves people too."""
ROUTES_AT_ONCE: Final = 12
PARTS: Final = ("connection", "people", "routes", "bodies", "answers")

_PEOPLE: Mapping[str, tuple[Endpoint, type[Page]]] = {
    "ticketId": (api.FIND_TICKETS, Tickets),
    "contactId": (api.FIND_CONTACTS, Contacts),
    "memberId": (api.FIND_MEMBERS, Members),
}


async def examine_part(connection: Connection, settings: Settings, part: str, after: str = "") -> Json:
    """One part, or the next piece of it; `next` names the part to ask for then, "" at the end."""
    if part not in PARTS:
        raise BadRequest("InvalidInput", f"'part' must be one of {', '.join(PARTS)}.")
    dd = DeskDirector(connection, for_examining(settings))
    if part == "connection":
        return _part(part, [await _connection(dd)])
    await dd.call(api.TEST_CONNECTION)  # the scheme that the site accepts is remembered from here on
    if part == "people":
        probes = await probe_user_keys(dd, await samples_of(dd))
        return _part(part, [_probed(asdict(probe)) for probe in probes])
    if part == "routes":
        return await _routes(dd, after)
    drifts = await (drift_of_bodies if part == "bodies" else drift_of_answers)(dd)
    return _part(part, [_drift(drift) for drift in drifts])


@lru_cache(maxsize=4)
def for_examining(settings: Settings) -> Settings:
    """Settings with which a site is asked and not what is remembered of it; made once, so that connections are kept."""
    return replace(settings, schemas="on", discovery="off", lookup_seconds=0, site_connections=AT_ONCE)


async def samples_of(dd: DeskDirector) -> Samples:
    """Ids of things that are there, to try routes with."""
    found = {name: await _some_id(dd, endpoint, page) for name, (endpoint, page) in _PEOPLE.items()}
    return Samples({name: one for name, one in found.items() if one is not None})


def edition_of(connection: Connection, schemes: Sequence[str]) -> str:
    """By the form of the key: PSA editions have one bare key, Tokity's are a user and a password.

    The schemes alone do not show it: where only DdApi is accepted, Tokity's keys are sent under it too.
    """
    if connection.is_of_tokity or BASIC in schemes:
        return "tokity"
    return "psa" if list(schemes) == [DD_API] and connection.scheme == DD_API else "unknown"


async def _connection(dd: DeskDirector) -> Json:
    await dd.call(api.TEST_CONNECTION)
    schemes = await accepted_schemes(dd)
    scheme = schemes_of(dd.connection, api.TEST_CONNECTION, dd.settings)[0]
    used = scheme if scheme in schemes or not schemes else schemes[0]
    return {
        "site": dd.site.name,
        "scheme": used,
        "acceptedSchemes": schemes or [used],
        "edition": edition_of(dd.connection, schemes),
    }


async def _routes(dd: DeskDirector, after: str) -> Json:
    wanted = [endpoint for endpoint in endpoints_for(dd.settings).values() if is_probed(endpoint)]
    names = [endpoint.name for endpoint in wanted]
    first = names.index(after) + 1 if after in names else 0
    some = wanted[first : first + ROUTES_AT_ONCE]
    probes = await probe_routes(dd, await samples_of(dd), some)
    users: dict[str, list[str]] = {}
    for operation in operations().values():
        if operation.stands_on is not None:
            users.setdefault(operation.stands_on.name, []).append(operation.id)
    rows = [{**_probed(asdict(probe)), "operations": users.get(probe.name, [])} for probe in probes]
    done = first + len(some)
    shown = _part("routes", rows) | {"done": done, "of": len(wanted)}
    return shown if done >= len(wanted) else shown | {"after": some[-1].name, "next": "routes"}


def _part(part: str, rows: list[Json]) -> Json:
    following = PARTS[PARTS.index(part) + 1 :]
    return {"part": part, "rows": rows, "after": "", "next": following[0] if following else ""}


def _probed(probe: Json) -> Json:
    return {"endpoint": probe.pop("name"), **probe}


def _drift(drift: Drift) -> Json:
    shown: Json = {"of": drift.of, "readable": drift.is_readable, "lacking": list(drift.lacking)}
    shown |= {"unknown": list(drift.unknown)} if drift.unknown else {}
    shown |= {"renamed": dict(drift.renamed)} if drift.renamed else {}
    return shown | ({"broken": True} if drift.is_broken else {})


async def _some_id(dd: DeskDirector, endpoint: Endpoint, model: type[Page]) -> int | None:
    """The id of something that is there, of an active one for people."""
    try:
        page = await dd.fetch(endpoint, model, body={"take": 50, "skip": 0})
    except ConnectorError:
        return None
    return next((result.id for result in page.results if getattr(result, "is_active", None) is not False), None)
