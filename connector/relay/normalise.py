"""The body of an inbound request -> typed events: an array is split, each item is read, described and keyed.

Items are read one by one: one that cannot be read is kept as an event with its raw data, and the others go on.
"""

import hashlib
import json
import logging
import math
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, cast

from pydantic_core import from_json, to_json

from connector.deskdirector.entities.events import AnyEvent, EventHead, TicketEvent
from connector.deskdirector.errors import BadGateway, BadRequest, TooLarge
from connector.deskdirector.models import read_data
from connector.deskdirector.sites import Site
from connector.relay.envelopes import flattened
from connector.relay.event_sources import Family
from connector.storage.event_ids import event_id
from connector.storage.records import Event

log = logging.getLogger("connector")

MAX_EVENTS: Final = 1000
"""Events in one request; more are refused before any is accepted."""
SAME_DATE_SECONDS: Final = 600.0
"""Equal contents with a date of the entity in them are one event when they come within this time."""
SAME_UNDATED_SECONDS: Final = 30.0
"""Equal contents without any date: a repeat comes at once, a second change (another tag) may come a minute later."""
ITEM_SPACING: Final = 0.001
"""Seconds between the ids of the events of one request, so that they sort as they were sent."""


@dataclass(frozen=True, slots=True)
class ParsedEvent:
    """One event: as it was sent (envelopes put together), and as it is read. `event` is ready to be stored.

    `entity` is None when it could not be read.
    """

    event: Event
    entity: AnyEvent | None
    sent: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Origin:
    """The inbound request of an event."""

    registration_id: str
    family: Family
    event_type: str
    site: Site
    request_id: str
    received_at: float


def parse(body: bytes, limit: int = 2**24, encoding: str = "") -> tuple[str, Any]:
    """The body as text and as JSON. `limit` is in bytes, of the decoded body.

    Raises `TooLarge` (BodyTooLarge, TooManyEvents) or `BadRequest` (EventEncodingUnknown, EventNotUtf8, EventNotJson,
    EventMalformed).
    """
    body = _decompressed(body, limit, encoding.strip().lower())
    if len(body) > limit:
        raise TooLarge("BodyTooLarge", f"The body is over {limit // 1024} KB.")
    try:
        text = _text(body)
        content = parsed_json(text)
    except (ValueError, RecursionError):
        raise BadRequest("EventNotJson", "The body is not valid JSON.") from None
    items = items_of(content)
    if len(items) > MAX_EVENTS:
        raise TooLarge("TooManyEvents", f"The body has over {MAX_EVENTS} events; send fewer at once.")
    if items and not any(isinstance(item, dict) for item in items):
        raise BadRequest("EventMalformed", "The body must be a JSON object or an array of objects.")
    return text, content


def parsed_json(text: str | bytes) -> Any:
    """Any JSON that Python itself can read, four times as fast; raises `ValueError` or `RecursionError`."""
    try:
        return from_json(text, cache_strings="keys")
    except ValueError:  # half a character, or nested very deep
        return json.loads(text)


def items_of(content: Any) -> list[Any]:
    """Webhooks (v2) post arrays, workflows objects."""
    return content if isinstance(content, list) else [content]


def parse_events(content: Any, origin: Origin) -> Iterator[ParsedEvent]:
    """The typed events in a parsed body. The same request gives the same event ids, however often it is read."""
    for index, sent in enumerate(items_of(content)):
        try:
            yield _parsed(sent, origin, index)
        except Exception as problem:  # noqa: BLE001  whatever is wrong with one item, the others go on
            log.warning("An item of an inbound request could not be read (%s); it is kept.", type(problem).__name__)
            yield _unreadable(sent, origin, index)


def with_entity(parsed: ParsedEvent, entity: AnyEvent) -> ParsedEvent:
    """The event with another entity for flows."""
    return replace(parsed, event=replace(parsed.event, payload=payload_of(entity)), entity=entity)


def read_entity(sent: Mapping[str, Any], origin: Origin) -> AnyEvent:
    """The entity of an event; one that cannot be read as its family's entity has its data only."""
    model = origin.family.model
    data = _writable(sent)
    try:
        entity = read_data(model, flattened(data, origin.family.name))
    except BadGateway:
        entity = model()
    entity.complete(origin.site)
    entity.data = data
    return entity


