"""The declarative agent (schema v1.8)."""

from collections.abc import Iterable
from pathlib import Path

from workbench.generators.copilot.toolsets import Toolset
from workbench.generators.definitions import JsonObject

VERSION = "v1.8"
INSTRUCTIONS = Path(__file__).parent / "instructions.txt"

_STARTERS = {
    "How is the desk doing?": "How many tickets are open on each board, and which are overdue?",
    "Who could take one more?": "Who has how much to do, and who has the fewest urgent tickets?",
    "Waits for us": "Which open tickets of VIPs wait for us since more than a week? The oldest first.",
    "Due today": "Which tickets are due within the next 24 hours, and who works on them?",
    "What came in": "Which tickets came in since yesterday, and which of them are urgent?",
    "Hand over a ticket": "Summarise ticket 10026 and its notes, so that a colleague can take it over.",
    "Open tickets of a customer": "Which open tickets does Contoso Freight have, and what is each waiting for?",
    "Seen this before?": "Were there tickets about a printer that prints blank pages, and how were they solved?",
    "New ticket": "Create a ticket for jane@contoso.com on the Support board: her laptop does not start.",
    "Tell the contact": "Add a note to ticket 10026 that the laptop arrives on Friday, for the contact to read.",
    "Close several": "Close tickets 10026 and 10003 with the note that the outage is over.",
    "Write down time": "Write down 45 minutes on ticket 10026, from 9 this morning: set up the laptop.",
}


def agent(toolsets: Iterable[Toolset]) -> JsonObject:
    """The agent with these plugins."""
    return {
        "$schema": f"https://developer.microsoft.com/json-schemas/copilot/declarative-agent/{VERSION}/schema.json",
        "version": VERSION,
        "name": "DeskDirector",
        "description": "Works with the tickets of your service desk: finds, counts and sums them up, shows who has how "
        "much to do, creates, changes and closes them, and writes notes and time.",
        "instructions": INSTRUCTIONS.read_text("utf-8").strip(),
        "conversation_starters": [{"title": title, "text": text} for title, text in _STARTERS.items()],
        "actions": [{"id": toolset.name or "tickets", "file": toolset.plugin_file} for toolset in toolsets],
    }
