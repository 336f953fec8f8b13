"""The body of an inbound request -> typed events: an array is split, each item is read, described and keyed."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from connector.deskdirector.entities.events import AnyEvent
from connector.deskdirector.errors import BadGateway, BadRequest
from connector.deskdirector.models import read
from connector.deskdirector.sites import Site
from connector.deskdirector.tolerant import read_tolerantly
from connector.relay.event_sources import Family
from connector.storage.records import Event, event_id

SAME_WITHIN: Final = 600.0
"""Seconds. A repeat of a body without any time in it is taken for the same event only when it comes this soon."""


@dataclass(frozen=True, slots=True)
class ParsedEvent:
    """One event: as it was sent, and as it is read. `event` is ready to be stored."""

    event: Event
    entity: AnyEvent
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


def parse(body: bytes) -> tuple[str, Any]:
    """The body as text and as JSON; `BadRequest` when it is not an object or an array of objects."""
    try:
        text = body.decode(json.detect_encoding(body))
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise BadRequest("EventNotJson", "The body is not valid JSON.") from None
    if not all(isinstance(item, dict) for item in items_of(content)):
        raise BadRequest("EventMalformed", "The body must be a JSON object or an array of objects.")
    return text, content


def items_of(content: Any) -> list[Any]:
    """Webhooks (v2) post arrays, workflows objects."""
    return content if isinstance(content, list) else [content]


def parse_events(content: Any, origin: Origin) -> Iterator[ParsedEvent]:
    """The typed events in a parsed body. The same request gives the same event ids, however often it is read."""
    for index, sent in enumerate(items_of(content)):
        entity = _entity(sent, origin)
        entity.event_id = event_id(origin.received_at, f"{origin.request_id}.{index}")
        entity.event_type = origin.event_type
        entity.site = origin.site.name
        dated = entity.occurred_at or getattr(entity, "updated_at", None)
        entity.occurred_at = dated or getattr(entity, "created_at", None) or _wire(origin.received_at)
        event = Event(
            id=entity.event_id,
            site=origin.site.name,
            type=origin.event_type,
            registration_id=origin.registration_id,
            occurred_at=_seconds(entity.occurred_at),
            received_at=origin.received_at,
            payload=_payload(entity),
            dedupe_key=_dedupe_key(sent, origin, dated=dated is not None),
        )
        yield ParsedEvent(event, entity, sent)


def _entity(sent: dict[str, Any], origin: Origin) -> AnyEvent:
    """What cannot be read as its family's entity still is an event: flows get it with its data only."""
    model = origin.family.model
    content = json.dumps(sent, ensure_ascii=False).encode(errors="replace")
    try:
        entity = read(model, content)
        if getattr(entity, "id", "") is None:  # no id where it usually is
            entity = read_tolerantly(model, content)
    except BadGateway:
        entity = model()
    entity.complete(origin.site)
    entity.data = json.loads(content)
    return entity


def _payload(entity: AnyEvent) -> bytes:
    try:
        return entity.model_dump_json(by_alias=True, exclude_none=True).encode()
    except (ValueError, RecursionError):  # nested deeper than can be written
        return entity.model_dump_json(by_alias=True, exclude_none=True, exclude={"data"}).encode()


def _dedupe_key(sent: Mapping[str, Any], origin: Origin, *, dated: bool) -> str:
    """The same for repeats of one notification. A body that has no time in it may well come again as another event."""
    when = "" if dated else str(int(origin.received_at // SAME_WITHIN))
    text = json.dumps([origin.registration_id, when, sent], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _wire(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat() + "Z"


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