def _writable(sent: Mapping[str, Any]) -> dict[str, Any]:
    """The text with halves of characters replaced, so that it can be written as UTF-8."""
    try:
        to_json(sent)
    except ValueError:
        return cast("dict[str, Any]", json.loads(_json(sent)))
    return dict(sent)


def payload_of(entity: AnyEvent) -> bytes:
    """What flows receive."""
    try:
        return entity.to_json()
    except BadGateway:  # nested deeper than can be written
        return entity.model_dump_json(by_alias=True, exclude_none=True, exclude={"data"}).encode()


def _parsed(sent: Any, origin: Origin, index: int) -> ParsedEvent:
    if not isinstance(sent, dict):
        return _unreadable(sent, origin, index)
    entity = read_entity(sent, origin)
    is_dated = entity.occurred_at is not None
    date = entity.occurred_at or getattr(entity, "updated_at", None) or getattr(entity, "created_at", None)
    entity.event_id = _event_id(origin, index)
    entity.event_type = origin.event_type
    entity.site = origin.site.name
    entity.occurred_at = date or _wire(origin.received_at)
    event = Event(
        id=entity.event_id,
        site=origin.site.name,
        type=origin.event_type,
        registration_id=origin.registration_id,
        occurred_at=_seconds(entity.occurred_at),
        received_at=origin.received_at,
        payload=payload_of(entity),
        dedupe_key=_dedupe_key(sent, origin),
        subject=_subject(entity),
        dedupe_seconds=math.inf if is_dated else SAME_DATE_SECONDS if date else SAME_UNDATED_SECONDS,
    )
    return ParsedEvent(event, entity, flattened(sent, origin.family.name))


def _unreadable(sent: Any, origin: Origin, index: int) -> ParsedEvent:
    """An event with its raw data, which no flow gets until an operator replays it."""
    head = EventHead(
        event_id=_event_id(origin, index),
        event_type=origin.event_type,
        occurred_at=_wire(origin.received_at),
        site=origin.site.name,
    ).model_dump(mode="json", by_alias=True, exclude_none=True)
    event = Event(
        id=head["eventId"],
        site=origin.site.name,
        type=origin.event_type,
        registration_id=origin.registration_id,
        occurred_at=origin.received_at,
        received_at=origin.received_at,
        payload=_json({**head, "readable": False, "data": sent}),
        dedupe_key=_dedupe_key(sent, origin),
        is_readable=False,
        dedupe_seconds=SAME_DATE_SECONDS,
    )
    return ParsedEvent(event, None, {})


def _event_id(origin: Origin, index: int) -> str:
    return event_id(origin.received_at + index * ITEM_SPACING, f"{origin.request_id}.{index}", origin.site.name)


def _subject(entity: AnyEvent) -> str:
    """The ticket that it is about, else the id of its entity."""
    ticket = entity.id if isinstance(entity, TicketEvent) else getattr(entity, "ticket_id", None)
    return str(ticket or getattr(entity, "id", None) or "")


def _dedupe_key(sent: Any, origin: Origin) -> str:
    text = json.dumps([origin.registration_id, sent], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _decompressed(body: bytes, limit: int, encoding: str) -> bytes:
    if encoding in ("", "identity"):
        return body
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise BadRequest("EventEncodingUnknown", "The body must be sent as it is, or compressed with gzip or deflate.")
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)  # finds out by itself which of the two it is
    try:
        return unpacker.decompress(body, limit + 1)
    except zlib.error:
        raise BadRequest("EventEncodingUnknown", f"The body is not compressed with {encoding} as it says.") from None


def _text(body: bytes) -> str:
    """JSON is sent as UTF-8 (RFC 8259); a mark in front of it is left out."""
    if json.detect_encoding(body) not in ("utf-8", "utf-8-sig"):
        raise BadRequest("EventNotUtf8", "The body must be JSON in UTF-8; this is UTF-16 or UTF-32.")
    return body.decode("utf-8-sig")


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode(errors="replace")


def _wire(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat() + "Z"


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
