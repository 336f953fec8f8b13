"""What operators see of the grants: a line in the journal for each, without key and tokens, as long as it is good.

The line is kept beside what counts (tokens and marks). A store that fails now costs the line only, and the log says so.
"""

import hashlib
import json
import logging
from collections.abc import Mapping
from typing import Any, Final

from connector.deskdirector.errors import ConnectorError, NotFound
from connector.relay.moments import moment, wire
from connector.storage.history import JournalEntry
from connector.storage.protocol import Store
from connector.storage.records import StaleRecord

logger = logging.getLogger("connector")

KIND: Final = "grant"
_PAGE: Final = 1000
_MOST: Final = 5000
_TRIES: Final = 5


def shown_id(grant_id: str) -> str:
    """The id that operators use: it names a grant and opens nothing."""
    return hashlib.sha256(grant_id.encode()).hexdigest()[:20]


async def began(store: Store, grant: Mapping[str, Any], client: str, host: str, now: float) -> None:
    """A client redeemed the code of a new grant, given as its claims; `host` is where it was answered."""
    line = {
        "grant": grant["id"],
        "client": client,
        "host": host,
        "site": grant["site"],
        "agent": grant["agent"],
        "access": "write" if "write" in grant["scope"].split() else "read",
        "resource": grant["resource"],
        "createdAt": now,
        "usedAt": now,
        "endsAt": grant["ends_at"],
        "endedAt": 0.0,
        "endedBy": "",
    }
    await _kept(store, JournalEntry(KIND, shown_id(grant["id"]), json.dumps(line), grant["ends_at"]))


async def used(store: Store, grant_id: str, now: float) -> None:
    """Its tokens were renewed."""
    await _changed(store, shown_id(grant_id), {"usedAt": now})


async def ended(store: Store, grant_id: str, by: str, now: float) -> None:
    """It was ended: by its client, an operator, a token that came twice, or a key that is refused."""
    await _changed(store, shown_id(grant_id), {"endedAt": now, "endedBy": by})


async def list_grants(store: Store, now: float, *, site: str = "", with_ended: bool = False) -> dict[str, Any]:
    """The grants, the newest first; those that were ended only when they are asked for."""
    lines: list[tuple[str, dict[str, Any]]] = []
    first = ""
    while len(lines) < _MOST:
        page = await store.journal.list(KIND, first=first, take=_PAGE)
        lines += [(entry.key, json.loads(entry.document)) for entry in page if entry.expires_at > now]
        if len(page) < _PAGE:
            break
        first = page[-1].key + "-"
    wanted = [(key, line) for key, line in lines if site in ("", line["site"]) and (with_ended or not line["endedAt"])]
    wanted.sort(key=lambda one: -one[1]["createdAt"])
    return {"results": [_shown(key, line) for key, line in wanted]}


async def grant_of(store: Store, grant_id: str) -> str:
    """The grant behind an id that operators use; raises `NotFound`."""
    entry = await store.journal.get(KIND, grant_id) if grant_id.isalnum() else None
    if entry is None:
        raise NotFound("GrantNotFound", "There is no grant of this id; `grants list` shows all.")
    found: str = json.loads(entry.document)["grant"]
    return found


def _shown(key: str, line: Mapping[str, Any]) -> dict[str, Any]:
    times = {"createdAt": moment(line["createdAt"]), "usedAt": moment(line["usedAt"]), "endsAt": moment(line["endsAt"])}
    shown = {
        "id": key,
        **{name: line[name] for name in ("client", "host", "site", "agent", "access", "resource")},
        **times,
        "endedAt": wire(line["endedAt"]),
        "endedBy": line["endedBy"],
    }
    return {name: value for name, value in shown.items() if value}


async def _changed(store: Store, key: str, change: Mapping[str, Any]) -> None:
    try:
        for _ in range(_TRIES):
            entry = await store.journal.get(KIND, key)
            if entry is None:
                return  # of a time when no lines were kept
            line = json.loads(entry.document)
            if line["endedAt"]:
                return
            try:
                document = json.dumps({**line, **change})
                await store.journal.save(JournalEntry(KIND, key, document, entry.expires_at, entry.version))
            except StaleRecord:
                continue
            return
    except ConnectorError as problem:
        logger.warning("the line of a grant could not be changed: %s", problem.code)


async def _kept(store: Store, entry: JournalEntry) -> None:
    try:
        await store.journal.put(entry)
    except ConnectorError as problem:
        logger.warning("the line of a grant could not be kept: %s", problem.code)
