"""Advanced actions of a site that do a known job: found by their names, called with what their schemas take.

The vendor named some of them (add an inline form to a ticket; add a contact to, remove it from, and change its role in
a user group; answers in its request tracker, Nov 2024), but published neither ids nor fields.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.deskdirector import endpoints as api
from connector.deskdirector.body_schemas import Body, BodySchema, Refusal, read_schema
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.errors import BadRequest, ConnectorError
from connector.resolving.lookup_cache import listed

Words = Sequence[frozenset[str]]
"""What a name has to say: one word of each set."""

ADD_FORM: Words = (frozenset({"add", "attach"}), frozenset({"form", "forms"}))
REMOVE_FROM_GROUP: Words = (
    frozenset({"remove", "delete"}),
    frozenset({"group", "groups", "team", "teams"}),
    frozenset({"contact", "contacts", "user", "users"}),
)


@dataclass(frozen=True, slots=True)
class AdvancedAction:
    """An advanced action of a site, by its ids."""

    category: str
    function: str
    name: str


async def find_advanced_action(dd: DeskDirector, words: Words) -> AdvancedAction | None:
    """The only advanced action whose name says `words`; None where there is none, or no list of them."""
    try:
        categories = await listed(dd, api.LIST_ADVANCED_ACTION_CATEGORIES)
        lists = {
            category.id: await listed(dd, api.LIST_ADVANCED_ACTIONS, query={"category": category.id})
            for category in categories
        }
    except ConnectorError:
        return None
    matches = [
        AdvancedAction(category, action.id, action.name)
        for category, actions in lists.items()
        for action in actions
        if _says(f"{action.name} {action.id}", words)
    ]
    return matches[0] if len({match.function for match in matches}) == 1 else None


async def call_advanced_action(dd: DeskDirector, action: AdvancedAction, body: Body) -> Any:
    """Call `action` with what its own schema takes of `body`; `BadRequest` for a required field that we cannot fill."""
    where: dict[str, Mapping[str, Any]] = {
        "path": {"function": action.function},
        "query": {"category": action.category},
    }
    wrapped, bare = api.GET_CALL_ADVANCED_ACTION_REQUEST_SCHEMA2, api.GET_CALL_ADVANCED_ACTION_REQUEST_SCHEMA
    schema = BodySchema.of(await read_schema(dd, wrapped, bare, path=where["path"], query=where["query"]))
    sent: Mapping[str, Any] = body
    if schema is not None:
        taken = Body({name: value for name, value in body.items() if schema.locate(name)}, body.called)
        sent = schema.conform(taken, Refusal(api.CALL_ADVANCED_ACTION, body.called))
        lacking = sorted(schema.required - sent.keys())
        if lacking:
            raise BadRequest(
                "AdvancedActionNeedsMore",
                f"The site's advanced action '{action.name}' also needs {', '.join(lacking[:10])}; "
                "use Call advanced action, which shows its fields.",
                details=lacking[:50],
            )
    reply = await dd.call(api.CALL_ADVANCED_ACTION, path=where["path"], query=where["query"], body=sent)
    return reply.json()


def _says(name: str, words: Words) -> bool:
    spoken = {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)}
    return all(spoken & choices for choices in words)
