"""Recipe 1: open a Teams thread for a ticket."""

from workbench.generators.recipes.foreign import CHANNEL, TEAM, teams_message, teams_reply
from workbench.generators.recipes.model import Call, Event, Filter, Flow, If, Recipe

MARK = "[teams-thread]"
_FIND = (
    Call("List_notes", "ListTicketNotes", {"ticketId": "{{$trigger.id}}", "take": 200}),
    Filter("Thread_note", "$step(List_notes).results", f"startsWith(coalesce($each.text, ''), '{MARK}')"),
)
_THREAD = "first(skip(split(first($step(Thread_note))?['text'], ' '), 1))"


def _follow(name: str, event_type: str, what: str) -> Flow:
    text = f"<b>{{{{$trigger.noteAuthor}}}}</b> {what}:<br>{{{{$trigger.noteText}}}}"
    reply = (
        *_FIND,
        If(
            "Has_thread",
            "greater(length($step(Thread_note)), 0)",
            (teams_reply("Reply_in_thread", f"{{{{{_THREAD}}}}}", text),),
        ),
    )
    trigger = Event("CreateTicketWorkflow", {"eventType": event_type, "leaveOutOwnChanges": True})
    own = f"startsWith(coalesce($trigger.noteText, ''), '{MARK}')"
    return Flow(name, trigger, (If("Not_our_own_mark", f"not({own})", reply),), guard="only reads and posts to Teams")


RECIPE = Recipe(
    number=1,
    title="Open a Teams thread for a ticket",
    value="Discuss tickets where you work: a tag opens a thread in Teams; notes and time entries follow as replies.",
    state="proven",
    settings=(TEAM, CHANNEL),
    flows=(
        Flow(
            "OpenThread",
            Event("CreateTicketWorkflow", {"eventType": "ticket.tags.updated", "addedTag": "teams"}),
            (
                *_FIND,
                If(
                    "No_thread_yet",
                    "equals(length($step(Thread_note)), 0)",
                    (
                        Call("Get_link", "GetTicketLink", {"ticketId": "{{$trigger.id}}"}),
                        teams_message(
                            "Post_thread",
                            '<a href="{{$step(Get_link).techUrl}}">#{{$trigger.id}} {{$trigger.title}}</a> '
                            "for {{$trigger.contact}}",
                        ),
                        Call(
                            "Remember_thread",
                            "AddTicketNote",
                            {
                                "ticketId": "{{$trigger.id}}",
                                "text": f"{MARK} {{{{$step(Post_thread).id}}}}",
                                "isInternal": True,
                                "idempotencyKey": "thread-{{$trigger.id}}",
                            },
                        ),
                    ),
                ),
            ),
            guard="writes a note, waits for tags",
        ),
        _follow("FollowNotes", "ticket.notes.added", "wrote"),
        _follow("FollowTime", "ticket.timeentries.added", "noted time"),
    ),
    edge_cases=(
        "The tag is set twice: the second run finds the note and does nothing.",
        "The marker note is edited in the PSA: the next tag opens a new thread.",
        "HTML in notes is shown by Teams; what it does not know, it drops.",
    ),
    needs=("Notes can be listed: by a member's personal API key, or where the site has a list of notes.",),
)
