"""`events`, `deliveries`, `flows`, `dead-letters`, `webhooks`, `metrics` …: the operator's side of the relay.

They work on the store that the app uses: the SQLite file of this folder, or Azure storage when its connection is set.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.measure import Measurement
from rich.progress import Progress
from rich.table import Table

from connector.deskdirector.errors import ConnectorError
from connector.relay import administration, audit, event_views, flow_health, replaying
from connector.relay.relay import Relay, shared_relay
from connector.settings import SettingsError, settings
from connector.storage.records import FAILING, UNWANTED, DeliveryState, EventQuery
from connector.storage.shared import shared_store

console = Console(highlight=False)
WIDEST = 2000

Site = Annotated[str, typer.Option(help="Only of this site host.")]
Type = Annotated[str, typer.Option("--type", help="Only events of this type.")]
Since = Annotated[datetime | None, typer.Option(help="Only what arrived since then, in UTC.")]
Until = Annotated[datetime | None, typer.Option(help="Only what arrived before then, in UTC.")]
Ticket = Annotated[str, typer.Option(help="Only about this ticket, by its number.")]
Flow = Annotated[str, typer.Option(help="Only to this subscription, by its id.")]
State = Annotated[
    str, typer.Option(help="Only in this state: pending, failing, delivered, cancelled or dead; of events, unwanted.")
]
Text = Annotated[str, typer.Option(help="Only with this text in what the flow receives.")]
To = Annotated[str, typer.Option(help="Deliver to this subscription instead.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Count only.")]
Take = Annotated[int, typer.Option(min=1, max=500, help="How many to show.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for other programs.")]
Ids = Annotated[list[str] | None, typer.Argument(help="Delivery ids, as `dead-letters list` shows them.")]
All = Annotated[bool, typer.Option("--all", help="All that fit --site, --type, --since and --until.")]

events = typer.Typer(no_args_is_help=True, help="What DeskDirector reported, and what became of it.")
deliveries = typer.Typer(no_args_is_help=True, help="What became of events at each flow.")
flows = typer.Typer(no_args_is_help=True, help="How deliveries to each flow go; pause and resume.")
registrations = typer.Typer(no_args_is_help=True, help="What DeskDirector was asked to send.")
subscriptions = typer.Typer(no_args_is_help=True, help="The flows that wait for events.")
dead_letters = typer.Typer(no_args_is_help=True, help="Deliveries that were given up.")
quarantine = typer.Typer(no_args_is_help=True, help="Records and messages that could not be read.")


def run(work: Callable[[Relay], Awaitable[dict[str, Any]]], audited: str = "", subject: str = "") -> dict[str, Any]:
    """Do `work` on the app's relay; a failure is its sentence and exit code 1.

    What changes something is `audited` under a name, unless it was a dry run.
    """

    async def on_the_store() -> dict[str, Any]:
        store = shared_store(settings())
        try:
            relay = shared_relay(settings())
            done = await work(relay)
            if audited and not done.get("dryRun"):
                await audit.record(relay, "terminal", audited, subject, audit.count_of(done))
            return done
        finally:
            await shared_relay(settings()).close()
            await store.close()

    try:
        return asyncio.run(on_the_store())
    except (ConnectorError, SettingsError) as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(1) from None


def show(answer: dict[str, Any], columns: Sequence[str], *, as_json: bool) -> None:
    """A table of `results`, as wide as they are (ids are copied into the next command, so nothing is cut), or JSON."""
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False))
        return
    table = Table(*columns, box=None, header_style="bold")
    for result in answer["results"]:
        table.add_row(*(str(result.get(column, "")) for column in columns))
    if answer["results"]:
        width = Measurement.get(console, console.options.update(max_width=WIDEST), table).maximum
        Console(highlight=False, width=max(width, console.width)).print(table)
    else:
        console.print("Nothing.")
    if answer.get("continuation"):
        console.print("[dim]There is more; narrow it, or use --take.[/dim]")


def query(
    site: str,
    event_type: str,
    since: datetime | None,
    until: datetime | None,
    take: int = 50,
    *,
    ticket: str = "",
    flow: str = "",
    state: str = "",
    text: str = "",
) -> EventQuery:
    """The filter that the options stand for."""
    states = (*DeliveryState, FAILING, UNWANTED)
    if state and state not in states:
        raise typer.BadParameter(f"--state takes one of {', '.join(states)}.")
    return EventQuery(
        site=site,
        type=event_type,
        subscription_id=flow,
        subject=ticket,
        state=state,
        text=text,
        since=_seconds(since),
        until=_seconds(until),
        take=take,
    )


def _seconds(moment: datetime | None) -> float | None:
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() if moment else None


@events.command("list")
def list_events(
    site: Site = "",
    event_type: Type = "",
    ticket: Ticket = "",
    flow: Flow = "",
    state: State = "",
    text: Text = "",
    since: Since = None,
    until: Until = None,
    take: Take = 50,
    as_json: AsJson = False,
) -> None:
    """Search events, newest first."""
    wanted = query(site, event_type, since, until, take, ticket=ticket, flow=flow, state=state, text=text)
    answer = run(lambda relay: event_views.list_events(relay, wanted))
    if not as_json:
        answer = {**answer, "results": [{**event, "title": event["about"]["title"]} for event in answer["results"]]}
    show(answer, ("receivedAt", "site", "eventType", "subject", "title", "worst", "eventId"), as_json=as_json)


@events.command("show")
def show_event(event_id: str, as_json: AsJson = False) -> None:
    """Show an event, its content, why each flow got it or not, and how its deliveries went."""
    answer = run(lambda relay: event_views.show_event(relay, event_id))
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False))
        return
    console.print_json(data=answer["payload"])
    verdicts = [{**verdict, "flow": (verdict.get("flow") or {}).get("name", "")} for verdict in answer["verdicts"]]
    if verdicts:
        show({"results": verdicts}, ("subscriptionId", "flow", "wanted", "because"), as_json=False)
    show({"results": answer["deliveries"]}, ("deliveryId", "state", "attempts", "finishedAt", "reason"), as_json=False)


@events.command("replay")
def replay_event(event_id: str, to: To = "", as_json: AsJson = False) -> None:
    """Deliver an event again to every flow that it was for, or to one, under the same event id."""
    answer = run(lambda relay: replaying.replay_event(relay, event_id, to=to), "event.replay", event_id)
    _report(answer, f"{answer['replayed']} deliveries are due again.", as_json=as_json)


@deliveries.command("list")
def list_deliveries(
    site: Site = "",
    event_type: Type = "",
    ticket: Ticket = "",
    flow: Flow = "",
    state: State = "",
    text: Text = "",
    since: Since = None,
    until: Until = None,
    take: Take = 50,
    as_json: AsJson = False,
) -> None:
    """Search deliveries in any state, newest first."""
    wanted = query(site, event_type, since, until, take, ticket=ticket, flow=flow, state=state, text=text)
    answer = run(lambda relay: event_views.list_deliveries(relay, wanted))
    show(answer, ("deliveryId", "site", "state", "attempts", "finishedAt", "reason"), as_json=as_json)


@deliveries.command("replay")
def replay_deliveries(
    ids: Ids = None,
    all_: All = False,
    site: Site = "",
    event_type: Type = "",
    ticket: Ticket = "",
    flow: Flow = "",
    state: State = "",
    text: Text = "",
    since: Since = None,
    until: Until = None,
    to: To = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Repeat deliveries, finished ones too, to the same flows or all to one. Count first with --dry-run."""
    wanted = query(site, event_type, since, until, ticket=ticket, flow=flow, state=state, text=text)
    _replayed(_chosen(ids, all_, wanted), to, dry_run=dry_run, as_json=as_json)


