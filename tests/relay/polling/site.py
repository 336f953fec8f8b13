"""A site in virtual time that answers what the triggers' sources ask: the same calls as on the wire, no network."""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from connector.deskdirector.client import DeskDirector, Reply
from connector.deskdirector.endpoint import Endpoint
from connector.deskdirector.sites import Site
from connector.relay.polling.items import TICKS_PER_SECOND, ticks, wire
from tests.relay.polling.upstream import Manners, Time

_DATES: Final = {"created": "createdOn", "updated": "modifiedOn", "due": "dueDate"}


@dataclass
class FakeSite:
    """Records by kind, each a JSON object, and how they are answered."""

    manners: Manners = field(default_factory=Manners)
    time: Time = field(default_factory=Time)
    tickets: dict[int, dict[str, Any]] = field(default_factory=dict)
    notes: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    form_results: list[dict[str, Any]] = field(default_factory=list)
    time_entries: list[dict[str, Any]] = field(default_factory=list)
    surveys: list[dict[str, Any]] = field(default_factory=list)
    reads: int = 0
    serial: int = 0

    @property
    def dd(self) -> DeskDirector:
        """The site, for sources."""
        return cast("DeskDirector", self)

    @property
    def now(self) -> int:
        """DeskDirector's clock."""
        return self.time.ticks + round(self.manners.skew_seconds * TICKS_PER_SECOND)

    def next_id(self) -> int:
        self.serial += 1
        return self.serial

    def ticket(self, at: int, **more: Any) -> int:
        """A ticket that was created then, open."""
        number = self.next_id()
        self.tickets[number] = {
            "id": number,
            "createdOn": wire(at),
            "modifiedOn": wire(at),
            "isClosed": False,
            **more,
        }
        return number

    async def call(
        self,
        endpoint: Endpoint,
        *,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        user: object = None,
    ) -> Reply:
        """Answer one call."""
        del user
        self.reads += 1
        self.time.seconds += self.manners.page_seconds
        answer = getattr(self, f"_{endpoint.name.lower()}")(path or {}, query or {}, body or {})
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return Reply(200, {}, content, Site("site.example"))

    def _find_tickets(self, _path: Any, _query: Any, body: Mapping[str, Any]) -> Any:
        found = list(self.tickets.values())
        if self.manners.filters:
            for kind, name in _DATES.items():
                if since := body.get(f"{kind}After"):
                    found = [one for one in found if ticks(one.get(name) or wire(0)) >= ticks(since)]
        if body.get("isClosed") is False:
            found = [one for one in found if not one["isClosed"]]
        by = next((name for kind, name in _DATES.items() if f"{kind}After" in body), "createdOn")
        return self._paged(self._ordered(found, by), body)

    def _find_form_results(self, _path: Any, _query: Any, body: Mapping[str, Any]) -> Any:
        since = body["timeRange"]["startTime"] if self.manners.filters else wire(0)
        found = [result for result in self.form_results if result["submittedAt"] >= since]
        return self._paged(self._ordered(found, "submittedAt"), body)

    def _find_time_entries(self, _path: Any, query: Mapping[str, Any], _body: Any) -> Any:
        found = self.time_entries if query["period"] in ("this_month", "today", "this_week") else []
        return {"results": found, "total": len(found)}

    def _export_survey_results(self, _path: Any, query: Mapping[str, Any], _body: Any) -> bytes:
        out = io.StringIO()
        rows = csv.writer(out)
        rows.writerow(("Id", "Submitted On", "Score"))
        for one in self.surveys:
            if ticks(query["start"]) <= ticks(one["at"]) < ticks(query["end"]):
                rows.writerow((one["id"], one["at"], 5))
        return out.getvalue().encode()

    def _copilot_find_tickets(self, _path: Any, query: Mapping[str, Any], _body: Any) -> Any:
        end = ticks(query["endTime"]) if query.get("endTime") else 2**62
        found = [one for one in self.tickets.values() if ticks(one["createdOn"]) < end]
        if query.get("status") == "open":
            found = [one for one in found if not one["isClosed"]]
        found.sort(key=lambda one: one["id"], reverse=True)
        return {"total": len(found), "results": found[: self.manners.clamp]}

    def _copilot_get_ticket(self, path: Mapping[str, Any], _query: Any, _body: Any) -> Any:
        number = int(path["ticketId"])
        return {**self.tickets[number], "notes": self.notes.get(number, [])}

    def _list_ticket_notes(self, path: Mapping[str, Any], query: Mapping[str, Any], _body: Any) -> Any:
        found = self.notes.get(int(path["ticketId"]), [])
        return {"results": found[query["skip"] : query["skip"] + query["take"]], "totalResults": len(found)}

    def _ordered(self, records: list[dict[str, Any]], by: str) -> list[dict[str, Any]]:
        if self.manners.order == "by key":
            return sorted(records, key=lambda one: (one["id"] * 7_919) % 1_009)
        if self.manners.order == "by group":  # as by priority first: within a group the newest first
            newest_first = sorted(records, key=lambda one: (one.get(by) or "", one["id"]), reverse=True)
            return sorted(newest_first, key=lambda one: one["id"] % 3)
        is_falling = self.manners.order == "newest first"
        return sorted(records, key=lambda one: (one.get(by) or "", one["id"]), reverse=is_falling)

    def _paged(self, records: list[dict[str, Any]], body: Mapping[str, Any]) -> Any:
        take = min(body["take"], self.manners.clamp)
        page = records[body["skip"] : body["skip"] + take]
        total = {"totalResults": len(records)} if self.manners.tells_total else {"resultsCount": len(page)}
        return {"results": page, **total}
