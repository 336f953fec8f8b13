"""`events`, `subscriptions`, `dead-letters`, `webhooks`, `metrics`: the operator's side of the relay.

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
from connector.relay import administration, portal_webhooks
from connector.relay.relay import Relay, shared_relay
from connector.settings import SettingsError, settings
from connector.storage.records import EventQuery
from connector.storage.shared import shared_store

console = Console(highlight=False)
WIDEST = 2000

Site = Annotated[str, typer.Option(help="Only of this site host.")]
Type = Annotated[str, typer.Option("--type", help="Only events of this type.")]
Since = Annotated[datetime | None, typer.Option(help="Only what arrived since then, in UTC.")]
Until = Annotated[datetime | None, typer.Option(help="Only what arrived before then, in UTC.")]
Take = Annotated[int, typer.Option(min=1, max=500, help="How many to show.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for other programs.")]
Ids = Annotated[list[str] | None, typer.Argument(help="Delivery ids, as `dead-letters list` shows them.")]
All = Annotated[bool, typer.Option("--all", help="All that fit --site, --type, --since and --until.")]

events = typer.Typer(no_args_is_help=True, help="What DeskDirector reported, and what became of it.")
subscriptions = typer.Typer(no_args_is_help=True, help="The flows that wait for events.")
dead_letters = typer.Typer(no_args_is_help=True, help="Deliveries that were given up.")
quarantine = typer.Typer(no_args_is_help=True, help="Records and messages that could not be read.")
webhooks = typer.Typer(no_args_is_help=True, help="Webhooks that are pasted into DeskDirector's own pages.")


def run(work: Callable[[Relay], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    """Do `work` on the app's relay; a failure is its sentence and exit code 1."""

    async def on_the_store() -> dict[str, Any]:
        store = shared_store(settings())
        try:
            return await work(shared_relay(settings()))
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


def query(site: str, event_type: str, since: datetime | None, until: datetime | None, take: int = 50) -> EventQuery:
    """The filter that the options stand for."""
    return EventQuery(site=site, type=event_type, since=_seconds(since), until=_seconds(until), take=take)


def _seconds(moment: datetime | None) -> float | None:
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() if moment else None


@events.command("list")
def list_events(
    site: Site = "",
    event_type: Type = "",
    since: Since = None,
    until: Until = None,
    take: Take = 50,
    as_json: AsJson = False,
) -> None:
    """List events, newest first."""
    answer = run(lambda relay: administration.list_events(relay, query(site, event_type, since, until, take)))
    show(answer, ("receivedAt", "site", "eventType", "eventId"), as_json=as_json)


@events.command("show")
def show_event(event_id: str, as_json: AsJson = False) -> None:
    """Show an event, its content, and how its deliveries went."""
    answer = run(lambda relay: administration.show_event(relay, event_id))
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False))
        return
    console.print_json(data=answer["payload"])
    show({"results": answer["deliveries"]}, ("deliveryId", "state", "attempts", "finishedAt", "reason"), as_json=False)


@events.command("replay")
def replay_event(event_id: str) -> None:
    """Deliver an event again to every flow that it was for, under the same event id."""
    answer = run(lambda relay: administration.replay_event(relay, event_id))
    typer.echo(f"{answer['replayed']} deliveries are due again.")


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
def remove_subscription(subscription_id: str) -> None:
    """End a subscription, and its registration in DeskDirector when nobody else waits for it."""
    run(lambda relay: administration.remove_subscription(relay, subscription_id))
    typer.echo("Removed.")


@dead_letters.command("list")
def list_dead_letters(
    site: Site = "",
    event_type: Type = "",
    since: Since = None,
    until: Until = None,
    take: Take = 50,
    as_json: AsJson = False,
) -> None:
    """List the deliveries that were given up, newest first, with the reason."""
    answer = run(lambda relay: administration.list_dead_letters(relay, query(site, event_type, since, until, take)))
    show(answer, ("deliveryId", "site", "attempts", "finishedAt", "reason"), as_json=as_json)


