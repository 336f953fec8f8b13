"""Never twice: a repeated create gets the first answer, one whose outcome is unknown is never tried again.

The key is the caller's own (`idempotencyKey`, or the header `Idempotency-Key`), else it is derived from the flow run,
the step in it, the operation and its input. Without either, the call cannot be recognised and is simply done. Platforms
repeat calls by themselves; a correlation id is no key, since some keep one for a whole conversation.
"""

import asyncio
import hashlib
import json
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from connector.deskdirector.client import DeskDirector
from connector.deskdirector.errors import Conflict, ConnectorError, OutcomeUnknown, Unprocessable
from connector.operations.operation import Operation
from connector.operations.recovery import REPEATED, marked
from connector.operations.request import Request
from connector.runtime import per_loop
from connector.serving.recovery import Recovery, Run, recovered
from connector.serving.response import Response
from connector.storage.idempotency_state import Begun, BegunState, StoredAnswer

if TYPE_CHECKING:
    from connector.storage.protocol import Idempotency

logger = logging.getLogger("connector")

RUN_ID, STEP_NAME = "x-ms-workflow-run-id", "x-ms-workflow-operation-name"
CALL_ID = "connector-call-id"
"""Carries the id that an MCP client gives to one call of a tool; a repeat of the call has it too."""
REPLAYED = {"idempotent-replay": "true"}


def key_of(operation: Operation, request: Request, dd: DeskDirector, taken: dict[str, Any]) -> tuple[str, str] | None:
    """The key of this call and the fingerprint of its input; None when a repeat cannot be recognised.

    An input that `changes_nothing` has none: a flow that asks the same again wants a new answer.
    """
    if any(getattr(value, "changes_nothing", False) for value in taken.values()):
        return None
    given = next((value.idempotency_key for value in taken.values() if hasattr(value, "idempotency_key")), None)
    given = given or request.headers.get("idempotency-key")
    fingerprint = _digest(
        operation.id, json.dumps({name: _plain(value) for name, value in taken.items()}, sort_keys=True)
    )
    if given:
        return _digest(dd.connection.identity, operation.id, "given", given), fingerprint
    if call := request.headers.get(CALL_ID):
        return _digest(dd.connection.identity, operation.id, "call", call, fingerprint), fingerprint
    run, step = request.headers.get(RUN_ID), request.headers.get(STEP_NAME)
    if run and step:
        return _digest(dd.connection.identity, operation.id, run, step, fingerprint), fingerprint
    return None


@dataclass(frozen=True, slots=True)
class Once:
    """One call that must not be done twice: its key, how it is done, and how it is recovered when that is unclear."""

    keys: "Idempotency"
    key: str
    fingerprint: str
    dd: DeskDirector
    run: Run
    recovery: Recovery | None

    async def answer(self) -> Response:
        """`run()` for the first call with the key; what it answered for all others."""
        begun = await self._begin()
        if begun.state is BegunState.REPLAY and begun.answer:
            return Response(begun.answer.status, marked(begun.answer.body, REPEATED), REPLAYED)
        if begun.state is not BegunState.STARTED and (begun.state is not BegunState.UNKNOWN or not self.recovery):
            raise _refusal(begun.state)
        running = _running()
        settled = running[self.key] = asyncio.Event()
        try:
            first = begun.state is BegunState.STARTED
            return await (self._first(begun) if first else self._resume(begun))
        finally:
            running.pop(self.key, None)
            settled.set()

    async def _begin(self) -> Begun:
        """Begin; while another call with the key is at work, wait for it, as long as its budget lasts."""
        deadline = time.monotonic() + self.dd.settings.budget_seconds
        pause = 0.05
        while True:
            begun = await self.keys.begin(self.key, self.fingerprint, time.time())
            other = _running().get(self.key)
            is_busy = begun.state is BegunState.IN_PROGRESS or (begun.state is BegunState.UNKNOWN and other)
            if not is_busy or time.monotonic() > deadline:
                return begun
            if other:
                await other.wait()
            else:
                await asyncio.sleep(pause)
                pause = min(1.0, pause * 2)

    async def _first(self, begun: Begun) -> Response:
        try:
            response = await recovered(self.run, self.recovery, begun.begun_at, self._repeat)
        except BaseException:
            await (self.keys.mark_unknown(self.key) if self.dd.may_have_created else self.keys.forget(self.key))
            raise
        return await self._keep(response)

    async def _resume(self, begun: Begun) -> Response:
        """A repeat of a call whose outcome stayed unknown: look again first, lists have caught up by now."""
        response = None
        if self.recovery:
            response = await self.recovery.look(begun.begun_at)
            if response is None and not begun.is_repeated and self.recovery.may_repeat(begun.begun_at):
                response = await self.recovery.repeat(begun.begun_at, self._repeat)
        if response is None:
            raise _refusal(BegunState.UNKNOWN)
        return await self._keep(response)

    async def _repeat(self) -> Response:
        """Do it once more, unless another caller has begun that."""
        if not await self.keys.mark_repeated(self.key):
            raise _refusal(BegunState.UNKNOWN)
        return await self.run()

    async def _keep(self, response: Response) -> Response:
        try:
            await self.keys.finish(self.key, StoredAnswer(response.status, response.body))
        except ConnectorError as problem:
            # The work is done; a repeat finds its outcome unknown, which is safe.
            logger.warning("an answer could not be kept for repeats: %s", problem.code)
        return response


@per_loop
def _running() -> dict[str, asyncio.Event]:
    """The calls under way in this process, by key, so that a repeat waits here instead of polling the store."""
    return {}


def _refusal(state: BegunState) -> ConnectorError:
    if state is BegunState.IN_PROGRESS:
        return Conflict("RepeatInProgress", "The same request is still being worked on; try again.", retry_after=5)
    if state is BegunState.MISMATCH:
        return Unprocessable(
            "IdempotencyKeyReused",
            "This idempotency key was used for a request with another content; use a new key for a new request.",
        )
    return OutcomeUnknown(
        "OutcomeUnknown",
        "An earlier call with the same key may have been done, but no answer came; look in DeskDirector whether it "
        "was, and use a new idempotency key only if it was not.",
    )


def _plain(value: Any) -> Any:
    return value.model_dump(mode="json", exclude={"idempotency_key"}) if isinstance(value, BaseModel) else value


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
