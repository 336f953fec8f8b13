"""DeskDirector's answers read, completed and written: tenants of every shape beside the usual one and version 1.0.0."""

from benchmarks.baseline import baseline, probe
from benchmarks.harness import ROOT, show

USUAL = "usual"
ROUNDS = 2
Times = dict[str, list[float]]


def best(rounds: list[Times]) -> Times:
    """The lowest of several runs, shape by shape."""
    return {name: [min(column) for column in zip(*(one[name] for one in rounds), strict=True)] for name in rounds[0]}


def main() -> None:
    """Measure and print."""
    ours, before = [], []
    with baseline() as old:
        for _ in range(ROUNDS):
            ours.append(probe("reading", ROOT))
            if old is not None:
                before.append(probe("reading", old, USUAL))
    times = best(ours)
    usual = times[USUAL]
    ratios = {
        name: [took / mine for took, mine in zip(row, usual, strict=True)]
        for name, row in times.items()
        if row != usual
    }
    for name, row in times.items():
        one, page = (took / mine for took, mine in zip(row, usual, strict=True))
        print(f"{name:34} one ticket {row[0]:6.1f} µs ({one:.2f} of usual), page of 50 {row[1]:6.0f} µs ({page:.2f})")
    worst = max(ratios, key=lambda name: max(ratios[name]))
    rows: list[tuple[str, float | None, str, float]] = [
        (f"reader alone, worst of {len(ratios)} shapes ({worst}) / usual", max(ratios[worst]), "<=", 1.5)
    ]
    of_before = [mine / old for mine, old in zip(usual, best(before)[USUAL], strict=True)] if before else (None, None)
    for what, ratio, goal in zip(("one ticket", "page of 50"), of_before, (1.25, 1.05), strict=True):
        rows.append((f"reader alone, usual shape, {what} / 1.0.0", ratio, "<=", goal))
    show("Reading", rows)


if __name__ == "__main__":
    main()
