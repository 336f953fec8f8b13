"""`doctor`: how a site differs from what the connector assumes. It reads, and asks about routes; it changes nothing."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace

import typer
from rich.console import Console
from rich.table import Table

from connector.catalog import operations
from connector.deskdirector import endpoints as api
from connector.deskdirector.authorization import schemes_of
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.connection import BASIC, DD_API, Connection
from connector.deskdirector.endpoint import Endpoint
from connector.deskdirector.endpoints import endpoints_for
from connector.deskdirector.entities.people import Contacts, Members
from connector.deskdirector.entities.tickets import Tickets
from connector.deskdirector.errors import ConnectorError
from connector.deskdirector.models import Page
from connector.deskdirector.sites import loopback_pair
from connector.settings import Settings, SettingsError, settings
from workbench.checks.site.drift import Drift, drift_of_answers, drift_of_bodies
from workbench.checks.site.probing import (
    Probe,
    Samples,
    Verdict,
    accepted_schemes,
    probe_routes,
    probe_user_keys,
)

HEALTHY, PROBLEMS, NOT_CONNECTED = 0, 1, 2
AT_ONCE = 8
"""Calls under way: the site serves people too."""

_PEOPLE: Mapping[str, tuple[Endpoint, type[Page]]] = {
    "ticketId": (api.FIND_TICKETS, Tickets),
    "contactId": (api.FIND_CONTACTS, Contacts),
    "memberId": (api.FIND_MEMBERS, Members),
}
_COLOURS = {Verdict.ANSWERS: "green", Verdict.REFUSED: "yellow", Verdict.MISSING: "red", Verdict.UNCLEAR: "yellow"}
_COUNTED = {
    Verdict.ANSWERS: "answer",
    Verdict.REFUSED: "are not for this key",
    Verdict.MISSING: "are missing",
    Verdict.UNCLEAR: "could not be judged",
}
_EDITIONS = {"tokity": "probably Tokity", "psa": "probably a PSA edition", "unknown": "not named by an access token"}


@dataclass(frozen=True)
class Checkup:
    """What was found; `edition` is a guess."""

    site: str
    scheme: str
    accepted_schemes: list[str]
    edition: str
    user_keys: list[Probe]
    routes: list[Probe]
    bodies: list[Drift]
    answers: list[Drift]
    problems: list[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "problems", list(_problems(self)))


def examine(site: str, key: str, *, as_json: bool) -> int:
    """Examine a site and print what was found; 1 when something will not work, 2 when there is no connection."""
    try:
        checkup = asyncio.run(examined(site, key, settings()))
    except (ConnectorError, SettingsError) as problem:
        _explain(site, problem, as_json=as_json)
        return NOT_CONNECTED
    if as_json:
        typer.echo(json.dumps(asdict(checkup), ensure_ascii=False))
    else:
        _show(checkup, Console(highlight=False))
    return PROBLEMS if checkup.problems else HEALTHY


async def examined(site: str, key: str, current: Settings) -> Checkup:
    """Everything that can be found out; raises `ConnectorError` when there is no connection, or `SettingsError`."""
    operations()
    endpoints_for(current)
    current = replace(
        current,
        schemas="on",
        lookup_seconds=0,
        site_connections=AT_ONCE,
        development_sites=_reachable(site, current),
    )
    connection = Connection.from_headers({"dd-host": site, "dd-api-key": key}, current)
    schemes = await accepted_schemes(DeskDirector(connection, current))
    scheme = schemes_of(connection, api.TEST_CONNECTION, current)[0]
    if current.key_scheme == "auto":
        scheme = schemes[0] if schemes else scheme
    elif schemes and scheme not in schemes:
        current = replace(current, key_scheme="auto")
    dd = DeskDirector(connection, current)
    await dd.call(api.TEST_CONNECTION)
    samples = await _samples(dd)
    return Checkup(
        site=connection.site.name,
        scheme=scheme,
        accepted_schemes=schemes or [scheme],
        edition=_edition(schemes),
        user_keys=await probe_user_keys(dd, samples),
        routes=await probe_routes(dd, samples),
        bodies=await drift_of_bodies(dd),
        answers=await drift_of_answers(dd),
    )


def _reachable(site: str, current: Settings) -> tuple[str, ...]:
    """Whoever names a simulator on this very machine may call it."""
    pair = site.strip().lower()
    return (*current.development_sites, pair) if loopback_pair(pair) else current.development_sites


def _edition(schemes: list[str]) -> str:
    """PSA editions have one bare key and take it as DdApi only; Tokity's are a user and a password, taken as both."""
    return "tokity" if BASIC in schemes else "psa" if schemes == [DD_API] else "unknown"


async def _samples(dd: DeskDirector) -> Samples:
    found = {name: await _some_id(dd, endpoint, page) for name, (endpoint, page) in _PEOPLE.items()}
    return Samples({name: one for name, one in found.items() if one is not None})


