"""Who changed what: a line in the journal for every write of an operator, kept for 90 days."""

import json
import logging
import secrets
from collections.abc import Mapping
from typing import Any, Final

from connector.deskdirector.errors import ConnectorError
from connector.relay.moments import moment
from connector.relay.relay import Relay
from connector.storage.history import JournalEntry

log = logging.getLogger("connector")

KIND: Final = "audit"
KEPT_SECONDS: Final = 90 * 86_400.0
COUNTS: Final = ("replayed", "purged", "found")
LATEST: Final = 0xFFFFFFFFFFFF


async def record(relay: Relay, role: str, what: str, subject: str = "", count: int = 1, note: str = "") -> None:
    """Keep a line. It was done already, so a store that fails now costs the line only, and the log has it."""
    now = relay.clock()
    line = {"at": moment(now), "role": role, "what": what, "subject": subject, "count": count, "note": note}
    key = f"{LATEST - int(now * 1000):012x}-{secrets.token_hex(4)}"  # the store sorts ascending; the newest is wanted
    try:
        await relay.store.journal.put(JournalEntry(KIND, key, json.dumps(line), now + KEPT_SECONDS))
    except ConnectorError as problem:
        log.warning("An audit line could not be kept (%s): %s by %s on %s.", problem.code, what, role, subject)


def count_of(answer: Mapping[str, Any]) -> int:
    """How many things an answer says that it concerned."""
    return next((int(answer[name]) for name in COUNTS if answer.get(name)), 1)


async def list_lines(relay: Relay, *, take: int = 100, continuation: str = "") -> dict[str, Any]:
    """A page of lines, newest first."""
    first = f"{continuation}~" if continuation else ""
    found = await relay.store.journal.list(KIND, first=first, take=take + 1)
    shown = found[:take]
    lines = [json.loads(each.document) for each in shown]
    results = [{name: value for name, value in line.items() if value != ""} for line in lines]
    return {"results": results, "continuation": shown[-1].key if len(found) > take else ""}
