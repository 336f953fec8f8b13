"""What becomes of a delivery, by what its flow answers: the part of `docs/faults.md` about events.

`tests/relay/test_flow_answers.py` plays every row with a flow that answers so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

Becomes = Literal["delivered", "pending", "dead"]


@dataclass(frozen=True, slots=True)
class FlowAnswer:
    """One answer. `plan` is how the flow receiver is to behave; `wait` is in seconds until the next attempt."""

    what: str
    plan: Mapping[str, Any]
    becomes: Becomes = "pending"
    wait: float = 5.0
    ends: bool = False
    """Whether the subscription ends at once."""
    lasting: str = ""
    """What follows when nothing else comes."""


DAY: Final = "after a day a dead letter"
FLOW_ANSWERS: Final = (
    FlowAnswer("200, 202 or another 2xx", {"mode": "accepting"}, "delivered"),
    FlowAnswer("A redirection", {"mode": "failing", "status": 302}, lasting=DAY),
    FlowAnswer("400", {"mode": "failing", "status": 400}, lasting=DAY),
    FlowAnswer("401", {"mode": "failing", "status": 401}, lasting=f"{DAY}, and the subscription ends"),
    FlowAnswer("403", {"mode": "failing", "status": 403}, lasting=f"{DAY}, and the subscription ends"),
    FlowAnswer("404", {"mode": "gone"}, lasting="after `CONNECTOR_GONE_AFTER_MINUTES` the subscription ends"),
    FlowAnswer("410", {"mode": "gone", "status": 410}, "dead", ends=True),
    FlowAnswer("429 with `Retry-After: 120`", {"mode": "throttled", "retry_after": 120}, wait=120, lasting=DAY),
    FlowAnswer("500", {"mode": "failing", "status": 500}, lasting=DAY),
    FlowAnswer("502", {"mode": "failing", "status": 502}, lasting=DAY),
    FlowAnswer("503", {"mode": "failing", "status": 503}, lasting=DAY),
    FlowAnswer("No answer in time", {"mode": "slow", "seconds": 2}, lasting=DAY),
    FlowAnswer("No connection", {}, lasting=DAY),
)
