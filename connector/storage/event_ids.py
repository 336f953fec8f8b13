"""The ids of events: they sort by the time of receipt, and bear the mark of the event's site."""

from typing import Final

from connector.storage.records import digest

SITE_MARKS: Final = 64


def event_id(received_at: float, seed: str, site: str = "") -> str:
    """An id that sorts by the time of receipt: the same for the same event, however often it is fanned out.

    `seed` names the event: the id of its inbound request and its position in that, or anything random. With its site,
    the id bears that site's mark, by which a store spreads its load. (Ids of version 1.0 have none.)
    """
    name = digest(seed)[:20]
    return f"{event_ids_from(received_at)}-{site_mark(site) + name[2:] if site else name}"


def site_mark(site: str) -> str:
    """One of 64 marks; the first letter is no hex digit, which sets ids with a mark apart from those without."""
    number = int(digest(site)[:2], 16) % SITE_MARKS
    return f"{'ghij'[number >> 4]}{number & 15:x}"


def event_ids_from(moment: float) -> str:
    """What the ids of events received at that moment begin with; the ids of later ones sort after it."""
    return f"{max(0, int(moment * 1000)):012x}"
