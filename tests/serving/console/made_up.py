"""Made-up answers of the operator's API, in the shapes of the real one, for screens with many or hostile records.

`test_operator.py` holds the shapes equal to those of the running app.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, Route

Json = dict[str, Any]
SITE = "acme.deskdirector.com"
TITLES = (
    "New starter: Jane Doe",
    "Printer on level 2 prints blank pages",
    "VPN drops every hour",
    "Laptop for Robin Hale",
)
WORST = ("delivered", "delivered", "dead", "unwanted", "failing", "delivered", "pending")


def ago(seconds: float) -> str:
    """A moment in the past, as the API writes it."""
    moment = datetime.now(UTC) - timedelta(seconds=seconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def event_id(number: int) -> str:
    """The id of an event; later ones sort behind."""
    return f"01a2b3{1_000_000 + number:06x}-0123456789abcdef0123"


def flow(number: int, **more: Any) -> Json:
    """A flow."""
    name = ("VIP", "Teams", "Night", "Survey")[number % 4] + ("" if number < 4 else f" {number}")
    return {
        "subscriptionId": f"{number}ca6f1e2d3c4b5a6",
        "site": SITE,
        "eventType": "ticket.new",
        "family": "tickets",
        "name": name,
        "host": "prod-00.westeurope.logic.azure.com",
        "conditions": {"board": {"id": 3, "name": "Support"}},
        "conditionsText": ["board is Support", "tag is vip"] if number % 2 == 0 else [],
        "state": ("failing", "healthy", "paused", "new")[number % 4],
        "inOrder": False,
        "waiting": 12 if number == 0 else 0,
        "oldestWaitingSeconds": 640 if number == 0 else 0,
        "ratePerSecond": 0.2,
        "createdAt": ago(86400 * 9),
        "lastSuccessAt": ago(300),
        "registrationId": "r1",
        "registration": "active",
        "hour": {"delivered": 42 - number, "failed": 3, "p95Ms": 340 + number},
        **({"failingSince": ago(1900), "reason": "Its flow answered 401."} if number % 4 == 0 else {}),
        **more,
    }


def row(number: int, title: str = "") -> Json:
    """An event, as in a list."""
    worst = WORST[number % len(WORST)]
    wanted = 0 if worst == "unwanted" else 2
    return {
        "eventId": event_id(number),
        "site": SITE,
        "eventType": "ticket.new" if number % 3 else "ticket.notes.added",
        "occurredAt": ago((10_000 - number) * 7 + 0.2),
        "receivedAt": ago((10_000 - number) * 7),
        "subject": str(11_000 + number),
        "readable": True,
        "about": {"kind": "ticket", "id": str(11_000 + number), "title": title or TITLES[number % 4]},
        "deliveries": {"pending": 0, "delivered": wanted, "dead": 0, "cancelled": 0},
        "flows": {"waiting": 5, "wanted": wanted},
        "worst": worst,
        "attempts": 3 if worst in ("failing", "dead") else 1,
        "ms": 38 + number % 90,
    }


def event(number: int, text: str = "") -> Json:
    """An event with its verdicts, deliveries and payload. `text` stands wherever a stranger's words may stand."""
    received = (10_000 - number) * 7
    listed = row(number, text)
    return {
        **listed,
        "counts": listed["deliveries"],
        "judgedAt": ago(received - 0.011),
        "keptUntil": ago(-7 * 86400),
        "worst": "failing",
        "verdicts": verdicts(text),
        "verdictsLeftOut": 1,
        "deliveries": deliveries(number, received, text),
        "payload": {
            "eventType": "ticket.new",
            "id": 11_000 + number,
            "title": text or TITLES[number % 4],
            "board": "Support",
            "tags": ["vip"],
            "contact": {"name": text or "Jane Doe", "isVip": True},
            "noteText": text or None,
            "data": {"ticket": {"entityId": 11_000 + number, "summary": text or TITLES[number % 4]}},
        },
    }


def about_flow(at: int, text: str) -> Json:
    """Which flow a verdict or a delivery is of."""
    name, host = ("VIP", "Teams", "Night", "Old")[at], "prod-00.westeurope.logic.azure.com"
    return {
        "subscriptionId": flow(at)["subscriptionId"],
        "flow": {"name": text or name, "host": text or host, "ended": False},
    }


