"""What happens, in numbers: counted in the process, read as OpenMetrics text, reported as one JSON line a minute.

There is no reader task and no SDK: an instance may go idle at any time, and then nothing is lost but the last minute.
The line is written by whatever call comes after a minute is over. Azure's own metrics and the lines of failed calls
stand beside it.
"""

import json
import logging
import time
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

LINE_SECONDS: Final = 60.0
MOST_SERIES: Final = 2000
"""Series of one counter; more sites than that are counted together."""
BUCKETS: Final = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
OTHER: Final = "other"

COUNTERS: Final[Mapping[str, str]] = {
    "connector_calls": "Calls of operations, by operation and status.",
    "connector_errors": "Failed calls, by error code.",
    "connector_upstream_calls": "Calls to DeskDirector, by site and outcome: a status, or why there was none.",
    "connector_upstream_retries": "Calls to DeskDirector that were repeated, by site.",
    "connector_cache_reads": "Lookups in caches, by cache and result.",
    "connector_shed": "Calls that were refused by a limit of the app's own, by limit.",
    "connector_oauth_refusals": "Refusals of the sign-in endpoints, by OAuth error.",
}
HISTOGRAMS: Final[Mapping[str, str]] = {
    "connector_call_seconds": "How long calls of operations took.",
    "connector_upstream_seconds": "How long DeskDirector took to answer.",
}

Labels = tuple[tuple[str, str], ...]

log = logging.getLogger("connector.metrics")


class Histogram:
    """Counts of values by bucket, and their sum."""

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS) + 1)
        self.sum = 0.0

    def observe(self, value: float) -> None:
        """Count a value."""
        self.counts[bisect_left(BUCKETS, value)] += 1
        self.sum += value

    def since(self, before: Sequence[int]) -> dict[str, float]:
        """How many values came since the counts were `before`, and the edges below which half and 95 % of them are."""
        new = [count - earlier for count, earlier in zip(self.counts, before, strict=True)]
        total = sum(new)
        return {"count": total, "p50": _edge(new, total * 0.5), "p95": _edge(new, total * 0.95)} if total else {}


class Metrics:
    """The numbers of one process."""

    def __init__(self) -> None:
        self._counters: dict[str, dict[Labels, int]] = {name: {} for name in COUNTERS}
        self._histograms = {name: Histogram() for name in HISTOGRAMS}
        self._reported: dict[str, dict[Labels, int]] = {}
        self._observed = {name: list(histogram.counts) for name, histogram in self._histograms.items()}
        self._line_at = time.monotonic() + LINE_SECONDS

    def count(self, name: str, **labels: str) -> None:
        """Add one to a series."""
        series = self._counters[name]
        key = tuple(labels.items())
        if key in series:
            series[key] += 1
            return
        if len(series) >= MOST_SERIES:
            key = tuple((label, OTHER) for label in labels)
        series[key] = series.get(key, 0) + 1

    def observe(self, name: str, seconds: float) -> None:
        """Add a duration."""
        self._histograms[name].observe(seconds)

    def seen(self, name: str, label: str) -> set[str]:
        """The values that a label of a counter has had."""
        return {value for key in self._counters[name] for known, value in key if known == label}

    def report(self) -> None:
        """Write the line of the last minute, if one is over."""
        if time.monotonic() >= self._line_at:
            self._line_at = time.monotonic() + LINE_SECONDS
            log.info(self.line())

    def line(self) -> str:
        """The counts since the last line, as JSON."""
        counted: dict[str, Any] = {}
        for name, series in self._counters.items():
            before = self._reported.get(name, {})
            new = {_spelled(key): count - before.get(key, 0) for key, count in series.items()}
            counted[name.removeprefix("connector_")] = {key: count for key, count in new.items() if count}
        self._reported = {name: dict(series) for name, series in self._counters.items()}
        for name, histogram in self._histograms.items():
            counted[name.removeprefix("connector_")] = histogram.since(self._observed[name])
        self._observed = {name: list(histogram.counts) for name, histogram in self._histograms.items()}
        return json.dumps({"event": "metrics", **counted}, separators=(",", ":"))

    def openmetrics(self) -> Iterator[str]:
        """All of it as lines of OpenMetrics text, without the end mark."""
        for name, series in self._counters.items():
            yield from family(name, "counter", COUNTERS[name])
            for key, count in series.items():
                yield f"{name}_total{_labels(key)} {count}"
        for name, histogram in self._histograms.items():
            yield from family(name, "histogram", HISTOGRAMS[name])
            total = 0
            for edge, count in zip((*map(str, BUCKETS), "+Inf"), histogram.counts, strict=True):
                total += count
                yield f'{name}_bucket{{le="{edge}"}} {total}'
            yield f"{name}_count {total}"
            yield f"{name}_sum {histogram.sum:.6f}"


def _edge(counts: Sequence[int], share: float) -> float:
    """The edge of the bucket that the value of this rank is in; the last one's for those beyond."""
    total = 0
    for edge, count in zip((*BUCKETS, BUCKETS[-1]), counts, strict=True):
        total += count
        if total >= share:
            return edge
    return BUCKETS[-1]


METRICS: Final = Metrics()


def family(name: str, kind: str, about: str) -> Iterator[str]:
    """The lines that introduce a metric."""
    yield f"# TYPE {name} {kind}"
    yield f"# HELP {name} {about}"


def sample(name: str, value: float, **labels: str) -> str:
    """One line."""
    return f"{name}{_labels(tuple(labels.items()))} {value:g}"


def _labels(key: Labels) -> str:
    inside = ",".join(f'{name}="{_escaped(value)}"' for name, value in key)
    return f"{{{inside}}}" if inside else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _spelled(key: Labels) -> str:
    return " ".join(value for _, value in key)
