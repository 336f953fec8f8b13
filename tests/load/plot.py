"""Latency under load as an SVG: calls a second that were made, accepted and shed, and how long accepted ones took."""

from collections.abc import Sequence

from tests.load.ramp import Run, percentile

WIDTH, HEIGHT, EDGE, BINS = 760, 220, 48, 60
_PANEL = HEIGHT + EDGE


def plot(run: Run) -> str:
    """Two panels above each other, over the same time."""
    ends = run.seconds
    made, done, shed = (_rates(ends, [one.at for one in some]) for some in (run.answered, run.accepted, run.shed))
    middle: list[float] = []
    slow: list[float] = []
    for index in range(BINS):
        low, high = ends * index / BINS, ends * (index + 1) / BINS
        took = [one.took * 1000 for one in run.accepted if low <= one.at < high]
        middle.append(percentile(took, 0.5))
        slow.append(percentile(took, 0.99))
    rates = (("made", "#888888", made), ("accepted", "#1f6f43", done), ("shed at once", "#b3261e", shed))
    delays = (("half within", "#1f6f43", middle), ("99 of 100 within", "#7a5af8", slow))
    marks = ("", f"{ends:.0f} s")
    body = panel(0, "calls a second", marks, rates) + panel(1, "milliseconds, accepted calls", marks, delays)
    return picture(body, "Load up to twice the capacity and back")


def picture(panels: str, label: str) -> str:
    """Two panels above each other, with what they show for those who cannot see them."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {2 * _PANEL + EDGE}" font-family="sans-serif" '
        f'font-size="12" role="img" aria-label="{label}">'
        f'<rect width="100%" height="100%" fill="white"/>{panels}</svg>\n'
    )


def _rates(ends: float, moments: Sequence[float]) -> list[float]:
    counts = [0] * BINS
    for moment in moments:
        counts[min(BINS - 1, int(moment / ends * BINS))] += 1
    return [count / ends * BINS for count in counts]


def panel(place: int, unit: str, marks: Sequence[str], series: Sequence[tuple[str, str, Sequence[float]]]) -> str:
    """Lines over the same marks, which are spread evenly; a line has a name, a colour and values, spread evenly too."""
    top, left = place * _PANEL + EDGE, EDGE
    wide, most = WIDTH - 2 * EDGE, max(1.0, *(max(values) for _, _, values in series))
    frame = (
        f'<text x="{left}" y="{top - 28}" font-weight="bold">{unit}</text>'
        f'<path d="M{left} {top}V{top + HEIGHT - EDGE}H{left + wide}" stroke="#444" fill="none"/>'
        f'<text x="{left - 6}" y="{top + 4}" text-anchor="end">{most:.0f}</text>'
        f'<text x="{left - 6}" y="{top + HEIGHT - EDGE}" text-anchor="end">0</text>'
    )
    parts = [frame]
    for number, mark in enumerate(marks):
        place_of_mark = left + wide * number / (len(marks) - 1)
        parts.append(f'<text x="{place_of_mark:.0f}" y="{top + HEIGHT - EDGE + 16}" text-anchor="middle">{mark}</text>')
    for number, (name, colour, values) in enumerate(series):
        points = " ".join(
            f"{left + wide * index / (len(values) - 1):.1f},{top + (HEIGHT - EDGE) * (1 - value / most):.1f}"
            for index, value in enumerate(values)
        )
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.6"/>')
        parts.append(f'<text x="{left + 140 * number}" y="{top - 10}" fill="{colour}">{name}</text>')
    return "".join(parts)
