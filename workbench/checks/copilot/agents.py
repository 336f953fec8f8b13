"""Rules about the declarative agent. Limits: Microsoft's declarative agent manifest 1.8."""

from collections import Counter

from workbench.checks.json_reading import JsonObject, mapping, sequence, text
from workbench.checks.rules import Faults, RuleBook

agent_rules: RuleBook[JsonObject] = RuleBook()
rule = agent_rules.rule

VERSION = "v1.8"
MAX_ACTIONS = 10
MAX_STARTERS = 12
LIMITS = {"name": 100, "description": 1000, "instructions": 8000}


@rule("AgentVersionNotCurrent")
def version(agent: JsonObject) -> Faults:
    """Write the agent for version v1.8."""
    if agent.get("version") != VERSION:
        yield "/version", f"The version is '{agent.get('version')}'."


@rule("AgentTextMissing")
def missing(agent: JsonObject) -> Faults:
    """Give the agent a name, a description and instructions."""
    for key in LIMITS:
        if not text(agent.get(key)).strip():
            yield f"/{key}", f"The agent has no {key}."


@rule("AgentTextTooLong")
def too_long(agent: JsonObject) -> Faults:
    """Shorten the text: name 100, description 1000, instructions 8000 characters."""
    for key, limit in LIMITS.items():
        if len(text(agent.get(key))) > limit:
            yield f"/{key}", f"The {key} has {len(text(agent.get(key)))} characters."


@rule("AgentActionCountNotInRange")
def actions(agent: JsonObject) -> Faults:
    """List between one and ten actions."""
    count = len(sequence(agent.get("actions")))
    if not 1 <= count <= MAX_ACTIONS:
        yield "/actions", f"There are {count} actions."


@rule("AgentActionIdNotUnique")
def action_ids(agent: JsonObject) -> Faults:
    """Give each action an id of its own."""
    ids = Counter(text(mapping(action).get("id")) for action in sequence(agent.get("actions")))
    for name in (name for name, count in ids.items() if count > 1 or not name):
        yield "/actions", f"The id '{name}' is missing or used more than once."


@rule("TooManyConversationStarters")
def starters(agent: JsonObject) -> Faults:
    """Offer at most twelve conversation starters."""
    count = len(sequence(agent.get("conversation_starters")))
    if count > MAX_STARTERS:
        yield "/conversation_starters", f"There are {count} conversation starters."


@rule("ConversationStarterEmpty")
def starter_texts(agent: JsonObject) -> Faults:
    """Give each conversation starter a title and a text."""
    for index, starter in enumerate(sequence(agent.get("conversation_starters"))):
        if not (text(mapping(starter).get("title")).strip() and text(mapping(starter).get("text")).strip()):
            yield f"/conversation_starters/{index}", "The conversation starter has no title or no text."
