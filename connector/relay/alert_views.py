"""What needs a person now, for the console: alerts that can be acknowledged."""

import json
from typing import Any, Final

from connector.deskdirector.errors import NotFound
from connector.relay.alerts import Alert, find_alerts
from connector.relay.moments import moment
from connector.relay.relay import Relay
from connector.storage.history import JournalEntry
from connector.storage.records import DeliveryState, EventQuery, digest

Json = dict[str, Any]

KIND: Final = "acknowledged"
LASTS_SECONDS: Final = 86_400.0
COUNTED_SECONDS: Final = 86_400.0
MOST_COUNTED: Final = 500
SUBJECTS: Final = {
    "RegistrationInTrouble": "registration",
    "EventsMissing": "registration",
    "DeadLetters": "site",
    "DeliveriesLate": "site",
    "Quarantine": "app",
}


async def list_alerts(relay: Relay) -> Json:
    """Everything that is wrong now, what nobody has seen yet first."""
    alerts = await _alerts(relay)
    acknowledged = await _acknowledged(relay, set(alerts))
    results = [_view(alert, acknowledged.get(name, {})) for name, alert in alerts.items()]
    return {"results": sorted(results, key=lambda each: "acknowledgedAt" in each)}


async def acknowledge(relay: Relay, alert_id: str, role: str) -> Json:
    """An operator looks after it: it is shown last until it is over, for a day at most."""
    alert = (await _alerts(relay)).get(alert_id)
    if alert is None:
        raise NotFound("AlertNotFound", f"There is no alert {alert_id} now; it may be over.")
    now = relay.clock()
    seen = {"acknowledgedAt": moment(now), "acknowledgedBy": role}
    await relay.store.journal.put(JournalEntry(KIND, alert_id, json.dumps(seen), now + LASTS_SECONDS))
    return _view(alert, seen)


async def _alerts(relay: Relay) -> dict[str, Alert]:
    found = [alert async for alert in find_alerts(relay)]
    found += await _dead_letters(relay)
    kept = await relay.store.quarantine.list(take=100)
    if kept:
        count = f"{len(kept)} or more" if len(kept) == 100 else str(len(kept))
        found.append(Alert("Quarantine", "quarantine", "", f"{count} records or messages could not be read."))
    return {_id(alert): alert for alert in found}


async def _dead_letters(relay: Relay) -> list[Alert]:
    query = EventQuery(state=DeliveryState.DEAD, since=relay.clock() - COUNTED_SECONDS, take=MOST_COUNTED)
    page = await relay.store.outbox.dead_letters(query)
    more = " or more" if page.continuation else ""
    sites: dict[str, int] = {}
    for delivery in page.items:
        sites[delivery.site] = sites.get(delivery.site, 0) + 1
    return [
        Alert("DeadLetters", site, site, f"{count}{more} deliveries at {site} were given up within a day.")
        for site, count in sites.items()
    ]


async def _acknowledged(relay: Relay, present: set[str]) -> dict[str, Json]:
    """The acknowledged alerts that still hold; ended ones are forgotten, so that they show when they come again."""
    now, found = relay.clock(), {}
    for entry in await relay.store.journal.list(KIND):
        if entry.expires_at <= now:
            continue
        if entry.key in present:
            found[entry.key] = json.loads(entry.document)
        else:
            await relay.store.journal.put(JournalEntry(KIND, entry.key, entry.document, 0.0))
    return found


def _id(alert: Alert) -> str:
    return digest(f"{alert.code}\n{alert.subject}")[:16]


def _view(alert: Alert, seen: Json) -> Json:
    return {
        "alertId": _id(alert),
        "code": alert.code,
        "text": alert.text,
        "site": alert.site,
        "subject": alert.subject,
        "subjectKind": SUBJECTS.get(alert.code, "flow"),
        **seen,
    }