@flows.command("list")
def list_flows(site: Site = "", as_json: AsJson = False) -> None:
    """List the flows with how their deliveries go."""
    answer = run(lambda relay: flow_health.list_flows(relay, site=site))
    columns = ("subscriptionId", "site", "eventType", "state", "waiting", "oldestWaitingSeconds", "ratePerSecond")
    show(answer, (*columns, "lastSuccessAt", "failingSince", "reason"), as_json=as_json)


@flows.command("pause")
def pause_flow(subscription_id: str, as_json: AsJson = False) -> None:
    """Hold deliveries to a flow back; nothing is lost meanwhile."""
    answer = _set_paused(subscription_id, paused=True)
    _report(answer, "Paused." if answer["changed"] else "It is paused, or has ended.", as_json=as_json)


@flows.command("resume")
def resume_flow(subscription_id: str, as_json: AsJson = False) -> None:
    """Resume a paused flow; deliveries that waited are made at once."""
    answer = _set_paused(subscription_id, paused=False)
    _report(answer, "Resumed." if answer["changed"] else "It is not paused.", as_json=as_json)


@registrations.command("list")
def list_registrations(site: Site = "", as_json: AsJson = False) -> None:
    """List the registrations in DeskDirector, with their newest event and what troubles them."""
    answer = run(lambda relay: flow_health.list_registrations(relay, site=site))
    columns = ("registrationId", "site", "eventType", "state", "subscriptions", "lastEventAt", "madeAt", "trouble")
    show(answer, columns, as_json=as_json)


