"""What an operator should hear of: a log line with a stable code, and a message to the operator's own webhook.

One message an hour at most for one cause, whatever the number of processes.
"""

import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from connector.deskdirector.no_answer import NoAnswer
from connector.relay.arrivals import Arrivals, arrivals, lasting, why_silent
from connector.relay.callbacks import split
from connector.relay.event_sources import EventSource
from connector.relay.registrations import is_listening
from connector.relay.relay import Relay
from connector.relay.series import Counts, read_minutes
from connector.relay.subscriptions import TURNED_OFF
from connector.storage.records import Subscription

log = logging.getLogger("connector")

REPEAT_SECONDS: Final = 3600.0
SEND_SECONDS: Final = 10.0
LATE_MINUTES: Final = 15
LATE_DELIVERIES: Final = 5
"""Fewer within these minutes say nothing about the app."""
QUIET_ENDS: Final = (TURNED_OFF, "an operator removed it", "its webhook was removed")
"""Intended ends: no alert."""


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that needs a person. `code` is stable; `subject` is the id of what it is about."""

    code: str
    subject: str
    site: str
    text: str


async def raise_alerts(relay: Relay) -> list[Alert]:
    """Find the present problems, and report those not reported within the last hour."""
    raised = []
    async for alert in find_alerts(relay):
        key = f"alert\n{alert.code}\n{alert.subject}"
        if await relay.store.marks.add(key, relay.clock(), REPEAT_SECONDS):
            log.error(_line(alert))
            await _send(relay, alert)
            raised.append(alert)
    return raised


def _line(alert: Alert) -> str:
    said = {"event": "alert", "code": alert.code, "subject": alert.subject, "site": alert.site, "text": alert.text}
    return json.dumps(said, separators=(",", ":"), ensure_ascii=False)


async def find_alerts(relay: Relay) -> AsyncIterator[Alert]:
    """Everything that is wrong now."""
    subscriptions = {subscription.id: subscription for subscription in await relay.store.subscriptions.list(ended=True)}
    async for alert in _of_flows(relay, subscriptions):
        yield alert
    for subscription in subscriptions.values():
        is_recent = subscription.ended_at is not None and subscription.ended_at > relay.clock() - REPEAT_SECONDS
        if is_recent and subscription.ended_because not in QUIET_ENDS:
            yield Alert(
                "SubscriptionEnded",
                subscription.id,
                subscription.site,
                f"{_named(subscription)} has ended: {subscription.ended_because}.",
            )
    async for alert in _of_registrations(relay):
        yield alert
    for site, text in (await _late(relay)).items():
        yield Alert("DeliveriesLate", site, site, text)


async def _of_flows(relay: Relay, subscriptions: dict[str, Subscription]) -> AsyncIterator[Alert]:
    now, settings = relay.clock(), relay.settings
    for health in await relay.store.health.list():
        flow = subscriptions.get(health.subscription_id)
        minutes = (now - health.failing_since) / 60 if health.failing_since else 0.0
        if flow and flow.ended_at is None and not flow.paused_at and minutes >= settings.alert_failing_minutes:
            text = f"{_named(flow)} has been failing for {minutes:.0f} minutes: {health.reason}"
            yield Alert("FlowFailing", flow.id, flow.site, text)
    for backlog in await relay.store.outbox.backlogs(now):
        flow = subscriptions.get(backlog.subscription_id)
        minutes = (now - backlog.oldest_at) / 60
        if flow and flow.ended_at is None and not flow.paused_at and minutes >= settings.alert_backlog_minutes:
            text = f"{backlog.waiting} events wait for {_named(flow)}, the oldest for {minutes:.0f} minutes."
            yield Alert("BacklogOld", flow.id, flow.site, text)


async def _of_registrations(relay: Relay) -> AsyncIterator[Alert]:
    """Those that DeskDirector refuses, and those whose events stopped coming."""
    known, now = await arrivals(relay), relay.clock()
    for registration in await relay.store.registrations.list():
        if not is_listening(registration):
            continue
        source = EventSource.of(registration.source_key)
        where = f"{source.event_type or source.family} at {registration.site}"
        if registration.trouble:
            text = f"The registration of {where} is in trouble ({registration.trouble}); its events may be missing."
            yield Alert("RegistrationInTrouble", registration.id, registration.site, text)
            continue
        last = known.get(registration.id, Arrivals())
        if reason := why_silent(last, now, relay.settings.alert_silent_minutes):
            text = f"No event of {where} has come for {lasting(now - last.last_at)}, {reason}. Renew its registration."
            yield Alert("EventsMissing", registration.id, registration.site, text)


async def _late(relay: Relay) -> dict[str, str]:
    """What to say of each site whose events have come late to flows lately."""
    limit = relay.settings.alert_late_seconds
    if not limit:
        return {}
    found: dict[str, Counts] = {}
    for minute in (await read_minutes(relay.store.journal, relay.clock(), LATE_MINUTES)).values():
        for site, counts in minute.sites.items():
            found.setdefault(site, Counts()).add(counts)
    said = {}
    for site, counts in found.items():
        half, count = (counts.percentile(0.5) or 0) / 1000, counts.times.total()
        if count >= LATE_DELIVERIES and half >= limit:
            said[site] = (
                f"Of {count} deliveries at {site} within {LATE_MINUTES} minutes, half came later than {lasting(half)}; "
                "the app is short of time, or its flows are."
            )
    return said


def _named(flow: Subscription) -> str:
    return (
        f"flow '{flow.description}'"
        if flow.description
        else f"the flow of {flow.event_type} at {flow.site} ({flow.id})"
    )


async def _send(relay: Relay, alert: Alert) -> None:
    """To the operator's webhook; its failure is logged, and the alert is in the log anyway."""
    url = relay.settings.alert_webhook
    if not url:
        return
    body = json.dumps(message_for(urlsplit(url).hostname or "", alert)).encode()
    try:
        origin, target = split(url)
        transport = await relay.transport()
        headers = {"Content-Type": "application/json", "User-Agent": "deskdirector-connector"}
        limits = {"connect": SEND_SECONDS, "total": SEND_SECONDS}
        status = (await transport.notify(origin, target, headers, body, **limits)).status
    except (NoAnswer, ValueError) as problem:
        log.warning("An alert could not be sent (%s).", type(problem).__name__)
        return
    if not 200 <= status < 300:
        log.warning("The webhook for alerts answered %s.", status)


def message_for(host: str, alert: Alert) -> dict[str, object]:
    """What Slack takes (`text`), Teams (an adaptive card), and any other webhook (both, and the alert in parts)."""
    message: dict[str, object] = {"text": f"{alert.code}: {alert.text}"}
    if host == "slack.com" or host.endswith(".slack.com"):
        return message
    card = {
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [
            {"type": "TextBlock", "weight": "Bolder", "text": alert.code},
            {"type": "TextBlock", "wrap": True, "text": alert.text},
        ],
    }
    return {
        "type": "message",
        **message,
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}],
        "alert": {"code": alert.code, "subject": alert.subject, "site": alert.site, "text": alert.text},
    }
