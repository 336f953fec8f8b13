"""`listen`: events as they arrive, live, as lines or as JSON, from this machine's store or from an app elsewhere."""

import asyncio
import json
import re
import sys
from collections.abc import Mapping
from contextlib import aclosing
from time import time
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.text import Text

from connector.deskdirector.errors import ConnectorError
from connector.settings import SettingsError
from connector.storage.records import EventQuery
from workbench.cli.following import Listening, Output, changes_of, forwarding
from workbench.cli.live import show_live
from workbench.cli.sources import Source, UnreadableError, is_local_address, sentence, source_of
from workbench.cli.timeline import line_of

Json = dict[str, Any]

ESCAPES: Final = {code: f"\\u{code:04x}" for code in range(0x7F, 0xA0)}
"""Control characters that JSON leaves as they are; terminals obey them."""
UNITS: Final[Mapping[str, int]] = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def listen(
    site: Annotated[str, typer.Option(help="Only of this site host.")] = "",
    event_type: Annotated[str, typer.Option("--type", help="Only events of this type.")] = "",
    flow: Annotated[str, typer.Option(help="Only events for this subscription, by its id.")] = "",
    ticket: Annotated[str, typer.Option(help="Only about this ticket, by its number.")] = "",
    failed: Annotated[bool, typer.Option("--failed", help="Only events of which a delivery failed.")] = False,
    since: Annotated[str, typer.Option(help="Begin with what came within the last 10m, 2h or 1d.")] = "",
    output: Annotated[Output | None, typer.Option(help="live in a terminal, otherwise lines; json for jq.")] = None,
    at: Annotated[str, typer.Option(help="An app elsewhere; its key is read from CONNECTOR_CONSOLE_KEY.")] = "",
    forward_to: Annotated[str, typer.Option(help="Post each event to this address on this machine, too.")] = "",
    replay: Annotated[str, typer.Option(help="First deliver this event again, by its id.")] = "",
    port: Annotated[
        int, typer.Option(min=1, max=65535, envvar="PORT", help="Where the app on this machine has its console.")
    ] = 7071,
) -> None:
    """Show events as they arrive, with what became of them; Ctrl-C ends it.

    Live: p pauses, f shows failed ones only, / filters, j and k or the arrows move, d shows details, r delivers again,
    o opens it in the console, c copies the id, q ends.
    """
    if forward_to and not is_local_address(forward_to):
        raise typer.BadParameter("--forward-to takes an address on this machine, such as http://127.0.0.1:5000/x.")
    query = EventQuery(
        site=site, type=event_type, subscription_id=flow, subject=ticket, since=_since(since), take=200
    )  # fmt: skip
    can_be_live = sys.stdout.isatty() and sys.stdin.isatty() and sys.platform != "win32"
    shown: Output = output or ("live" if can_be_live else "lines")
    options = Listening(query, shown, failed, forward_to, at, port)
    try:
        asyncio.run(_listen(options, replay))
    except KeyboardInterrupt:
        return
    except BrokenPipeError:  # `listen | head` has seen enough
        sys.stderr.close()
        return
    except (ConnectorError, UnreadableError, SettingsError) as problem:
        typer.echo(sentence(problem), err=True)
        raise typer.Exit(1) from None


async def _listen(options: Listening, replay: str) -> None:
    source = source_of(options.at)
    try:
        if replay:
            count = await source.replay(replay)
            typer.echo(f"{count} deliveries are due again.", err=True)
        if options.output == "live":
            await show_live(source, options)
        else:
            await _print(source, options)
    finally:
        await source.close()


async def _print(source: Source, options: Listening) -> None:
    console = Console(highlight=False, soft_wrap=True)

    def tell(notice: str) -> None:
        typer.echo(notice or "Events can be read again.", err=True)

    async with forwarding(options.forward_to) as forward, aclosing(changes_of(source, options, tell)) as changes:
        if options.output == "lines":
            typer.echo(f"listening · {options.at or 'the store of this machine'} · Ctrl-C ends it", err=True)
        async for event, is_new in changes:
            if options.output == "json":
                for part in parts_of(event, is_new=is_new):
                    typer.echo(json.dumps(part, ensure_ascii=False).translate(ESCAPES))
            else:
                console.print(Text("" if is_new else "> ") + line_of(event))
            if is_new and forward is not None:
                typer.echo(f"  {await forward(event)}", err=options.output == "json")
            sys.stdout.flush()


def parts_of(event: Json, *, is_new: bool) -> list[Json]:
    """One object a line: the event when it is new, its verdicts, and the last attempt of each delivery."""
    head = {name: event[name] for name in ("eventId", "site", "eventType", "receivedAt", "subject", "about", "worst")}
    parts: list[Json] = [{"kind": "event", **head}] if is_new else []
    if is_new:
        parts += [{"kind": "verdict", "eventId": event["eventId"], **one} for one in event["verdicts"]]
    for delivery in event["deliveries"]:
        known = {name: delivery[name] for name in ("deliveryId", "subscriptionId", "state", "attempts")}
        last = delivery["log"][-1] if delivery["log"] else {}
        answered = (
            {"outcome": last["kind"], **{name: one for name, one in last.items() if name != "kind"}} if last else {}
        )
        parts.append({"kind": "attempt", "eventId": event["eventId"], **known, **answered})
    return parts


def _since(text: str) -> float | None:
    if not text:
        return None
    match = re.fullmatch(r"(\d{1,6})([smhd])", text.strip())
    if match is None:
        raise typer.BadParameter("--since takes 30s, 10m, 2h or 1d.")
    return time() - int(match[1]) * UNITS[match[2]]
