"""`python -m benchmarks.scale`: what 10,000 tenants and 50 million events a day take; `--write` puts it into the page.

Arithmetic only: the operations of an event are those that `bench_azure` counts and `tests/storage/test_azure_counts.py`
holds, CPU is what `bench_azure` measured, targets and prices are Microsoft's, with their sources in the document.
"""

import sys
from pathlib import Path
from typing import Final

from connector.queue_names import MOST_INBOUND_QUEUES
from connector.storage.event_ids import SITE_MARKS

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "scale.md"
BEGIN, END = "<!-- generated: python -m benchmarks.scale --write -->", "<!-- end of generated -->"

EVENTS_A_DAY, PEAK = 50e6, 5.0
LISTENERS: Final = 1.5
RETRIED: Final = 0.03
"""Assumed: this share of deliveries does not succeed at the first attempt."""
BATCH: Final = 16

# Operations of one event, as they are counted (`storage_counts`).
HOST_QUEUE: Final = 2 + 1 / BATCH
EVENT_TABLE: Final = 4.0  # the key, who listens, the event with its deliveries, their end
RETRY_TABLE, RETRY_QUEUE = 9.0, 2 + 1 / BATCH
ENTITIES: Final = 1 + 2 * LISTENERS
FIRST_LAYOUT: Final = 15.9
"""Operations an event of version 1.0, at as many listeners."""

EVENT_MS: Final = 2.8
"""CPU of receiving, fanning out and delivering one event, from `bench_azure` (which includes the receiving flow's)."""
WORKER_MS: Final = 2 * 0.6
"""The Functions worker's own: an HTTP call and a queue message."""
USED: Final = 0.6
GIGABYTES: Final = 2.0

ACCOUNT_TARGET, PARTITION_TARGET, QUEUE_TARGET = 20_000, 2_000, 2_000
TABLE_PRICE, QUEUE_PRICE = 0.00036 / 10_000, 0.004 / 10_000
EXECUTION_PRICE, GB_SECOND_PRICE = 0.40 / 1e6, 0.000026


def numbers() -> dict[str, float]:
    """Everything that the document says, by name."""
    peak = EVENTS_A_DAY / 86_400 * PEAK
    retries = RETRIED * LISTENERS
    table = EVENT_TABLE + retries * RETRY_TABLE
    queue = HOST_QUEUE + retries * RETRY_QUEUE
    cores = peak * (EVENT_MS + WORKER_MS) / 1e3
    executions = 2 + retries
    gb_seconds = (EVENT_MS + WORKER_MS) / 1e3 / USED * GIGABYTES
    costs = {
        "dollars_table": table * TABLE_PRICE * 1e6,
        "dollars_queue": queue * QUEUE_PRICE * 1e6,
        "dollars_executions": executions * EXECUTION_PRICE * 1e6,
        "dollars_memory": gb_seconds * GB_SECOND_PRICE * 1e6,
    }
    return {
        "peak": peak,
        "operations": table + queue,
        "account": peak * (table + queue),
        "partition": peak * ENTITIES / SITE_MARKS,
        "one_partition": peak * ENTITIES,
        "one_site": PARTITION_TARGET / ENTITIES,
        "queue_one": peak,
        "queue_many": peak / MOST_INBOUND_QUEUES,
        "deliveries_queue": peak * retries,
        "cores": cores,
        "instances": cores / USED,
        "account_limit": ACCOUNT_TARGET / (table + queue) * 86_400 / PEAK / 1e6,
        "instances_40": 40 * USED / ((EVENT_MS + WORKER_MS) / 1e3) * 86_400 / PEAK / 1e6,
        **costs,
        "dollars": sum(costs.values()),
    }


def table() -> str:
    """The generated part of the document."""
    of = numbers()
    rows = [
        ("events a second at the peak", f"{of['peak']:,.0f}", ""),
        ("storage operations an event (version 1.0: " + f"{FIRST_LAYOUT})", f"{of['operations']:.1f}", ""),
        ("storage account, operations a second", f"{of['account']:,.0f}", f"{of['account'] / ACCOUNT_TARGET:.2f}x"),
        ("busiest partition of events, entities a second", f"{of['partition']:,.0f}",
         f"{of['partition'] / PARTITION_TARGET:.2f}x"),
        ("the same with one partition, as in version 1.0", f"{of['one_partition']:,.0f}",
         f"{of['one_partition'] / PARTITION_TARGET:.1f}x"),
        (f"inbound queue, messages a second, {MOST_INBOUND_QUEUES} queues", f"{of['queue_many']:,.0f}",
         f"{of['queue_many'] / QUEUE_TARGET:.2f}x"),
        ("the same with one queue", f"{of['queue_one']:,.0f}", f"{of['queue_one'] / QUEUE_TARGET:.2f}x"),
        ("deliveries queue (retries only), messages a second", f"{of['deliveries_queue']:,.0f}",
         f"{of['deliveries_queue'] / QUEUE_TARGET:.2f}x"),
        ("cores busy at the peak", f"{of['cores']:.1f}", ""),
        (f"instances of one core at {USED:.0%}", f"{of['instances']:.0f}", ""),
        ("US dollars a million events", f"{of['dollars']:.2f}", ""),
        ("… tables, queues, executions, memory", ", ".join(
            f"{of[name]:.2f}" for name in ("dollars_table", "dollars_queue", "dollars_executions", "dollars_memory")
        ), ""),
    ]  # fmt: skip
    limits = [
        ("one inbound queue", QUEUE_TARGET * 86_400 / PEAK / 1e6),
        ("40 instances", of["instances_40"]),
        ("one storage account", of["account_limit"]),
    ]
    lines = ["| What | Number | Of its target |", "| --- | --- | --- |", *(f"| {a} | {b} | {c} |" for a, b, c in rows)]
    lines += ["", f"Limits, in million events a day with a peak of {PEAK:.0f} times the average:", ""]
    lines += [f"- {name}: {value:,.0f}" for name, value in sorted(limits, key=lambda each: each[1])]
    lines += [f"- one site: {of['one_site']:,.0f} events a second (all of a site's are in one partition at a time)"]
    return "\n".join(lines)


def page(text: str) -> str:
    """The document with the generated part as it should be."""
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


def main() -> None:
    """Print, or write."""
    if "--write" in sys.argv[1:]:
        PAGE.write_text(page(PAGE.read_text()))
    else:
        print(table())


if __name__ == "__main__":
    main()