async def _some_id(dd: DeskDirector, endpoint: Endpoint, model: type[Page]) -> int | None:
    """The id of something that is there, of somebody active for people."""
    try:
        page = await dd.fetch(endpoint, model, body={"take": 50, "skip": 0})
    except ConnectorError:
        return None
    return next((one.id for one in page.results if getattr(one, "is_active", None) is not False), None)


def _problems(checkup: Checkup) -> Iterator[str]:
    """What will not work, and what to do about it."""
    if checkup.scheme not in checkup.accepted_schemes:
        taken = checkup.accepted_schemes[0]
        yield (
            f"The key is sent as {checkup.scheme}, but the site takes it as {taken}: "
            f"set CONNECTOR_KEY_SCHEME={taken.lower()}."
        )
    for kind in ("member", "contact"):
        if not _working(checkup, kind):
            yield f"No access token can be made for a {kind}, so nothing can be done on behalf of one."
    for route in checkup.routes:
        if route.verdict is Verdict.MISSING:
            where = f"{route.method} {route.path} is not there"
            yield f"{where}: look it up on the site's /swagger page and set {route.setting}."
    unread = [one.of for one in (*checkup.bodies, *checkup.answers) if not one.is_readable]
    if unread:
        yield f"No schema can be read of {', '.join(unread)}: fields go out under the usual names, unchecked."
    for body in checkup.bodies:
        if body.lacking:
            yield f"{body.of} is refused when it is given {', '.join(body.lacking)}: the site has no such fields."
    for answer in checkup.answers:
        if answer.is_broken:
            yield f"{answer.of} cannot be read: it lacks {', '.join(answer.lacking)}."


def _working(checkup: Checkup, kind: str) -> list[Probe]:
    """The routes that make access tokens for a kind of user."""
    return [one for one in checkup.user_keys if f"{{{kind}Id}}" in one.path and one.verdict is Verdict.ANSWERS]


def _explain(site: str, problem: ConnectorError | SettingsError, *, as_json: bool) -> None:
    if as_json:
        code = problem.code if isinstance(problem, ConnectorError) else "SettingInvalid"
        typer.echo(json.dumps({"site": site, "error": {"code": code, "message": str(problem)}}, ensure_ascii=False))
    else:
        typer.echo(f"{site} cannot be examined: {problem}", err=True)


def _show(checkup: Checkup, console: Console) -> None:
    others = [one for one in checkup.accepted_schemes if one != checkup.scheme]
    grid = _grid()
    grid.add_row("Site", checkup.site)
    grid.add_row("Key", f"sent as {checkup.scheme}" + (f"; {' and '.join(others)} works too" if others else ""))
    grid.add_row("Edition", _EDITIONS[checkup.edition])
    for kind in ("member", "contact"):
        paths = ", ".join(one.path for one in _working(checkup, kind))
        grid.add_row(f"As a {kind}", paths or "[red]not possible[/red]")
    console.print(grid)
    _show_drift(console, "What it takes", checkup.bodies)
    _show_drift(console, "What it answers", checkup.answers)
    _show_routes(console, checkup.routes)
    console.print()
    for problem in checkup.problems:
        console.print(f"[red]•[/red] {problem}")
    count = len(checkup.problems)
    console.print(f"{count} problem{'s' if count > 1 else ''}." if count else "[green]No problems.[/green]")


def _show_drift(console: Console, heading: str, drifts: list[Drift]) -> None:
    console.print(f"\n[bold]{heading}[/bold]")
    grid = _grid()
    for drift in drifts:
        if said := "; ".join(_differences(drift)):
            grid.add_row(drift.of, said)
    console.print(grid if grid.row_count else "as expected")


def _differences(drift: Drift) -> Iterator[str]:
    if not drift.is_readable:
        yield "[yellow]its schema cannot be read[/yellow]"
    if drift.renamed:
        yield ", ".join(f"{ours} is {theirs}" for ours, theirs in drift.renamed.items())
    if drift.lacking:
        yield f"[yellow]lacks {', '.join(drift.lacking)}[/yellow]"
    if drift.unknown:
        yield f"has besides {', '.join(drift.unknown)}"


def _show_routes(console: Console, routes: list[Probe]) -> None:
    """Those that we assume, and those that do not answer."""
    found = Counter(route.verdict for route in routes)
    counts = ", ".join(f"{found[verdict]} {word}" for verdict, word in _COUNTED.items() if found[verdict])
    console.print(f"\n[bold]Routes[/bold] ({counts})")
    grid = _grid()
    for route in routes:
        if route.evidence != "proven" or route.verdict is not Verdict.ANSWERS:
            note = f" ({route.note})" if route.note else ""
            grid.add_row(f"[{_COLOURS[route.verdict]}]{route.verdict}[/]", f"{route.method} {route.path}{note}")
    console.print(grid)


def _grid() -> Table:
    grid = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    return grid
