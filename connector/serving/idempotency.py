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
from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import BaseModel

from connector.deskdirector.client import DeskDirector
from connector.deskdirector.errors import Conflict, ConnectorError, OutcomeUnknown, Unprocessable
from connector.operations.operation import Operation
from connector.operations.request import Request
from connector.runtime import per_loop
from connector.serving.response import Response
from connector.storage.protocol import Idempotency
from connector.storage.records import Answer, Begun, BegunState

logger = logging.getLogger("connector")

RUN_ID, STEP_NAME = "x-ms-workflow-run-id", "x-ms-workflow-operation-name"
REPLAYED = {"idempotent-replay": "true"}
_WAIT_SECONDS = 25.0


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
    run, step = request.headers.get(RUN_ID), request.headers.get(STEP_NAME)
    if run and step:
        return _digest(dd.connection.identity, operation.id, run, step, fingerprint), fingerprint
    return None


async def once(
    keys: Idempotency, key: str, fingerprint: str, dd: DeskDirector, run: Callable[[], Awaitable[Response]]
) -> Response:
    """`run()` for the first call with `key`; what it answered for all others."""
    begun = await _begin(keys, key, fingerprint)
    if begun.state is BegunState.REPLAY and begun.answer:
        return Response(begun.answer.status, begun.answer.body, REPLAYED)
    if begun.state is not BegunState.STARTED:
        raise _refusal(begun.state)
    running = _running()
    settled = running[key] = asyncio.Event()
    try:
        return await _first(keys, key, dd, run)
    finally:
        running.pop(key, None)
        settled.set()


@per_loop
def _running() -> dict[str, asyncio.Event]:
    """The calls under way in this process, by key, so that a repeat waits here instead of polling the store."""
    return {}


async def _first(keys: Idempotency, key: str, dd: DeskDirector, run: Callable[[], Awaitable[Response]]) -> Response:
    try:
        response = await run()
    except BaseException:
        await (keys.mark_unknown(key) if dd.may_have_created else keys.forget(key))
        raise
    try:
        await keys.finish(key, Answer(response.status, response.body))
    except ConnectorError as problem:
        # The work is done; a repeat gets `OutcomeUnknown`, which is safe.
        logger.warning("The response could not be stored for repeats: %s", problem.code)
    return response


async def _begin(keys: Idempotency, key: str, fingerprint: str) -> Begun:
    """Begin; while another call with the key is at work, wait for it, within reason."""
    deadline = time.monotonic() + _WAIT_SECONDS
    pause = 0.05
    while True:
        begun = await keys.begin(key, fingerprint, time.time())
        if begun.state is not BegunState.IN_PROGRESS or time.monotonic() > deadline:
            return begun
        if other := _running().get(key):
            await other.wait()
        else:
            await asyncio.sleep(pause)
            pause = min(1.0, pause * 2)


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
