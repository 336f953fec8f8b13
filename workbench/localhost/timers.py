"""Runs timer-trigger functions on their schedules."""

import asyncio
import json
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from workbench.localhost.background_calls import Calls, Deliver, succeeds
from workbench.localhost.config import HostError, expand
from workbench.localhost.ncrontab import Schedule, ScheduleError, parse
from workbench.localhost.worker import Function, Worker

# The longest single sleep, so that a changed clock or a suspended laptop delays a timer by no more than this.
LONGEST_SLEEP: Final = 30.0
# Schedules with shorter steps are not watched for runs missed while the host was down, as in Azure.
SHORTEST_WATCHED: Final = timedelta(minutes=1)

log = logging.getLogger("host")


class TimerMemory:
    """When each timer last ran, in a small JSON file, so that a run missed while the host was down is made up for."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._moments: dict[str, str] = _read(path)

    def last(self, name: str) -> datetime | None:
        """The last run of a timer, or the first time it was seen; None for a new one."""
        text = self._moments.get(name)
        return datetime.fromisoformat(text) if text else None

    def remember(self, name: str, moment: datetime) -> None:
        """Store a run at once; the file is replaced as a whole, never half written."""
        self._moments[name] = moment.isoformat()
        draft = self._path.with_suffix(".tmp")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(json.dumps(self._moments, indent=2))
            draft.replace(self._path)
        except OSError as problem:
            log.warning("The run of %s could not be noted in %s: %s", name, self._path, problem)


def _read(path: Path) -> dict[str, str]:
    try:
        return {str(name): str(moment) for name, moment in json.loads(path.read_text()).items()}
    except FileNotFoundError:
        return {}
    except (ValueError, AttributeError):
        log.warning("%s cannot be read; timers start afresh.", path)
        return {}


class TimerTrigger:
    """The clock of one function. Runs never overlap: the next time is looked for when a run has ended."""

    def __init__(self, worker: Worker, function: Function, memory: TimerMemory, deliver: Deliver) -> None:
        """Raises `HostError` for a schedule that cannot be read."""
        self.function = function
        self.calls = Calls()
        self._worker = worker
        self._memory = memory
        self._deliver = deliver
        self._schedule = _schedule(function)
        self._last: datetime | None = None

    async def run(self) -> None:
        """Run on schedule until cancelled; a run in progress goes on."""
        missed = self._missed(datetime.now(UTC))
        if missed or self.function.trigger.get("runOnStartup"):
            await self._fire(past_due=missed)
        while True:
            await _sleep_until(self._schedule.next_after(datetime.now(UTC)))
            await self._fire(past_due=False)

    def call(self, _text: str) -> None:
        """Run once now, as the administration API asks; a timer takes no input."""
        self.calls.begin(self._succeeds(past_due=False))

    def _missed(self, moment: datetime) -> bool:
        """Whether a run was due while the host was down; a timer seen for the first time has missed nothing."""
        if not self._watched(moment):
            return False
        last = self._memory.last(self.function.name)
        if last is None:
            self._memory.remember(self.function.name, moment)
            return False
        return self._schedule.next_after(last) <= moment

    def _watched(self, moment: datetime) -> bool:
        following = self._schedule.next_after(moment)
        step = self._schedule.next_after(following) - following
        return bool(self.function.trigger.get("useMonitor", True)) and step >= SHORTEST_WATCHED

    async def _fire(self, *, past_due: bool) -> None:
        moment = datetime.now(UTC)
        if self._watched(moment):
            self._memory.remember(self.function.name, moment)
        await asyncio.shield(self.calls.begin(self._succeeds(past_due=past_due)))
        self._last = moment

    async def _succeeds(self, *, past_due: bool) -> bool:
        invocation = self._worker.call_timer(self.function, self._request(past_due=past_due))
        return await succeeds(self.function, invocation, self._deliver)

    def _request(self, *, past_due: bool) -> dict[str, Any]:
        moment = datetime.now(UTC)
        status = {"Next": self._schedule.next_after(moment).isoformat(), "LastUpdated": moment.isoformat()}
        if self._last is not None:
            status["Last"] = self._last.isoformat()
        return {"Schedule": {"AdjustForDST": True}, "ScheduleStatus": status, "IsPastDue": past_due}


def _schedule(function: Function) -> Schedule:
    try:
        return parse(expand(function.trigger["schedule"]))
    except ScheduleError as problem:
        raise HostError(f"The timer {function.name} cannot be served: {problem}") from None


async def _sleep_until(moment: datetime) -> None:
    while (left := (moment - datetime.now(UTC)).total_seconds()) > 0:  # noqa: ASYNC110  nothing reports a clock
        await asyncio.sleep(min(left, LONGEST_SLEEP))
