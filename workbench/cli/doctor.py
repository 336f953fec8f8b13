"""`doctor`: how a site differs from what the connector assumes. It reads, and asks about routes; it changes nothing."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import typer
from rich.console import Console

from connector.catalog import operations
from connector.deskdirector import endpoints as api
from connector.deskdirector.authorization import schemes_of
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.connection import Connection
from connector.deskdirector.discovery.findings import Findings
from connector.deskdirector.endpoints import endpoints_for
from connector.deskdirector.errors import ConnectorError
from connector.deskdirector.sites import loopback_pair
from connector.examining.drift import Drift, drift_of_answers, drift_of_bodies
from connector.examining.parts import edition_of, for_examining, samples_of
from connector.examining.probing import (
    Probe,
    Verdict,
    accepted_schemes,
    probe_routes,
    probe_user_keys,
)
from connector.settings import Settings, SettingsError, settings
from workbench.checks.site.documents import documented_routes
from workbench.checks.site.notifications import Notification, notifications
from workbench.checks.site.offers import Offer, offers, pinned, settings_lines
from workbench.cli import doctor_report
from workbench.cli.waiting import Step, in_steps

STEPS = 4
HEALTHY, PROBLEMS, NOT_CONNECTED = 0, 1, 2
_CODES = {True: "SettingInvalid", False: "FileUnusable"}
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
    offers: list[Offer]
    documents: Findings
    notifications: list[Notification]
    bodies: list[Drift]
    answers: list[Drift]
    problems: list[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "problems", list(_problems(self)))


def examine(site: str, key: str, *, as_json: bool, documents: Sequence[Path] = (), write: Path | None = None) -> int:
    """Examine a site and print what was found; 1 when something will not work, 2 when there is no connection.

    `documents` are saved OpenAPI documents, for a site whose swagger page needs a sign-in; `write` gets the settings
    that pin what was found.
    """
    try:
        with in_steps(STEPS) as step:
            checkup = asyncio.run(examined(site, key, settings(), documents, step))
        if write:
            write.write_text("\n".join(settings_lines(checkup.site, checkup.documents)) + "\n")
    except (ConnectorError, SettingsError, OSError) as problem:
        _explain(site, problem, as_json=as_json)
        return NOT_CONNECTED
    if as_json:
        typer.echo(json.dumps(asdict(checkup), ensure_ascii=False))
    else:
        _show(checkup, Console(highlight=False))
    return PROBLEMS if checkup.problems else HEALTHY


async def examined(
    site: str, key: str, current: Settings, documents: Sequence[Path] = (), step: Step = lambda _: None
) -> Checkup:
    """Everything that can be found out; raises `ConnectorError` when there is no connection, or `SettingsError`.

    Routes that the site's documents have are tried where they have them, unless a setting says otherwise.
    """
    catalog = operations()
    endpoints_for(current)
    current = replace(for_examining(current), development_sites=_reachable(site, current))
    connection = Connection.from_headers({"dd-host": site, "dd-api-key": key}, current)
    step("Key")
    schemes, scheme, current = await _schemes(connection, current)
    dd = DeskDirector(connection, current)
    await dd.call(api.TEST_CONNECTION)
    step("Documents")
    findings = await documented_routes(dd, documents)
    current = replace(current, endpoints={**pinned(findings), **current.endpoints})
    dd = DeskDirector(connection, current)
    samples = await samples_of(dd)
    step("Routes")
    routes = await probe_routes(dd, samples)
    step("Events and schemas")
    return Checkup(
        site=connection.site.name,
        scheme=scheme,
        accepted_schemes=schemes or [scheme],
        edition=edition_of(connection, schemes),
        user_keys=await probe_user_keys(dd, samples),
        routes=routes,
        offers=offers(catalog.values(), endpoints_for(current), findings, routes),
        documents=findings,
        notifications=await notifications(dd),
        bodies=await drift_of_bodies(dd),
        answers=await drift_of_answers(dd),
    )


async def _schemes(connection: Connection, current: Settings) -> tuple[list[str], str, Settings]:
    """The schemes that the site accepts, the one that is used, and settings with which it goes on."""
    schemes = await accepted_schemes(DeskDirector(connection, current))
    scheme = schemes_of(connection, api.TEST_CONNECTION, current)[0]
    if current.key_scheme == "auto":
        scheme = schemes[0] if schemes else scheme
    elif schemes and scheme not in schemes:
        current = replace(current, key_scheme="auto")
    return schemes, scheme, current


def _reachable(site: str, current: Settings) -> tuple[str, ...]:
    """A simulator that is named on this very machine may be called."""
    pair = site.strip().lower()
    return (*current.development_sites, pair) if loopback_pair(pair) else current.development_sites


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
            alike = checkup.documents.matches.get(route.name, ())
            instead = f" (alike: {alike[0].route})" if alike else ""
            where = f"{route.method} {route.path} is not there"
            yield f"{where}: look it up on the site's /swagger page{instead} and set {route.setting}."
    unread = [schema.of for schema in (*checkup.bodies, *checkup.answers) if not schema.is_readable]
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
    return [key for key in checkup.user_keys if f"{{{kind}Id}}" in key.path and key.verdict is Verdict.ANSWERS]


def _explain(site: str, problem: ConnectorError | SettingsError | OSError, *, as_json: bool) -> None:
    if as_json:
        code = problem.code if isinstance(problem, ConnectorError) else _CODES[type(problem) is SettingsError]
        typer.echo(json.dumps({"site": site, "error": {"code": code, "message": str(problem)}}, ensure_ascii=False))
    else:
        typer.echo(f"{site} cannot be examined: {problem}", err=True)


def _show(checkup: Checkup, console: Console) -> None:
    others = [scheme for scheme in checkup.accepted_schemes if scheme != checkup.scheme]
    rows = doctor_report.grid()
    rows.add_row("Site", checkup.site)
    rows.add_row("Key", f"sent as {checkup.scheme}" + (f"; {' and '.join(others)} works too" if others else ""))
    rows.add_row("Edition", _EDITIONS[checkup.edition])
    for kind in ("member", "contact"):
        paths = ", ".join(key.path for key in _working(checkup, kind))
        rows.add_row(f"As a {kind}", paths or "[red]not possible[/red]")
    console.print(rows)
    doctor_report.show_offers(console, checkup.offers)
    doctor_report.show_documents(console, checkup.documents)
    doctor_report.show_routes(console, checkup.routes, {offer.setting for offer in checkup.offers})
    doctor_report.show_notifications(console, checkup.notifications)
    doctor_report.show_drift(console, "What it takes", checkup.bodies)
    doctor_report.show_drift(console, "What it answers", checkup.answers)
    doctor_report.show_problems(console, checkup.problems)
