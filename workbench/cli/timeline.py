"""Events as lines of a terminal: what came, to which flows, how each answered, and why a flow did not get it."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from rich.text import Text

Json = Mapping[str, Any]

MARKS: Final = {"delivered": "✓", "dead": "✕", "failing": "✕", "pending": "…", "cancelled": "-"}
STYLES: Final = {"delivered": "green", "dead": "red", "failing": "yellow", "pending": "dim", "cancelled": "dim"}
LONGEST_TITLE: Final = 40
FEWEST_LETTERS: Final = 5
NARROW: Final = 70
"""Columns below which the type of an event is left out."""


def line_of(event: Json, width: int = 0) -> Text:
    """An event in a line, with each of its flows; of `width`, the title gets what these leave over."""
    about, is_narrow = event["about"], 0 < width < NARROW
    line = Text(f"{time_of(event['receivedAt'])} ")
    line.append("" if is_narrow else f"{event['eventType']:<22} ")
    line.append(f"#{about['id']} " if about.get("id") else "", "bold")
    outcomes = Text("  ").join([outcome_of(delivery) for delivery in event["deliveries"]])
    if not outcomes:
        outcomes = Text("no flow gets it" if event.get("readable", True) else "it could not be read", "dim")
    space = min(LONGEST_TITLE, width - line.cell_len - outcomes.cell_len - 2) if width else LONGEST_TITLE
    title = shortened(str(about.get("title") or ""), space)
    line.append(f"{title}  " if title else "")
    return harmless(line + outcomes)


def outcome_of(delivery: Json) -> Text:
    """A flow with how its delivery stands: `VIP ✓202 38ms`, `Teams ✕502 → 10:42:12`."""
    state = "failing" if delivery["state"] == "pending" and delivery["attempts"] else delivery["state"]
    last = delivery["log"][-1] if delivery["log"] else {}
    said = str(last.get("status") or (last.get("kind") if last else ""))
    shown = Text(f"{name_of(delivery)} ")
    shown.append(f"{MARKS[state]}{said}", STYLES[state])
    if state == "failing":
        shown.append(f" → {time_of(delivery['dueAt'])}", "dim")
    elif "ms" in last:
        shown.append(f" {last['ms']}ms", "dim")
    if delivery["attempts"] > 1:
        shown.append(f" ({delivery['attempts']} tries)", "dim")
    return shown


def details_of(event: Json) -> Iterator[Text]:
    """Everything about one event: verdicts and attempts, a line each."""
    return map(harmless, _details_of(event))


def _details_of(event: Json) -> Iterator[Text]:
    yield Text(f"{event['eventId']}  received {event['receivedAt']}", "dim")
    for verdict in event.get("verdicts", ()):
        name = name_of(verdict)
        if verdict["wanted"] == "no":
            yield Text(f"  {name}: not wanted, {verdict['because']}", "dim")
        elif verdict["wanted"] == "unknown":
            yield Text(f"  {name}: could not be judged, {verdict['because']}", "yellow")
    for delivery in event["deliveries"]:
        reason = f", {delivery['reason']}" if "reason" in delivery else ""
        yield Text(f"  {name_of(delivery)}: {delivery['state']}{reason}")
        for number, attempt in enumerate(delivery["log"], delivery["attempts"] - len(delivery["log"]) + 1):
            said = attempt.get("status") or attempt["kind"]
            excerpt = f" “{attempt['excerpt']}”" if "excerpt" in attempt else ""
            yield Text(f"    {max(number, 1)}. {time_of(attempt['at'])} {said} {attempt['ms']} ms{excerpt}")


def name_of(item: Json) -> str:
    """The flow of a delivery or verdict, in words."""
    return str((item.get("flow") or {}).get("name") or item["subscriptionId"][:8])


def time_of(moment: str) -> str:
    """The time of day here."""
    return datetime.fromisoformat(moment).replace(tzinfo=UTC).astimezone().strftime("%H:%M:%S")


def shortened(text: str, most: int = LONGEST_TITLE) -> str:
    """One line of a title; nothing where only a few letters would fit."""
    plain = printable(text)
    if len(plain) <= most:
        return plain
    return f"{plain[: most - 1]}…" if most > FEWEST_LETTERS else ""


def is_settled(event: Json) -> bool:
    """Whether nothing of it is still to come."""
    return all(delivery["state"] != "pending" for delivery in event["deliveries"])


def signature_of(event: Json) -> tuple[Any, ...]:
    """What changes when there is something new to show."""
    return tuple((delivery["deliveryId"], delivery["state"], delivery["attempts"]) for delivery in event["deliveries"])


def harmless(line: Text) -> Text:
    """The line as a terminal may get it: what sites and flows say cannot move its cursor or give it orders."""
    line.plain = printable(line.plain)
    return line


def printable(text: str) -> str:
    """The text with a blank for each character that is none."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
