"""How `doctor` prints what it found, for people."""

from collections import Counter
from collections.abc import Container, Iterator, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from connector.deskdirector.discovery.findings import Findings
from connector.examining.drift import Drift
from connector.examining.probing import Probe, Verdict
from workbench.checks.site.notifications import Notification
from workbench.checks.site.offers import Offer, Standing, alike

_SHOWN = 5
_COLOURS = {Verdict.ANSWERS: "green", Verdict.REFUSED: "yellow", Verdict.MISSING: "red", Verdict.UNCLEAR: "yellow"}
_STANDINGS = {
    Standing.PROVEN: "green",
    Standing.FOUND: "green",
    Standing.ASSUMED: "yellow",
    Standing.NOT_OFFERED: "red",
}
_COUNTED = {
    Verdict.ANSWERS: "answer",
    Verdict.REFUSED: "are not for this key",
    Verdict.MISSING: "are missing",
    Verdict.UNCLEAR: "could not be judged",
}


def show_problems(console: Console, problems: Sequence[str]) -> None:
    """What will not work, at the end where it is seen."""
    console.print()
    for problem in problems:
        console.print(f"[red]•[/red] {escape(problem)}")
    count = len(problems)
    console.print(f"{count} problem{'s' if count > 1 else ''}." if count else "[green]No problems.[/green]")


def show_drift(console: Console, heading: str, drifts: list[Drift]) -> None:
    """How the site's fields differ from ours."""
    console.print(f"\n[bold]{heading}[/bold]")
    rows = grid()
    for drift in drifts:
        if differences := "; ".join(_differences(drift)):
            rows.add_row(drift.of, differences)
    console.print(rows if rows.row_count else "as expected")


def show_notifications(console: Console, notifications: list[Notification]) -> None:
    """The events that the site has, with what each carries."""
    console.print("\n[bold]Ticket events[/bold]")
    rows = grid()
    for notification in notifications:
        more = (
            f" and {len(notification.carries) - _SHOWN} more"
            if notification.carries and len(notification.carries) > _SHOWN
            else ""
        )
        carries = (
            f"carries {', '.join(notification.carries[:_SHOWN])}{more}"
            if notification.carries
            else "its schema cannot be read"
        )
        rows.add_row(
            escape(notification.id), escape(carries) + ("" if notification.is_known else " (id from this site only)")
        )
    console.print(rows if rows.row_count else "[yellow]the list cannot be read[/yellow]")


def show_documents(console: Console, findings: Findings) -> None:
    """The documents that were read, and what stood in the way."""
    read = ", ".join(
        f"{document.name} ({document.operations} operations)" for document in findings.documents if not document.problem
    )
    console.print(f"\n[bold]Its own documents[/bold] {escape(read) or 'none'}")
    rows = grid()
    for document in findings.documents:
        if document.problem:
            rows.add_row(escape(document.name), f"[yellow]{escape(document.problem)}[/yellow]")
    for problem in findings.problems:
        rows.add_row("", f"[yellow]{escape(problem)}[/yellow]")
    for match in alike(findings):
        about = f"{match.route}: {match.score} of 100" + (f", {match.difference}" if match.difference else "")
        rows.add_row(escape(match.endpoint), escape(about))
    if rows.row_count:
        console.print(rows)


def show_offers(console: Console, offers: list[Offer]) -> None:
    """Every operation, by how sure it is that it works here; those that are not proven with their routes."""
    counts = Counter(offer.standing for offer in offers)
    summary = ", ".join(f"{counts[standing]} {standing}" for standing in Standing if counts[standing])
    console.print(f"\n[bold]Operations[/bold] ({summary})")
    rows = grid()
    for standing in Standing:
        members = [offer for offer in offers if offer.standing is standing]
        if standing is Standing.PROVEN and members:
            rows.add_row(f"[green]{standing}[/green]", ", ".join(member.operation for member in members))
            continue
        for member in members:
            note = f" ({escape(member.note)})" if member.note else ""
            rows.add_row(f"[{_STANDINGS[standing]}]{standing}[/]", f"{member.operation}: {escape(member.route)}{note}")
    console.print(rows)


def show_routes(console: Console, routes: list[Probe], shown: Container[str]) -> None:
    """Those that we assume, and those that do not answer, unless their settings are `shown` already."""
    found = Counter(route.verdict for route in routes)
    counts = ", ".join(f"{found[verdict]} {word}" for verdict, word in _COUNTED.items() if found[verdict])
    console.print(f"\n[bold]Routes[/bold] ({counts})")
    rows = grid()
    for route in routes:
        if route.setting not in shown and (route.evidence != "proven" or route.verdict is not Verdict.ANSWERS):
            note = f" ({escape(route.note)})" if route.note else ""
            rows.add_row(f"[{_COLOURS[route.verdict]}]{route.verdict}[/]", f"{route.method} {route.path}{note}")
    if rows.row_count:
        console.print(rows)


def grid() -> Table:
    """Two columns; nothing is cut off."""
    rows = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    rows.add_column(no_wrap=True)
    rows.add_column(overflow="fold")
    return rows


def _differences(drift: Drift) -> Iterator[str]:
    if not drift.is_readable:
        yield "[yellow]its schema cannot be read[/yellow]"
    if drift.renamed:
        yield escape(", ".join(f"{ours} is {theirs}" for ours, theirs in drift.renamed.items()))
    if drift.lacking:
        yield f"[yellow]lacks {escape(', '.join(drift.lacking))}[/yellow]"
    if drift.unknown:
        yield escape(f"has besides {', '.join(drift.unknown)}")
