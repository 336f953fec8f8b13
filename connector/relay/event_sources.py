"""The families of events: which upstream calls subscribe to them, and what their notifications are read as."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from connector.deskdirector import endpoints as api
from connector.deskdirector.endpoint import Endpoint
from connector.deskdirector.entities.events import AdvancedEvent, AnyEvent, ChatEvent, TicketEvent, WebhookEvent


@dataclass(frozen=True, slots=True)
class Family:
    """Events that are subscribed to in the same way; without `subscribe`, by a person in the admin portal."""

    name: str
    model: type[AnyEvent]
    subscribe: Endpoint | None = None
    unsubscribe: Endpoint | None = None
    schemas: tuple[Endpoint, Endpoint] | None = None
    """Where the site says what it sends: the route since version 1.8, and the one before."""

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Every upstream route that it needs."""
        return tuple(one for one in (self.subscribe, self.unsubscribe, *(self.schemas or ())) if one is not None)


FAMILIES: Final[Mapping[str, Family]] = {
    family.name: family
    for family in (
        Family(
            "ticket",
            TicketEvent,
            api.CREATE_TICKET_WORKFLOW,
            api.DELETE_TICKET_WORKFLOW,
            (api.GET_TICKET_WORKFLOW_TRIGGER_SCHEMA2, api.GET_TICKET_WORKFLOW_TRIGGER_SCHEMA),
        ),
        Family(
            "chat",
            ChatEvent,
            api.CREATE_CHAT_WEBHOOK,
            api.DELETE_CHAT_WEBHOOK,
            (api.GET_CHAT_WEBHOOK_TRIGGER_SCHEMA2, api.GET_CHAT_WEBHOOK_TRIGGER_SCHEMA),
        ),
        Family(
            "workflow",
            TicketEvent,
            api.SUBSCRIBE_TO_WORKFLOW,
            api.UNSUBSCRIBE_FROM_WORKFLOW,
            (api.GET_WORKFLOW_TRIGGER_SCHEMA2, api.GET_WORKFLOW_TRIGGER_SCHEMA),
        ),
        Family(
            "advanced",
            AdvancedEvent,
            api.ADVANCED_EVENT_SUBSCRIBE,
            api.ADVANCED_EVENT_UNSUBSCRIBE,
            (api.ADVANCED_EVENT_SUBSCRIBE_TRIGGER_SCHEMA2, api.ADVANCED_EVENT_SUBSCRIBE_TRIGGER_SCHEMA),
        ),
        Family("webhook", WebhookEvent),
    )
}


@dataclass(frozen=True, slots=True)
class EventSource:
    """What DeskDirector is asked to send: subscriptions of a site with equal sources share one registration there."""

    family: str
    event_type: str
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    scheme: str = ""
    """How the key is sent: behind one site host, the kind of key may lead to different systems."""

    @property
    def key(self) -> str:
        """Canonical text: equal sources have equal keys, whatever the order of their parts."""
        parts = [self.family, self.event_type, self.path, self.query, self.body, self.scheme]
        return json.dumps(parts, sort_keys=True, default=dict, separators=(",", ":"))

    @classmethod
    def of(cls, key: str) -> "EventSource":
        """The source with this key."""
        return cls(*json.loads(key))
