"""Subscribers of events, and what a failed delivery does to them.

- a webhook (v2, or of a form) signs its body, posts an array, and is paused for 30 minutes after a failure;
- a workflow's action posts one object, and is suspended after a failure until the workflow is enabled again;
- an advanced-event subscription posts one object; no failure rule is known, so it has none.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from workbench.simulator.clock import MINUTE
from workbench.simulator.event_types import EventKind

PAUSE = 30 * MINUTE
SignatureStyle = Literal["hex", "upper", "base64", "wrong", "none"]
SIGNATURE_STYLES: tuple[SignatureStyle, ...] = ("hex", "upper", "base64", "wrong", "none")


@dataclass(slots=True)
class Hook:
    """An address that events are posted to, and how many deliveries it got, failed and missed."""

    id: str
    url: str
    token: str = ""
    on_failure: Literal["suspend", "pause", "ignore"] = "suspend"
    parameters: dict[str, Any] = field(default_factory=dict)
    secret: str = ""
    signature: SignatureStyle = "hex"
    is_suspended: bool = False
    paused_until: int = 0
    delivered: int = 0
    failed: int = 0
    dropped: int = 0

    def listens(self, now: int) -> bool:
        """Neither suspended nor paused."""
        return not self.is_suspended and now >= self.paused_until

    def has_failed(self, now: int) -> None:
        """Apply the failure rule."""
        self.failed += 1
        if self.on_failure == "suspend":
            self.is_suspended = True
        elif self.on_failure == "pause":
            self.paused_until = now + PAUSE

    def describe(self, now: int) -> dict[str, Any]:
        """Its state, without address and secrets."""
        return {
            "id": self.id,
            "isSuspended": self.is_suspended,
            "isPaused": now < self.paused_until,
            "delivered": self.delivered,
            "failed": self.failed,
            "dropped": self.dropped,
        }


@dataclass(slots=True)
class Workflow:
    """An event with filters and webhook actions; made in the portal, or by a flow with exactly one action."""

    id: str
    name: str
    type: Literal["ticket", "chat", "form"]
    event: EventKind
    filters: dict[str, Any] = field(default_factory=dict)
    made_by: Literal["portal", "flow"] = "portal"
    is_enabled: bool = True
    actions: dict[str, Hook] = field(default_factory=dict)

    def enable(self, *, enabled: bool) -> None:
        """Switch on or off; switching on revives suspended actions."""
        self.is_enabled = enabled
        if enabled:
            for hook in self.actions.values():
                hook.is_suspended = False


@dataclass(slots=True)
class Webhook:
    """A webhook of the admin portal: of some event types, or of one form."""

    hook: Hook
    events: tuple[EventKind, ...]
    form_id: int | None = None


@dataclass(slots=True)
class AdvancedSubscription:
    """A subscription to an advanced event."""

    hook: Hook
    event_type: str


@dataclass(slots=True)
class PendingEvent:
    """An advanced event that may be answered once."""

    id: str
    event_type: str
    ticket_id: int
    answer: dict[str, Any] | None = None
