"""CPU microseconds to read, complete and write one ticket, and a page of 50, in each shape: `{shape: [one, page]}`."""

import json
import sys
import time
from collections.abc import Callable

from benchmarks.shapes import shapes
from connector.deskdirector.entities.tickets import Ticket, Tickets
from connector.deskdirector.models import read
from connector.deskdirector.sites import Site

ROUNDS = 7
SITE = Site("acme.deskdirector.com")


def translate(model: type[Ticket] | type[Tickets], content: bytes) -> bytes:
    """What a call does with an answer."""
    entity = read(model, content)
    entity.complete(SITE)
    return entity.to_json()


def microseconds(run: Callable[[], object], times: int) -> float:
    """CPU time of one run."""
    began = time.process_time()
    for _ in range(times):
        run()
    return (time.process_time() - began) / times * 1e6


def main() -> None:
    """Measure in turns, so that a busy moment of the machine does not hit one shape only."""
    wanted = [(shape.name, shape.ticket_bytes(), shape.page_bytes()) for shape in shapes(sys.argv[1:])]
    best: dict[str, list[float]] = {name: [float("inf")] * 2 for name, _, _ in wanted}
    for number in range(ROUNDS + 1):
        for name, one, page in wanted:
            took = (
                microseconds(lambda: translate(Ticket, one), 200),  # noqa: B023  called at once
                microseconds(lambda: translate(Tickets, page), 6),  # noqa: B023  called at once
            )
            if number:  # the first round warms up
                best[name] = [min(pair) for pair in zip(best[name], took, strict=True)]
    print(json.dumps(best))


if __name__ == "__main__":
    main()
