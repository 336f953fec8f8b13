"""A page of 50 tickets, 200 KB, translated: one pydantic pass, beside what a person would write by hand with orjson.

Two yardsticks. `by hand, as forgiving` does what our reader does: it knows each field's other names in any spelling,
references as objects, names or ids, and nulls, lets no impossible date through, and keeps the site's own fields. `by
hand, this shape only` breaks on all but the shape that is sent here, and checks nothing.
"""

import re
import timeit
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson

from benchmarks.harness import show
from benchmarks.upstream import PAGE
from connector.deskdirector.dates import UTC_TIME
from connector.deskdirector.entities.tickets import Tickets
from connector.deskdirector.models import read
from connector.deskdirector.sites import check_site
from connector.settings import Settings

SITE = check_site("acme.deskdirector.com", Settings())
REFERENCES = ("status", "board", "priority", "source", "requestType", "company", "contact", "userGroup")
OTHER_NAMES = {
    "board": ("queue",),
    "requestType": ("serviceType",),
    "company": ("account",),
    "userGroup": ("contactGroup", "team"),
}
PLAIN = {
    "id": ("id", "entityId", "ticketId"),
    "title": ("name", "summary", "title"),
    "description": ("description", "descriptionPreview"),
    "isClosed": ("isClosed", "closed"),
    "createdAt": ("createdOn", "createdAt", "createdDateTime"),
    "updatedAt": ("modifiedOn", "updatedOn", "updatedAt", "lastModifiedDateTime"),
    "closedAt": ("closedOn", "closedAt", "closedDateTime"),
    "dueAt": ("dueDate", "dueAt", "dueOn"),
}

FOLDED = {name: [key.lower() for key in keys] for name, keys in PLAIN.items()}
FOLDED_REFERENCES = {name: [key.lower() for key in (name, *OTHER_NAMES.get(name, ()))] for name in REFERENCES}
KNOWN = {
    *(key for keys in FOLDED.values() for key in keys),
    *(key + end for keys in FOLDED_REFERENCES.values() for key in keys for end in ("", "name", "id")),
    *("contactemail", "assignedmembers", "assignedagents", "members", "tags", "taskprogress"),
}
DATES = frozenset({"createdAt", "updatedAt", "closedAt", "dueAt"})
UTC = re.compile(UTC_TIME)


def utc(text: str) -> str:
    """The date, when it is as callers are promised; a site that writes dates otherwise would need more code here."""
    if not UTC.fullmatch(text) or datetime.fromisoformat(text).year < 2:
        raise ValueError(f"{text} is not UTC")
    return text


def ours() -> bytes:
    """What the product does."""
    page = read(Tickets, PAGE)
    page.complete(SITE)
    return page.to_json()


@lru_cache
def folded_key(key: str) -> str:
    """A key in one spelling."""
    return key.replace("_", "").lower()


def folded(data: dict[str, Any]) -> dict[str, Any]:
    """With keys in one spelling."""
    return {folded_key(key): value for key, value in data.items()}


def forgiving(sent: dict[str, Any]) -> dict[str, Any]:
    """One ticket, by hand, with every alternative that our reader knows."""
    out: dict[str, Any] = {}
    ticket = folded(sent)
    for name, keys in FOLDED.items():
        for key in keys:
            if (value := ticket.get(key)) is not None:
                out[name] = utc(value) if name in DATES else value
                break
    put_references(out, ticket)
    put_people(out, ticket)
    out["tags"] = ticket.get("tags") or []
    out["url"] = SITE.ticket_url(out["id"])
    own = {
        key: value for key, value in sent.items() if folded_key(key) not in KNOWN and value not in (None, "", [], {})
    }
    if own:
        out["additionalFields"] = own
    return out


def put_references(out: dict[str, Any], ticket: dict[str, Any]) -> None:
    """Name and id of each reference: of an object, of either alone, or of two fields."""
    for name, keys in FOLDED_REFERENCES.items():
        for key in keys:
            value = ticket.get(key)
            if isinstance(value, dict):
                value = folded(value)
                if (text := value.get("name")) is not None:
                    out[name] = text
                if (number := value.get("id", value.get("entityid"))) is not None:
                    out[name + "Id"] = number
            elif isinstance(value, str):
                out[name] = value
            elif isinstance(value, int):
                out[name + "Id"] = value
            else:
                if (text := ticket.get(key + "name")) is not None:
                    out[name] = text
                if (number := ticket.get(key + "id")) is not None:
                    out[name + "Id"] = number
                continue
            break


def put_people(out: dict[str, Any], ticket: dict[str, Any]) -> None:
    """The contact's e-mail address, and the members."""
    contact = ticket.get("contact")
    email = folded(contact).get("email") if isinstance(contact, dict) else ticket.get("contactemail")
    if email is not None:
        out["contactEmail"] = email
    members = ticket.get("assignedmembers") or ticket.get("assignedagents") or ticket.get("members") or []
    out["assignedTo"] = [member["name"] for member in members if member.get("name")]
    out["assignedToIds"] = [int(member["id"]) for member in members if member.get("id")]


def this_shape_only(ticket: dict[str, Any]) -> dict[str, Any]:
    """One ticket, by hand, as this benchmark sends it."""
    out: dict[str, Any] = {"id": ticket["id"], "title": ticket["name"], "description": ticket["description"]}
    for name in REFERENCES:
        if value := ticket[name]:
            out[name] = value["name"]
            out[name + "Id"] = value["id"]
    out["assignedTo"] = [member["name"] for member in ticket["assignedMembers"]]
    out["assignedToIds"] = [member["id"] for member in ticket["assignedMembers"]]
    out["tags"] = ticket["tags"]
    out["isClosed"] = ticket["isClosed"]
    out["createdAt"], out["updatedAt"] = ticket["createdOn"], ticket["modifiedOn"]
    out["url"] = SITE.ticket_url(ticket["id"])
    out["additionalFields"] = {"enteredBy": ticket["enteredBy"]}
    return out


def by_hand(translate: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[], bytes]:
    """A whole page, by hand."""

    def run() -> bytes:
        page = orjson.loads(PAGE)
        results = [translate(ticket) for ticket in page["results"]]
        return orjson.dumps({"results": results, "total": page["totalResults"], "hasMore": False})

    return run


def seconds(run: Callable[[], bytes]) -> float:
    """The best of many rounds."""
    return min(timeit.repeat(run, number=50, repeat=15)) / 50


def main() -> None:
    """Measure and print."""
    same = by_hand(forgiving), by_hand(this_shape_only)
    expected = orjson.loads(ours())
    if any(orjson.loads(run())["results"] != expected["results"] for run in same):
        raise RuntimeError("the yardsticks do not translate to the same")
    mine, tolerant, narrow = seconds(ours), seconds(same[0]), seconds(same[1])
    print(f"{len(PAGE) // 1000} KB: ours {mine * 1e6:.0f} µs, forgiving by hand {tolerant * 1e6:.0f} µs, "
          f"this shape only {narrow * 1e6:.0f} µs")  # fmt: skip
    show(
        "A page of 50 tickets",
        [
            ("translation / by hand, as forgiving", mine / tolerant, "<=", 1.0),
            ("translation / by hand, this shape only", mine / narrow, "<=", 1.0),
        ],
    )


if __name__ == "__main__":
    main()
