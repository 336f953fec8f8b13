"""Everything that starts functions without an HTTP request: queue listeners and timers, and the outputs of all."""

import asyncio
import logging
import os
from collections.abc import Sequence
from pathlib import Path

from connector.runtime import cancelled, together
from workbench.localhost.azure_queues import AzureQueues, StorageConnection
from workbench.localhost.config import HostConfig, is_disabled
from workbench.localhost.queue_triggers import QueueTrigger
from workbench.localhost.queues import Destination, QueueBackend, QueueOutputs, destination
from workbench.localhost.sqlite_queues import SqliteQueues
from workbench.localhost.timers import TimerMemory, TimerTrigger
from workbench.localhost.worker import Function, Worker

log = logging.getLogger("host")


class Backends:
    """The stores behind connection names: Azure Storage where a connection is set, one SQLite file otherwise."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._open: dict[StorageConnection | None, QueueBackend] = {}

    def __call__(self, name: str) -> QueueBackend:
        """The store for the app setting `name`; opened when first asked for."""
        connection = StorageConnection.find(name, os.environ)
        if connection not in self._open:
            self._open[connection] = AzureQueues(connection) if connection is not None else SqliteQueues(self._file)
        return self._open[connection]

    async def close(self) -> None:
        """Close every store."""
        for backend in self._open.values():
            await backend.close()


class Triggers:
    """The listeners and timers of an app. Made inside the running event loop, `start`ed once and `stop`ped once."""

    def __init__(self, worker: Worker, functions: Sequence[Function], options: HostConfig, data_dir: Path) -> None:
        """Raises `HostError` for a queue, schedule or connection that cannot be used."""
        self._backends = Backends(data_dir / "queues.sqlite3")
        self.deliver = QueueOutputs(functions, self._backends, self._wake).deliver
        memory = TimerMemory(data_dir / "timers.json")
        timers = [function for function in functions if function.trigger["type"] == "timerTrigger"]
        clocks = [TimerTrigger(worker, function, memory, self.deliver) for function in timers]
        self._listeners = [
            QueueTrigger(worker, function, destination(function.trigger, self._backends), options.queues, self.deliver)
            for function in functions
            if function.trigger["type"] == "queueTrigger"
        ]
        self._all: tuple[TimerTrigger | QueueTrigger, ...] = (*clocks, *self._listeners)
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to listen; disabled functions stay silent."""
        for trigger in self._all:
            if not is_disabled(trigger.function.name, os.environ):
                task = asyncio.create_task(trigger.run(), name=trigger.function.name)
                self._tasks.add(task)
                task.add_done_callback(_report)

    def call(self, name: str, text: str) -> bool:
        """Begin a function by its name, whatever the case, with a text as input; False when there is none such."""
        for trigger in self._all:
            if trigger.function.name.lower() == name.lower():
                trigger.call(text)
                return True
        return False

    async def stop(self, seconds: float) -> None:
        """Stop listening, let running calls end for up to `seconds`, close the stores."""
        await cancelled(self._tasks)
        await together(*(trigger.calls.drain(seconds) for trigger in self._all), at_once=len(self._all) or 1)
        await self._backends.close()

    def _wake(self, written: Destination) -> None:
        for listener in self._listeners:
            if listener.source == written:
                listener.wake()


def _report(task: "asyncio.Task[None]") -> None:
    """A listener never ends by itself; if one does, that must not go unseen."""
    if not task.cancelled() and (problem := task.exception()) is not None:
        log.critical("%s is no longer listened for: %r", task.get_name(), problem, exc_info=problem)