def verdicts(text: str) -> list[Json]:
    """What each of four flows made of an event."""
    no = {"condition": "status", "because": text or "status is New, not Closed"}
    unknown = {"because": text or "status could not be read from DeskDirector (UpstreamTimeout)"}
    return [
        {**about_flow(0, text), "wanted": "yes"},
        {**about_flow(1, text), "wanted": "yes"},
        {**about_flow(2, text), "wanted": "no", **no},
        {**about_flow(3, text), "wanted": "unknown", **unknown},
    ]


def deliveries(number: int, received: float, text: str) -> list[Json]:
    """One that arrived and one that waits for its third attempt."""
    common = {"eventId": event_id(number), "site": SITE, "createdAt": ago(received - 0.01), "dueAt": ago(received)}
    arrived = {
        "state": "delivered",
        "attempts": 1,
        "finishedAt": ago(received - 0.05),
        "log": [{"at": ago(received - 0.05), "kind": "answer", "status": 202, "ms": 38}],
    }
    waits = {
        "state": "pending",
        "attempts": 2,
        "nextAt": ago(-540),
        "reason": text or "Its flow answered 502.",
        "log": [
            {"at": ago(received - 0.3), "kind": "answer", "status": 502, "ms": 210, "excerpt": text or "bad gateway"},
            {"at": ago(received - 9), "kind": "timeout", "ms": 30_000},
        ],
    }
    return [
        {**common, "deliveryId": f"{event_id(number)}.{to['subscriptionId']}", **to, **state}
        for to, state in ((about_flow(0, text), arrived), (about_flow(1, text), waits))
    ]


