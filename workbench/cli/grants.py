"""`grants list` and `grants end`: who signed in to the MCP server."""

from typing import Annotated

import typer

from connector.serving.admin_routes import end_by_operator
from connector.serving.oauth.granted import list_grants
from workbench.cli.admin import AsJson, Site, run, show

grants = typer.Typer(no_args_is_help=True, help="Who signed in to the MCP server, and for what.")


@grants.command("list")
def list_all(
    site: Site = "",
    ended: Annotated[bool, typer.Option("--ended", help="Those that were ended, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the grants: the program, the site, whether it may write, since when and until when."""
    answer = run(lambda relay: list_grants(relay.store, relay.clock(), site=site, with_ended=ended))
    columns = ("id", "client", "host", "site", "access", "createdAt", "usedAt", "endsAt")
    show(answer, (*columns, "endedAt", "endedBy") if ended else columns, as_json=as_json)


@grants.command("end")
def end(grant_id: str) -> None:
    """End a grant: its tokens are good for a minute more at most."""
    run(lambda relay: end_by_operator(relay, grant_id), "grant.end", grant_id)
    typer.echo("The grant was ended.")
