"""Queues as the host sees them: what a store of messages has to do, and how output bindings reach it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from workbench.localhost.config import expand
from workbench.localhost.worker import Function, Outcome

# 64 KiB as base64, the limit of Azure Storage; kept everywhere, so that it does not first show in production.
LARGEST_MESSAGE: Final = 49_152


@dataclass(slots=True, kw_only=True, eq=False)
class QueueMessage:
    """A claimed message. `receipt` proves the claim and changes when the claim is renewed."""

    queue: str
    id: str
    body: bytes
    dequeue_count: int
    inserted_at: datetime
    receipt: str


class QueueBackend(Protocol):
    """A durable store of queues that come into being when first written to.

    Delivery is at least once: a claimed message is invisible for a while and comes back unless it is deleted. A claim
    that has run out proves nothing any more; `hide` and `delete` with it do nothing.
    """

    async def put(self, queue: str, messages: Sequence[bytes], delay: float = 0.0) -> None:
        """Store messages, visible after `delay` seconds; returns once they would survive a crash."""

    async def claim(self, queue: str, count: int, visibility: float) -> list[QueueMessage]:
        """Take up to `count` visible messages, oldest first, out of sight for `visibility` seconds."""

    async def hide(self, message: QueueMessage, seconds: float) -> None:
        """Let a claimed message be invisible for `seconds` from now: renews the claim, or with 0 gives it back."""

    async def delete(self, message: QueueMessage) -> None:
        """Remove a claimed message for good."""

    async def close(self) -> None:
        """Finish pending work and close files and connections."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A queue in a store; `written` is called when something was put there."""

    backend: QueueBackend
    queue: str

    async def put(self, messages: Sequence[bytes]) -> None:
        """Store messages durably."""
        await self.backend.put(self.queue, messages)


class QueueOutputs:
    """Stores what functions write to their queue output bindings."""

    def __init__(
        self,
        functions: Sequence[Function],
        backend: Callable[[str], QueueBackend],
        written: Callable[[Destination], None],
    ) -> None:
        """`backend` finds the store for a binding's connection; `written` is called after each successful write."""
        self._written = written
        self._destinations: Mapping[tuple[str, str], Destination] = {
            (function.id, binding["name"]): destination(binding, backend)
            for function in functions
            for binding in function.bindings
            if binding["type"] == "queue"
        }

    async def deliver(self, function: Function, outcome: Outcome) -> None:
        """Returns once every message is durable; raises what the store raises."""
        for name, messages in outcome.outputs.items():
            if messages:
                target = self._destinations[function.id, name]
                await target.put(messages)
                self._written(target)


def destination(binding: Mapping[str, str], backend: Callable[[str], QueueBackend]) -> Destination:
    """The queue that a `queue` or `queueTrigger` binding names; raises `HostError` for an unset `%NAME%`."""
    return Destination(backend(binding.get("connection") or "AzureWebJobsStorage"), expand(binding["queueName"]))