@dead_letters.command("replay")
def replay_dead_letters(
    ids: Ids = None, all_: All = False, site: Site = "", event_type: Type = "", since: Since = None, until: Until = None
) -> None:
    """Try dead letters again."""
    chosen = _chosen(ids, all_, query(site, event_type, since, until))
    answer = _with_progress(
        "Replaying", lambda relay, tick: administration.replay_dead_letters(relay, **chosen, progress=tick)
    )
    typer.echo(f"{answer['replayed']} deliveries are due again.")


@dead_letters.command("purge")
def purge_dead_letters(
    ids: Ids = None, all_: All = False, site: Site = "", event_type: Type = "", since: Since = None, until: Until = None
) -> None:
    """Give dead letters up for good."""
    chosen = _chosen(ids, all_, query(site, event_type, since, until))
    answer = _with_progress(
        "Purging", lambda relay, tick: administration.purge_dead_letters(relay, **chosen, progress=tick)
    )
    typer.echo(f"{answer['purged']} deliveries were given up for good.")


@webhooks.command("add")
def add_webhook(
    site: str,
    name: str,
    secret: Annotated[
        str, typer.Option(help="The secret that DeskDirector made, for a form; one is made otherwise.")
    ] = "",
    url: Annotated[
        str, typer.Option(help="Where DeskDirector reaches this app; CONNECTOR_PUBLIC_URL when left out.")
    ] = "",
) -> None:
    """Add a webhook; prints the address and the secret to paste into DeskDirector, this once."""
    base = url or settings().public_url
    if not base:
        typer.echo(
            "Give --url, the address under which DeskDirector reaches this app, or set CONNECTOR_PUBLIC_URL.", err=True
        )
        raise typer.Exit(1)

    async def add(relay: Relay) -> dict[str, Any]:
        added = await portal_webhooks.add(relay, site, name, base.rstrip("/"), secret)
        return {"url": added.url, "secret": added.secret}

    answer = run(add)
    typer.echo(f"URL     {answer['url']}\nSecret  {answer['secret']}")


@webhooks.command("list")
def list_webhooks(site: str, as_json: AsJson = False) -> None:
    """List the webhooks of a site by name."""

    async def names(relay: Relay) -> dict[str, Any]:
        return {"results": [{"name": name} for name in await portal_webhooks.names(relay, site)]}

    show(run(names), ("name",), as_json=as_json)


@webhooks.command("remove")
def remove_webhook(site: str, name: str) -> None:
    """Remove a webhook; whatever DeskDirector still sends there is refused."""

    async def remove(relay: Relay) -> dict[str, Any]:
        await portal_webhooks.remove(relay, site, name)
        return {}

    run(remove)
    typer.echo("Removed.")


def show_metrics(site: Site = "", as_json: AsJson = False) -> None:
    """Show what was accepted, delivered, retried and given up, per site, and how far behind it is."""
    answer = run(lambda relay: administration.metrics(relay, site=site))
    show(answer, ("site", "accepted", "delivered", "retried", "dead", "pending", "lagSeconds"), as_json=as_json)


@quarantine.command("list")
def list_quarantine(take: Take = 50, as_json: AsJson = False) -> None:
    """Show the records and messages that could not be read, with the reason; their content stays where it is."""
    answer = run(lambda relay: administration.list_quarantine(relay, take=take))
    show(answer, ("at", "kind", "key", "reason"), as_json=as_json)


def _chosen(ids: list[str] | None, everything: bool, fitting: EventQuery) -> dict[str, Any]:
    if bool(ids) == everything:
        typer.echo("Give delivery ids, or --all with filters to narrow it.", err=True)
        raise typer.Exit(2)
    return {"query": fitting} if everything else {"ids": ids}


def _with_progress(
    what: str, work: Callable[[Relay, administration.Progress], Awaitable[dict[str, Any]]]
) -> dict[str, Any]:
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        return run(lambda relay: work(relay, lambda count: bar.advance(task, count)))
