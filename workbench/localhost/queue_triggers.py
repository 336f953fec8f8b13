"""Runs queue-trigger functions: claims messages, calls the function, deletes, retries, or sets aside as poison."""

import asyncio
import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from workbench.localhost.background_calls import Calls, Deliver, succeeds
from workbench.localhost.config import QueueOptions
from workbench.localhost.queues import Destination, QueueMessage
from workbench.localhost.worker import Function, Worker

# A claim lasts this long and is renewed while its function runs, so after a crash the message is back this soon.
CLAIM_SECONDS: Final = 10.0
FIRST_POLL_SECONDS: Final = 0.1

log = logging.getLogger("host")


class QueueTrigger:
    """The listener of one function on one queue.

    As in Azure, up to `batch_size` messages are claimed whenever no more than `new_batch_threshold` are running; a
    failed message is visible again after `visibility_timeout`, and goes to `<queue>-poison` after its last attempt.
    """

    def __init__(
        self, worker: Worker, function: Function, source: Destination, options: QueueOptions, deliver: Deliver
    ) -> None:
        self.function = function
        self.source = source
        self.calls = Calls()
        self._worker = worker
        self._options = options
        self._deliver = deliver
        self._held: set[QueueMessage] = set()
        self._written = asyncio.Event()
        self._available = True

    def wake(self) -> None:
        """Look at once: this process has just put something into the queue."""
        self._written.set()

    async def run(self) -> None:
        """Listen until cancelled; calls in progress go on."""
        renewals = asyncio.create_task(self._renew())
        pause = FIRST_POLL_SECONDS
        try:
            while True:
                await self.calls.until_fewer_than(self._options.new_batch_threshold + 1)
                self._written.clear()
                if messages := await self._claim():
                    self._begin(messages)
                    pause = FIRST_POLL_SECONDS
                else:
                    await self._sleep(pause)
                    pause = min(pause * 2, self._options.max_polling_interval)
        finally:
            renewals.cancel()

    def call(self, text: str) -> None:
        """Run the function once with `text` as its message, as the administration API asks."""
        now = datetime.now(UTC)
        message = QueueMessage(
            queue=self.source.queue, id="", body=text.encode(), dequeue_count=1, inserted_at=now, receipt=""
        )
        self.calls.begin(self._succeeds(message))

    async def _claim(self) -> list[QueueMessage]:
        """Claimed messages; none while the store is away, which is logged when it begins and when it ends."""
        try:
            messages = await self.source.backend.claim(self.source.queue, self._options.batch_size, CLAIM_SECONDS)
        except Exception as problem:  # noqa: BLE001  each store raises its own errors; listening goes on
            if self._available:
                log.warning("The queue %s cannot be read: %r", self.source.queue, problem)
            self._available = False
            return []
        if not self._available:
            log.info("The queue %s can be read again.", self.source.queue)
        self._available = True
        return messages

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._written.wait()
        except TimeoutError:
            return

    def _begin(self, messages: Iterable[QueueMessage]) -> None:
        for message in messages:
            self._held.add(message)
            self.calls.begin(self._process(message))

    async def _process(self, message: QueueMessage) -> None:
        try:
            await self._settle(message, succeeded=await self._succeeds(message))
        except Exception:
            log.exception("A message of %s could not be settled; it comes back when its claim ends.", message.queue)
        finally:
            self._held.discard(message)

    async def _succeeds(self, message: QueueMessage) -> bool:
        if message.dequeue_count > self._options.max_dequeue_count:
            return False  # the earlier attempts ended with the process instead of with an error
        invocation = self._worker.call_queue(self.function, message.body, _metadata(message))
        return await succeeds(self.function, invocation, self._deliver)

    async def _settle(self, message: QueueMessage, *, succeeded: bool) -> None:
        store, attempts = self.source.backend, message.dequeue_count
        again = not succeeded and attempts < self._options.max_dequeue_count
        if not succeeded and not again:
            await store.put(f"{message.queue}-poison", [message.body])
            log.warning(
                "A message of %s failed %s times and is now in %s-poison.", message.queue, attempts, message.queue
            )
        self._held.discard(message)  # no renewal may come after what follows
        await (store.hide(message, self._options.visibility_timeout) if again else store.delete(message))

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(CLAIM_SECONDS / 3)
            for message in list(self._held):
                try:
                    await self.source.backend.hide(message, CLAIM_SECONDS)
                except Exception as problem:  # noqa: BLE001  the claim may run out; the message is then tried again
                    log.warning("A claim on %s could not be renewed: %r", message.queue, problem)


def _metadata(message: QueueMessage) -> dict[str, Any]:
    """What the host passes to a queue function beside the body; a message here never expires.

    Moments are of whole seconds, as the queues of Azure have them; the worker library reads these soonest.
    """
    return {
        "Id": message.id,
        "PopReceipt": message.receipt,
        "DequeueCount": message.dequeue_count,
        "InsertionTime": message.inserted_at.isoformat(timespec="seconds"),
        "ExpirationTime": "9999-12-31T23:59:59+00:00",
        "NextVisibleTime": datetime.now(UTC).isoformat(timespec="seconds"),
    }