@subscriptions.command("list")
def list_subscriptions(
    site: Site = "",
    ended: Annotated[bool, typer.Option(help="Those that have ended as well.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the flows that wait, and how their registration in DeskDirector stands."""
    answer = run(lambda relay: administration.list_subscriptions(relay, site=site, ended=ended))
    show(answer, ("subscriptionId", "site", "family", "eventType", "flowHost", "registration"), as_json=as_json)


@subscriptions.command("remove")
def remove_subscription(subscription_id: str, as_json: AsJson = False) -> None:
    """End a subscription, and its registration in DeskDirector when nobody else waits for it."""
    answer = run(lambda relay: administration.remove_subscription(relay, subscription_id), "flow.end", subscription_id)
    _report(answer, "Removed.", as_json=as_json)


@dead_letters.command("list")
def list_dead_letters(
    site: Site = "",
    event_type: Type = "",
    flow: Flow = "",
    since: Since = None,
    until: Until = None,
    take: Take = 50,
    as_json: AsJson = False,
) -> None:
    """List the deliveries that were given up, newest first, with the reason."""
    wanted = query(site, event_type, since, until, take, flow=flow, state=DeliveryState.DEAD)
    answer = run(lambda relay: event_views.list_deliveries(relay, wanted))
    show(answer, ("deliveryId", "site", "attempts", "finishedAt", "reason"), as_json=as_json)


@dead_letters.command("replay")
def replay_dead_letters(
    ids: Ids = None,
    all_: All = False,
    site: Site = "",
    event_type: Type = "",
    flow: Flow = "",
    since: Since = None,
    until: Until = None,
    to: To = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Try dead letters again."""
    wanted = query(site, event_type, since, until, flow=flow, state=DeliveryState.DEAD)
    _replayed(_chosen(ids, all_, wanted), to, dry_run=dry_run, as_json=as_json)


@dead_letters.command("purge")
def purge_dead_letters(
    ids: Ids = None,
    all_: All = False,
    site: Site = "",
    event_type: Type = "",
    flow: Flow = "",
    since: Since = None,
    until: Until = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Give dead letters up for good."""
    choice = _chosen(ids, all_, query(site, event_type, since, until, flow=flow))
    answer = _with_progress(
        "Purging",
        "dead-letters.purge",
        lambda relay, tick: replaying.purge(relay, choice, dry_run=dry_run, progress=tick),
    )
    sentence = (
        f"{answer['found']} dead letters would be purged."
        if dry_run
        else (f"{answer.get('purged')} deliveries were given up for good.")
    )
    _report(answer, sentence, as_json=as_json)


def show_metrics(site: Site = "", as_json: AsJson = False) -> None:
    """Show what was accepted, delivered, retried and given up, per site, and how far behind it is."""
    answer = run(lambda relay: administration.metrics(relay, site=site))
    show(answer, ("site", "accepted", "delivered", "retried", "dead", "pending", "lagSeconds"), as_json=as_json)


@quarantine.command("list")
def list_quarantine(take: Take = 50, as_json: AsJson = False) -> None:
    """Show the records and messages that could not be read, with the reason; their content stays where it is."""
    answer = run(lambda relay: administration.list_quarantine(relay, take=take))
    show(answer, ("id", "at", "kind", "key", "reason"), as_json=as_json)


@quarantine.command("replay")
def replay_quarantined(quarantine_id: str, as_json: AsJson = False) -> None:
    """Process a quarantined request of DeskDirector again."""
    answer = run(lambda relay: replaying.replay_quarantined(relay, quarantine_id), "quarantine.replay", quarantine_id)
    _report(answer, "Replayed.", as_json=as_json)


@quarantine.command("purge")
def purge_quarantined(ids: list[str], as_json: AsJson = False) -> None:
    """Delete quarantined records for good."""
    answer = run(lambda relay: replaying.purge_quarantined(relay, ids), "quarantine.purge", ", ".join(ids[:3]))
    _report(answer, f"{answer['purged']} records were deleted.", as_json=as_json)


def _set_paused(subscription_id: str, *, paused: bool) -> dict[str, Any]:
    name = "flow.pause" if paused else "flow.resume"
    return run(lambda relay: administration.set_paused(relay, subscription_id, paused=paused), name, subscription_id)


def _report(answer: dict[str, Any], sentence: str, *, as_json: bool) -> None:
    typer.echo(json.dumps(answer, ensure_ascii=False) if as_json else sentence)


def _replayed(choice: replaying.Choice, to: str, *, dry_run: bool, as_json: bool) -> None:
    answer = _with_progress(
        "Replaying",
        "deliveries.replay",
        lambda relay, tick: replaying.replay(relay, choice, to=to, dry_run=dry_run, progress=tick),
    )
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False))
        return
    typer.echo(
        f"{answer['found']} would be replayed." if dry_run else f"{answer['replayed']} deliveries are due again."
    )
    if "notice" in answer:
        typer.echo(answer["notice"])
        show({"results": answer["ended"]}, ("subscriptionId", "deliveries", "newerSubscriptionId"), as_json=False)


def _chosen(ids: list[str] | None, everything: bool, fitting: EventQuery) -> replaying.Choice:
    if bool(ids) == everything:
        typer.echo("Give delivery ids, or --all with filters to narrow it.", err=True)
        raise typer.Exit(2)
    return replaying.Choice(query=fitting) if everything else replaying.Choice(ids=ids or [])


def _with_progress(
    what: str, audited: str, work: Callable[[Relay, replaying.Progress], Awaitable[dict[str, Any]]]
) -> dict[str, Any]:
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        return run(lambda relay: work(relay, lambda count: bar.advance(task, count)), audited)
