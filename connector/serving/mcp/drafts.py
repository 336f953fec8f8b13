"""What people outside the service desk would read is held as a draft until a person confirms it (CONFIRM_MESSAGES).

Clients that can ask a person do so (elicitation, revision 2026-07-28: the result is a question, the call comes again
with the answer). With others the first call answers a draft with a token; the same call with `confirm` sends it, once.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel

from connector.deskdirector.connection import Connection
from connector.deskdirector.errors import Unprocessable
from connector.naming import snake
from connector.operations.arguments import arguments
from connector.operations.confirmation import Part
from connector.operations.moments import zone_of
from connector.operations.operation import Operation
from connector.operations.problems import Problems
from connector.operations.request import Request
from connector.operations.signature import signature_of
from connector.serving.kept_plans import KeptPlans
from connector.serving.mcp.protocol import as_json
from connector.serving.response import Response
from connector.settings import Settings
from connector.storage.shared import shared_store

CONFIRM: Final = "confirm"
_QUESTION: Final = "send"
_LONGEST_QUESTION: Final = 2000
_NOT_SENT: Final = (
    "Nothing was sent yet. Show the draft to the person; once they agree, repeat the call with this confirm. "
)
_DECLINED: Final = "The person did not agree, so nothing was sent."
_DRY: Final = ("dry_run", "token", "where")
"""Inputs of operations that show first what they would do: those need no draft."""

Send = Callable[[Mapping[str, Any]], Awaitable[Response]]


class InputRequired(Exception):  # noqa: N818  a question is no error
    """The call is to come again with a person's answer; `members` are those of the result that asks."""

    def __init__(self, members: Mapping[str, Any]) -> None:
        super().__init__()
        self.members = members


@dataclass(frozen=True, slots=True)
class Answers:
    """What a client says about people: whether it can ask them, and what they answered."""

    can_ask: bool = False
    state: str = ""
    given: Any = None

    @property
    def agreed(self) -> bool:
        """Whether a person said that it is to be sent."""
        answer = self.given.get(CONFIRM) if isinstance(self.given, dict) else None
        content = answer.get("content") if isinstance(answer, dict) and answer.get("action") == "accept" else None
        return isinstance(content, dict) and content.get(_QUESTION) is True


@dataclass(frozen=True, slots=True)
class Drafts:
    """The drafts of one operation for one caller."""

    operation: Operation
    request: Request
    settings: Settings
    answers: Answers

    async def sent(self, given: Mapping[str, Any], send: Send) -> Response:
        """Send a confirmed message, or one for members only; otherwise answer a draft, or raise `InputRequired`."""
        token = str(given.get(CONFIRM) or self.answers.state or "")
        own = {name: value for name, value in given.items() if name != CONFIRM}
        if not token:
            draft = self.outgoing(own)
            return await (self._hold(own, draft) if draft else send(own))
        plans = self._plans()
        kept: dict[str, Any] = json.loads(await plans.recall(self._purpose, token))
        if any(kept.get(name) != value for name, value in own.items()):
            raise Unprocessable(
                "ConfirmationDiffers", "This confirm is for another message; leave it out to get a draft of this one."
            )
        if self.answers.state and not self.answers.agreed:
            return Response(200, as_json({"isDraft": True, "notice": _DECLINED}))

        async def work() -> bytes:
            return (await send(kept)).body

        return Response(200, await plans.once(token, Part("send", work)))

    def outgoing(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """What of these inputs people outside would read or get; nothing for inputs that are refused anyway."""
        try:
            values = arguments(self.operation, given, zone_of(self.settings.time_zone)).values
        except Problems:
            return {}
        if any(_value(values, name) for name in _DRY):
            return {}
        fields = [field for _, field in signature_of(self.operation).fields(self.operation) if field.outgoing]
        found = {}
        for field in fields:
            unless = field.outgoing.unless if field.outgoing else ""
            if (value := _value(values, snake(field.name))) and not (unless and _value(values, snake(unless))):
                found[field.name] = value
        return found

    async def _hold(self, given: Mapping[str, Any], draft: Mapping[str, Any]) -> Response:
        kept = await self._plans().keep(self._purpose, as_json(given))
        if self.answers.can_ask:
            raise InputRequired(_question(self.operation, draft, kept.token))
        answer = {"isDraft": True, "draft": draft, CONFIRM: kept.token, "expiresAt": kept.expires_at}
        return Response(200, as_json({**answer, "notice": _NOT_SENT.strip()}))

    @property
    def _purpose(self) -> str:
        return f"draft {self.operation.id}"

    def _plans(self) -> KeptPlans:
        connection = Connection.from_headers(self.request.headers, self.settings)
        return KeptPlans(lambda: shared_store(self.settings).idempotency, connection.identity)


def _question(operation: Operation, draft: Mapping[str, Any], token: str) -> Mapping[str, Any]:
    texts = "; ".join(f"{name}: {value}" for name, value in draft.items())
    schema = {
        "type": "object",
        "properties": {_QUESTION: {"type": "boolean", "title": "Send it", "description": "People outside read it."}},
        "required": [_QUESTION],
    }
    params = {"mode": "form", "message": _shown(f"{operation.title}? {texts}"), "requestedSchema": schema}
    return {"inputRequests": {CONFIRM: {"method": "elicitation/create", "params": params}}, "requestState": token}


def _shown(question: str) -> str:
    """The question; where it is cut, it says so, since people agree to what they cannot see then."""
    more = len(question) - _LONGEST_QUESTION
    return f"{question[:_LONGEST_QUESTION]}… (not shown: {more} characters more)" if more > 0 else question


def _value(values: Mapping[str, Any], name: str) -> Any:
    """The value of an input, by its name in Python, wherever it stands."""
    if name in values:
        return values[name]
    models = (value for value in values.values() if isinstance(value, BaseModel))
    return next((getattr(model, name) for model in models if name in type(model).model_fields), None)
