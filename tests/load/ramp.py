"""Calls at a rate that rises to twice the capacity and falls again, whatever is answered (an open loop)."""

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

STEPS = ((0.15, 0.5, 0.5), (0.3, 0.5, 2.0), (0.2, 2.0, 2.0), (0.2, 2.0, 0.5), (0.15, 0.5, 0.5))
"""Shares of the time, and the rate at their begin and end in shares of the capacity."""
AREA = sum(share * (first + last) / 2 for share, first, last in STEPS)
LIMITED = 429
SHED = (LIMITED, 503)
DRAINERS = 16
MOST_AT_ONCE = 2000
SAMPLE_SECONDS = 0.5
RECOVERY_SECONDS = 5.0
AT_ONCE_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Answered:
    """One call: when it was made (seconds since the begin), how long it took, and its status (0: none)."""

    at: float
    took: float
    status: int


@dataclass(frozen=True, slots=True)
class Sample:
    """What the process held at a moment: resident memory in MiB, open files and sockets, tasks."""

    at: float
    memory: float
    files: int
    tasks: int


@dataclass(slots=True)
class Run:
    """What happened. `capacity` is in calls a second."""

    capacity: float
    seconds: float
    made: int = 0
    answered: list[Answered] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)

    @property
    def counts(self) -> Counter[int]:
        """Calls by status."""
        return Counter(one.status for one in self.answered)

    @property
    def accepted(self) -> list[Answered]:
        """The calls that were done."""
        return [one for one in self.answered if one.status == 200]

    @property
    def shed(self) -> list[Answered]:
        """The calls that were turned away."""
        return [one for one in self.answered if one.status in SHED]

    @property
    def meanwhile(self) -> list[Answered]:
        """The calls that were done while others were turned away: the machine was as busy for them."""
        moments = [one.at for one in self.shed]
        first, last = min(moments, default=0.0), max(moments, default=0.0)
        return [one for one in self.accepted if moments and first <= one.at <= last]

    @property
    def is_shed_at_once(self) -> bool:
        """Whether being turned away took no longer than being done, in the same minutes: it waits for nothing.

        Seconds would say how fast and how busy the machine is.
        """
        shed, done = ([one.took for one in some] for some in (self.shed, self.meanwhile))
        return all(percentile(shed, share) <= percentile(done, share) * 1.2 + AT_ONCE_SECONDS for share in (0.5, 0.9))

    @property
    def recovered_at(self) -> float:
        """Seconds after the rate was below the capacity again until nothing was shed any more."""
        calm = self.seconds * sum(share for share, _, _ in STEPS[:-1])
        return max([0.0, *(one.at + one.took - calm for one in self.shed)])

    def grown(self) -> Sample:
        """How much more the process holds: files and tasks after the run, memory since the first quarter of it."""
        first, last, quarter = self.samples[0], self.samples[-1], max(1, len(self.samples) // 4)
        before, after = self.samples[quarter : 2 * quarter] or [first], self.samples[-quarter:]
        memory = percentile([one.memory for one in after], 0.5) - percentile([one.memory for one in before], 0.5)
        return Sample(last.at, memory, last.files - first.files, last.tasks - first.tasks)


def moments(calls: int, capacity: float) -> Iterator[float]:
    """When each of this many calls is made."""
    seconds = calls / (AREA * capacity)
    at, owed = 0.0, 0.0
    for share, first, last in STEPS:
        lasts = share * seconds
        ticks = max(1, round(lasts * 1000))
        for tick in range(ticks):
            owed += capacity * (first + (last - first) * tick / ticks) * lasts / ticks
            while owed >= 1:
                owed -= 1
                yield at + lasts * tick / ticks
        at += lasts


@dataclass(frozen=True, slots=True)
class Target:
    """What is called, as whom, and where the process that answers says its numbers."""

    url: str
    headers: dict[str, str]
    metrics: str
    pid: int


async def ramp(target: Target, calls: int, capacity: float, *, is_drained: bool = False) -> Run:
    """Make this many calls; with `is_drained`, use up first what the app lets in at once."""
    run = Run(capacity, calls / (AREA * capacity))
    async with aiohttp.ClientSession() as session:
        if is_drained:
            await _drain(target)
        run.samples.append(await _sampled(target, session, 0.0))
        began = time.monotonic()
        watching = asyncio.create_task(_watch(run, target, session, began))
        await _call_all(run, target, calls, began)
        watching.cancel()
        await asyncio.sleep(2 * SAMPLE_SECONDS)
        run.samples.append(await _sampled(target, session, time.monotonic() - began))
    return run


def _session(target: Target) -> aiohttp.ClientSession:
    timeout = aiohttp.ClientTimeout(total=60)
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout, headers=target.headers)


