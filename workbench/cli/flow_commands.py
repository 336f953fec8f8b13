"""What operators change of flows and registrations, what needs them, and who changed what."""

import json
from typing import Annotated, Any, Literal

import typer

from connector.relay import alert_views, audit, flow_changes, flow_health, reconciliation
from connector.relay.flow_changes import LONGEST_LABEL, MOST_PER_MINUTE, FlowChange
from connector.relay.relay import Relay
from workbench.cli.admin import AsJson, console, flows, registrations, run, show

alerts = typer.Typer(no_args_is_help=True, help="What needs a person now.")
Take = Annotated[int, typer.Option(min=1, max=500, help="How many to show.")]


@flows.command("show")
def show_flow(subscription_id: str, as_json: AsJson = False) -> None:
    """Show a flow: what it waits for, how its deliveries go, and the latest of them."""
    answer = run(lambda relay: flow_health.show_flow(relay, subscription_id))
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False))
        return
    latest = answer.pop("latest")
    console.print_json(data=answer)
    show({"results": latest}, ("eventId", "state", "attempts", "finishedAt", "reason"), as_json=False)


@flows.command("set")
def set_flow(
    subscription_id: str,
    per_minute: Annotated[
        int | None,
        typer.Option(min=0, max=MOST_PER_MINUTE, help="At most this many a minute; 0 for no limit."),
    ] = None,
    label: Annotated[str | None, typer.Option(help="Your own words for it, a short line.")] = None,
    resume: Annotated[
        Literal["all", "new"] | None, typer.Option(help="Go on, with what has waited too, or with new events only.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Limit a flow, name it, or let a paused one go on."""
    if label is not None and (len(label) > LONGEST_LABEL or not label.isprintable()):
        raise typer.BadParameter(f"--label takes a line of at most {LONGEST_LABEL} characters.")
    change = FlowChange(False if resume else None, resume == "new", per_minute, label)

    async def work(relay: Relay) -> dict[str, Any]:
        await flow_changes.change_flow(relay, subscription_id, change)
        return await flow_health.show_flow(relay, subscription_id)

    answer = run(work, "flow.change", subscription_id)
    typer.echo(json.dumps(answer, ensure_ascii=False) if as_json else f"{answer['name']} is {answer['state']}.")


@flows.command("test")
def send_test_event(subscription_id: str, as_json: AsJson = False) -> None:
    """Send a sample event to a flow, past its conditions, marked as a test."""
    answer = run(lambda relay: flow_changes.send_test(relay, subscription_id), "flow.test", subscription_id)
    typer.echo(json.dumps(answer) if as_json else f"Event {answer['eventId']} is on its way; see `events show`.")


@registrations.command("renew")
def renew_registration(registration_id: str, as_json: AsJson = False) -> None:
    """Have DeskDirector register it again, now."""

    async def work(relay: Relay) -> dict[str, Any]:
        return flow_health.registration_view(await reconciliation.renew_now(relay, registration_id))

    answer = run(work, "registration.renew", registration_id)
    trouble = f"; {answer['trouble']}" if "trouble" in answer else ""
    typer.echo(json.dumps(answer) if as_json else f"It is {answer['state']}{trouble}.")


@alerts.command("list")
def list_alerts(as_json: AsJson = False) -> None:
    """List what is wrong now, what nobody has acknowledged first."""
    show(run(alert_views.list_alerts), ("alertId", "code", "text", "acknowledgedBy"), as_json=as_json)


@alerts.command("acknowledge")
def acknowledge_alert(alert_id: str) -> None:
    """Say that an operator looks after it."""
    answer = run(lambda relay: alert_views.acknowledge(relay, alert_id, "terminal"), "alert.acknowledge", alert_id)
    typer.echo(f"Acknowledged: {answer['text']}")


def show_audit(take: Take = 50, as_json: AsJson = False) -> None:
    """Show who changed what, newest first."""
    answer = run(lambda relay: audit.list_lines(relay, take=take))
    show(answer, ("at", "role", "what", "subject", "count"), as_json=as_json)