class MadeUp:
    """A made-up app with `count` events; `text` stands wherever a stranger's words may stand. It answers for `page`."""

    def __init__(self, page: Page, *, count: int = 40, flows: int = 4, text: str = "", role: str = "operator") -> None:
        self.count, self.text, self.role = count, text, role
        self.flows = [
            flow(at, **({"name": text, "host": text, "conditionsText": [text], "reason": text} if text else {}))
            for at in range(flows)
        ]
        self.down = False
        self.asked: list[tuple[str, str, Json]] = []
        page.route("**/api/console/**", self._answer)

    def _answer(self, route: Route) -> None:
        request, split = route.request, urlsplit(route.request.url)
        path = split.path.partition("/api/console/")[2]
        query = {name: values[0] for name, values in parse_qs(split.query).items()}
        body = json.loads(request.post_data) if request.post_data else {}
        if request.method != "GET":
            self.asked.append((request.method, path, body))
        if self.down:
            told = {
                "message": "The app's storage cannot be used now.",
                "error": {"code": "StorageUnavailable", "details": []},
                "requestId": "r1",
            }
            route.fulfill(status=503, json=told)
            return
        head, _, rest = path.partition("/")
        handler: Callable[[str, Json, Json], Any] | None = getattr(self, f"_{head.replace('-', '_')}", None)
        if handler is None:
            route.fulfill(status=404, json={"message": f"There is no {path}."})
            return
        route.fulfill(status=200, json=handler(rest, query, body))

    def _session(self, rest: str, query: Json, body: Json) -> Json:
        return {
            "role": self.role,
            "sites": [SITE],
            "now": ago(0),
            "simulator": False,
            "retentionDays": {"events": 7, "deadLetters": 30},
        }

    def _events(self, rest: str, query: Json, body: Json) -> Json:
        if rest.endswith("/replay"):
            return {"replayed": 1}
        if rest:
            return event(int(rest[6:12], 16) - 1_000_000, self.text)
        if "ids" in query:
            return {"results": [], "continuation": ""}
        if "after" in query:
            return {
                "results": [row(at, self.text) for at in range(self.count) if event_id(at) > query["after"]],
                "latest": event_id(self.count - 1),
            }
        numbers = [at for at in range(self.count - 1, -1, -1) if query.get("state", "") in ("", row(at)["worst"])]
        start, take = int(query.get("continuation") or 0), int(query["take"])
        following = str(start + take) if start + take < len(numbers) else ""
        page = {"results": [row(at, self.text) for at in numbers[start : start + take]], "continuation": following}
        return page | ({"latest": event_id(self.count - 1)} if self.count else {})

    def _flows(self, rest: str, query: Json, body: Json) -> Json:
        if rest.endswith("/test"):
            return {"eventId": event_id(1)}
        if rest:
            found: Json = next(one for one in self.flows if one["subscriptionId"] == rest)
            found |= {"state": "paused" if body["paused"] else "healthy"} if "paused" in body else {}
            latest = event(3, self.text)["deliveries"]
            return {**found, "latest": latest}
        return {"results": self.flows, "total": len(self.flows), "continuation": ""}

    def _registrations(self, rest: str, query: Json, body: Json) -> Json:
        one = {
            "registrationId": "r1",
            "site": SITE,
            "family": "tickets",
            "eventType": "ticket.new",
            "state": "active",
            "since": ago(9000),
            "subscriptions": len(self.flows),
            "checkedAt": ago(120),
            "lastEventAt": ago(4000),
            "trouble": self.text or "ApiKeyRefused",
        }
        return one if rest else {"results": [one] if self.flows else [], "total": 1}

    def _alerts(self, rest: str, query: Json, body: Json) -> Json:
        text = self.text or "flow 'VIP' has been failing for 32 minutes: Its flow answered 401."
        one = {
            "alertId": "5f",
            "code": "FlowFailing",
            "text": text,
            "site": SITE,
            "subject": self.flows[0]["subscriptionId"] if self.flows else "",
            "subjectKind": "flow",
        }
        seen = {
            **one,
            "alertId": "6f",
            "code": "DeadLetters",
            "text": "3 deliveries were given up today.",
            "acknowledgedAt": ago(60),
            "acknowledgedBy": "operator",
        }
        return one if rest else {"results": [one, seen] if self.flows else []}

    def _metrics(self, rest: str, query: Json, body: Json) -> Json:
        if not rest:
            return {"results": [{"site": SITE, "pending": 12, "oldestWaitingSeconds": 640}] if self.flows else []}
        points = 60 if query["window"] == "1h" else 1440
        waves: Mapping[str, list[int | None]] = {
            name: [(at * by) % 17 if self.flows else 0 for at in range(points)]
            for name, by in (
                ("accepted", 5),
                ("delivered", 7),
                ("failed", 0),
                ("dead", 0),
                ("lagP50Ms", 3),
                ("lagP95Ms", 11),
            )
        }
        return {"window": query["window"], "stepSeconds": 60, "from": ago(points * 60), "points": points, **waves}

    def _audit(self, rest: str, query: Json, body: Json) -> Json:
        one = {
            "at": ago(60),
            "role": "operator",
            "what": "flow.pause",
            "subject": "1ca6f1e2d3c4b5a6",
            "count": 1,
            "note": self.text or "for the move",
        }
        return {"results": [one], "continuation": ""}

    def _replays(self, rest: str, query: Json, body: Json) -> Json:
        found = len(body.get("ids", [])) or 312
        if body.get("dryRun"):
            flows = [
                {**{key: one[key] for key in ("subscriptionId", "name", "host", "state")}, "deliveries": found}
                for one in self.flows[:2]
            ]
            return {"dryRun": True, "found": found, "flows": flows}
        done = {"": 100, "c0ffee/continue": found, "c0ffee": 100}[rest]
        return {
            "replayId": "c0ffee",
            "state": "done" if rest.endswith("continue") else "running",
            "found": 312 if rest else found,
            "done": done,
            "replayed": done,
            "skipped": 0,
            "startedAt": ago(0),
            "by": "operator",
        }

    def _doctor(self, rest: str, query: Json, body: Json) -> Json:
        routes = [self._route(at) for at in range(24)]
        person = {"endpoint": "USER_KEY", "method": "POST", "path": "/api/v2/user/member/{id}/key"}
        site = {"site": SITE, "scheme": "DdApi", "acceptedSchemes": ["DdApi"], "edition": "tokity"}
        parts: Mapping[str, tuple[list[Json], str]] = {
            "connection": ([site], "people"),
            "people": ([{**person, "verdict": "answers", "note": self.text}] * 2, "routes"),
            "routes": (routes[12:] if body["after"] else routes[:12], "bodies" if body["after"] else "routes"),
            "bodies": ([{"of": self.text or "CreateTicket", "lacking": [], "readable": True}] * 2, "answers"),
            "answers": ([], ""),
        }
        rows, following = parts[body["part"]]
        return {
            "part": body["part"],
            "rows": rows,
            "after": "ENDPOINT_11" if body["part"] == following else "",
            "next": following,
            "done": len(rows),
            "of": 24,
        }

    def _route(self, at: int) -> Json:
        verdict, evidence = (("answers", "proven"), ("missing", "assumed"), ("refused", "found"))[at % 3]
        return {
            "endpoint": f"ENDPOINT_{at}",
            "method": "GET",
            "path": self.text or f"/api/v2/things/{at}",
            "evidence": evidence,
            "verdict": verdict,
            "setting": f"CONNECTOR_ENDPOINT_{at}",
            "note": self.text or "as expected",
            "operations": ["GetTicket"],
            "used": at % 2 == 0,
        }