async def _drain(target: Target) -> None:
    """Call until the limit on calls refuses one, by many callers: it must be used up faster than it fills again."""
    refused = asyncio.Event()
    async with _session(target) as session, asyncio.TaskGroup() as callers:

        async def call_on() -> None:
            while not refused.is_set():
                if await _status_of(session, target.url) == LIMITED:
                    refused.set()

        for _ in range(DRAINERS):
            callers.create_task(call_on())


async def _call_all(run: Run, target: Target, calls: int, began: float) -> None:
    room = asyncio.Semaphore(MOST_AT_ONCE)
    async with _session(target) as session, asyncio.TaskGroup() as tasks:
        for moment in moments(calls, run.capacity):
            run.made += 1
            if (ahead := began + moment - time.monotonic()) > 0:
                await asyncio.sleep(ahead)
            await room.acquire()
            tasks.create_task(_call(run, session, target.url, began)).add_done_callback(lambda _: room.release())


async def _call(run: Run, session: aiohttp.ClientSession, url: str, began: float) -> None:
    at = time.monotonic()
    status = await _status_of(session, url)
    run.answered.append(Answered(at - began, time.monotonic() - at, status))


async def _status_of(session: aiohttp.ClientSession, url: str) -> int:
    try:
        async with session.get(url) as answer:
            await answer.read()
            return answer.status
    except (aiohttp.ClientError, TimeoutError):
        return 0


async def _watch(run: Run, target: Target, session: aiohttp.ClientSession, began: float) -> None:
    while True:
        await asyncio.sleep(SAMPLE_SECONDS)
        run.samples.append(await _sampled(target, session, time.monotonic() - began))


async def _sampled(target: Target, session: aiohttp.ClientSession, at: float) -> Sample:
    async with session.get(target.metrics, headers={"Accept": "application/openmetrics-text"}) as answer:
        said = re.search(r"^connector_tasks (\d+)", await answer.text(), re.MULTILINE)
    memory = re.search(r"^VmRSS:\s+(\d+)", Path(f"/proc/{target.pid}/status").read_text(), re.MULTILINE)
    assert said
    assert memory
    files = len(list(Path(f"/proc/{target.pid}/fd").iterdir()))
    return Sample(at, int(memory[1]) / 1024, files, int(said[1]))


def percentile(values: list[float], share: float) -> float:
    """The value below which this share of them lies; 0 for none."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] if values else 0.0


def report(run: Run, most_upstream: int) -> str:
    """The counts, for people."""
    grown = run.grown()
    lines = (
        f"{len(run.answered)} calls in {run.seconds:.0f} s, up to {2 * run.capacity:.0f} a second",
        f"by status: {json.dumps(dict(sorted(run.counts.items())))}",
        f"accepted: {_delays(run.accepted)}",
        f"shed: {_delays(run.shed)}",
        f"accepted meanwhile: {_delays(run.meanwhile)}",
        f"at once at DeskDirector: {most_upstream} at most",
        f"recovered {run.recovered_at:.1f} s after the rate had fallen below the capacity",
        f"the process grew by {grown.memory:.1f} MiB, {grown.files} files and sockets, {grown.tasks} tasks",
    )
    return "\n".join(lines)


def _delays(answered: list[Answered]) -> str:
    took = [one.took * 1000 for one in answered]
    half, most = percentile(took, 0.5), percentile(took, 0.99)
    return f"{len(took)}, half within {half:.0f} ms, 99 of 100 within {most:.0f} ms"
