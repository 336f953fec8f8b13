"""`webhooks`: addresses and secrets that are pasted into DeskDirector's own pages."""

from typing import Annotated, Any

import typer

from connector.relay import portal_webhooks
from connector.relay.relay import Relay
from connector.settings import settings
from workbench.cli.admin import AsJson, run, show

webhooks = typer.Typer(no_args_is_help=True, help="Webhooks that are pasted into DeskDirector's own pages.")


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

    answer = run(add, "webhook.add", name)
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

    run(remove, "webhook.remove", name)
    typer.echo("Removed.")
