"""Why a waiting flow gets an event or does not, in words that its maker understands."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from connector.deskdirector.entities.events import AnyEvent, ChatEvent, TicketEvent
from connector.relay.conditions import holds
from connector.storage.history import KEPT_VERDICTS, LONGEST_REASON, LONGEST_TITLE, Summary, Verdict, Wanted
from connector.storage.records import Subscription

NOTHING: Final = "empty"
_ORDER: Final = (Wanted.YES, Wanted.UNKNOWN, Wanted.NO)
_NOUNS: Final = {"assignedTo": "assignee", "chatStatus": "status"}


def verdicts_of(
    event: AnyEvent, listeners: Sequence[Subscription], matching: Sequence[str], unchecked: Mapping[str, str]
) -> tuple[Verdict, ...]:
    """A verdict a flow, those that want the event first; `unchecked` says why a flow could not be judged."""
    wanted = set(matching)
    by_wish: dict[Wanted, list[Subscription]] = {each: [] for each in _ORDER}
    for each in listeners:
        wish = Wanted.UNKNOWN if each.id in unchecked else Wanted.YES if each.id in wanted else Wanted.NO
        by_wish[wish].append(each)
    some = [(wish, each) for wish in _ORDER for each in by_wish[wish]][:KEPT_VERDICTS]
    return tuple(_verdict(event, wish, each, unchecked) for wish, each in some)


def summary_of(event: AnyEvent | None, event_type: str, now: float, waiting: int, wanted: int) -> Summary:
    """The event in a line."""
    return Summary(_kind(event, event_type), _title(event)[:LONGEST_TITLE], now, waiting, wanted)


def words_of(conditions: Mapping[str, Any]) -> list[str]:
    """Conditions as people say them: "board is Support"."""
    return [_in_words(name, wanted) for name, wanted in conditions.items()]


def _verdict(event: AnyEvent, wish: Wanted, flow: Subscription, unchecked: Mapping[str, str]) -> Verdict:
    if wish is Wanted.UNKNOWN:
        because = f"DeskDirector could not be asked ({unchecked[flow.id]}); it is judged again before the delivery"
        return Verdict(flow.id, wish, "", because[:LONGEST_REASON])
    if wish is Wanted.YES:
        return Verdict(flow.id, wish)
    failed = next((name for name, wanted in flow.conditions.items() if not holds(event, name, wanted)), "")
    because = _because(event, failed, flow.conditions[failed]) if failed else "it is not for this flow"
    return Verdict(flow.id, wish, failed, because[:LONGEST_REASON])


def _because(event: AnyEvent, name: str, wanted: Any) -> str:
    """Why the condition does not hold: "status is New, not Closed"."""
    if name == "leaveOutOwn":
        return "this connector itself wrote the note"
    if isinstance(event, ChatEvent):
        return f"status is {event.status or NOTHING}, not {wanted}"
    if not isinstance(event, TicketEvent):
        return f"{name} does not hold"
    if name == "text":
        return f"neither title, description nor note has the text {wanted}"
    if name == "tag":
        return f"it is tagged {', '.join(event.tags)}, not {wanted}" if event.tags else f"it has no tag {wanted}"
    return _because_of_people(event, name, wanted)


def _because_of_people(event: TicketEvent, name: str, wanted: Any) -> str:
    if name == "noteVisibility":
        is_known = event.note_is_internal is not None
        return f"the note is {('internal' if event.note_is_internal else 'public') if is_known else 'missing'}"
    if name == "noteBy":
        return f"the note is by {event.note_author_type or 'somebody unknown'}, not {wanted}"
    if name == "contactIsVip":
        return "the contact is a VIP" if event.contact_is_vip else "the contact is no VIP"
    if name == "assignedTo":
        return f"assignee is {', '.join(event.assigned_to) or NOTHING}, not {_named(wanted)}"
    present = getattr(event, name) or getattr(event, f"{name}_id")
    return f"{name} is {present or NOTHING}, not {_named(wanted)}"


def _in_words(name: str, wanted: Any) -> str:
    if name == "leaveOutOwn":
        return "notes of this connector are left out"
    if name == "text":
        return f"title, description or note has the text {wanted}"
    if name == "noteVisibility":
        return f"the note is {wanted}"
    if name == "noteBy":
        return f"the note is by {wanted}"
    if name == "contactIsVip":
        return "the contact is a VIP" if wanted else "the contact is no VIP"
    return f"{_NOUNS.get(name, name)} is {_named(wanted)}"


def _named(wanted: Any) -> str:
    """The name of what a condition refers to, as it was given."""
    return str(wanted.get("name") or wanted.get("id")) if isinstance(wanted, Mapping) else str(wanted)


def _kind(event: AnyEvent | None, event_type: str) -> str:
    if isinstance(event, TicketEvent):
        return "ticket"
    if isinstance(event, ChatEvent):
        return "chat"
    return next((kind for kind in ("ticket", "chat", "form") if event_type.lower().startswith(kind)), "other")


def _title(event: AnyEvent | None) -> str:
    for name in ("title", "name", "ticket"):
        if isinstance(value := getattr(event, name, None), str) and value:
            return value
    return ""
