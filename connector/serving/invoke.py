"""A request -> an answer or an error, the same for every face."""

import logging
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

from connector.deskdirector.client import DeskDirector
from connector.deskdirector.connection import Connection
from connector.deskdirector.errors import ConnectorError, OutcomeUnknown
from connector.deskdirector.large_answers import beside
from connector.deskdirector.models import Changed, Page
from connector.operations.arguments import Arguments, arguments, arguments_of_call
from connector.operations.fields import Changes
from connector.operations.moments import zone_of
from connector.operations.operation import Operation
from connector.operations.paging import FindInput
from connector.operations.request import OperationResponse, Request
from connector.operations.signature import Signature, signature_of
from connector.serving.idempotency import Once, key_of
from connector.serving.kept_plans import KeptPlans
from connector.serving.limits import check_request
from connector.serving.rate_limits import check_rate
from connector.serving.recovery import Recovery, recovered
from connector.serving.reporting import report_failure, report_success, trace_id_of, trace_parent_of
from connector.serving.response import WHOLE, Manner, Response, failure, rendered, request_id_of, selected_fields
from connector.serving.secrecy import redactor_for
from connector.settings import Settings
from connector.storage.kept_findings import KeptFindings
from connector.storage.shared import shared_store

logger = logging.getLogger("connector")


async def invoke(operation: Operation, request: Request, settings: Settings, face: str = "http") -> Response:
    """Run an operation for an HTTP call of a face. Every outcome is a response; nothing is raised."""
    manner = _clean() if face in settings.sanitize else WHOLE
    return await guarded(operation.id, request, lambda: answer(operation, request, settings, manner=manner))


def _clean() -> Manner:
    from connector.serving.safe_texts import safe_answer  # here, since its expressions make a start longer

    return Manner(clean=safe_answer)


async def guarded(name: str, request: Request, run: Callable[[], Awaitable[Response]]) -> Response:
    """Await `run()`, and report how it went under `name`.

    A failure becomes the error object; an unforeseen one is logged without its values.
    """
    began = time.monotonic()
    request_id = request_id_of(request.headers, trace_id_of(request))
    try:
        response = await run()
    except Exception as problem:  # noqa: BLE001  the last line of defence: the caller gets a sentence, the log the place
        error = problem if isinstance(problem, ConnectorError) else unforeseen(problem, request_id)
        report_failure(name, error, request, request_id, time.monotonic() - began)
        return _without_secrets(failure(error, request_id), request)
    report_success(name, response.status, time.monotonic() - began)
    return Response(response.status, response.body, {**response.headers, "x-request-id": request_id})


def _without_secrets(response: Response, request: Request) -> Response:
    """A key that was put into a wrong field must not be repeated by the sentence about that field."""
    return replace(response, body=redactor_for(request).strike(response.body))


def unforeseen(error: Exception, request_id: str) -> ConnectorError:
    """The error for what should not have happened; the log gets its kind and place, not its text: it may be secret."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    logger.error("request %s failed with %s at\n%s", request_id, type(error).__name__, frames)
    return ConnectorError("InternalError", f"Something went wrong on our side; report it with request id {request_id}.")


async def answer(
    operation: Operation,
    request: Request,
    settings: Settings,
    given: Mapping[str, Any] | None = None,
    manner: Manner = WHOLE,
) -> Response:
    """Check the connection and the input, do the work, write the answer; raises `ConnectorError`.

    `given`: path, query and body fields in one object, for faces whose input is not in the request; their pages have
    no addresses. `manner`: how the answer is written.
    """
    signature = signature_of(operation)
    special = _special(signature, request, settings)
    called = _arguments(operation, request, settings, given)
    taken = called.values

    dd: DeskDirector | None = special.get(signature.dd or "")

    async def run() -> Response:
        try:
            result = await operation.handler(**special, **taken)
            address = request.address(request.url_path) if given is None and isinstance(result, Page) else None
            write = partial(_written, operation, result, manner, address, called)
            return await beside(dd.most_read if dd else 0, write)
        except Exception as problem:
            if _may_be_half_done(operation, dd, problem):
                raise _half_done() from problem
            raise

    if not dd or not operation.recognises_repeats:
        return await run()
    looking = {**special, str(signature.dd): dd.trying_once()}
    recovery = _recovery(operation, settings, {**looking, **taken}, manner)
    key = key_of(operation, request, dd, taken)
    if key is None:
        return await recovered(run, recovery, time.time(), run)
    return await Once(shared_store(settings).idempotency, *key, dd, run, recovery).answer()


def _special(signature: Signature, request: Request, settings: Settings) -> dict[str, Any]:
    """The arguments that are no inputs."""
    special: dict[str, Any] = {}
    if signature.dd:
        special[signature.dd] = dd = _desk_director(request, settings)
        if signature.plans:
            special[signature.plans] = KeptPlans(lambda: shared_store(settings).idempotency, dd.connection.identity)
    if signature.request:
        special[signature.request] = request
    return special


def _desk_director(request: Request, settings: Settings) -> DeskDirector:
    connection = Connection.from_headers(request.headers, settings)
    return DeskDirector(connection, settings, _keeper(settings), trace=trace_parent_of(request))


@lru_cache(maxsize=4)
def _keeper(settings: Settings) -> KeptFindings:
    return KeptFindings(lambda: shared_store(settings).idempotency)


def _recovery(
    operation: Operation, settings: Settings, arguments: Mapping[str, Any], manner: Manner
) -> Recovery | None:
    recover = operation.recover
    if recover is None or settings.recover_creates == "off":
        return None
    return Recovery(
        find=lambda window: recover(**arguments, window=window),
        write=lambda made: _written(operation, made, manner, None),
        repeats=settings.recover_creates == "repeat",
        repeat_seconds=settings.repeat_seconds,
        look_seconds=settings.recover_seconds,
        deadline=time.monotonic() + settings.budget_seconds,
    )


def _may_be_half_done(operation: Operation, dd: DeskDirector | None, problem: Exception) -> bool:
    """Whether repeating it could do it twice. A trigger may be set up again: a second registration does no harm."""
    is_once = not operation.is_trigger and not isinstance(problem, OutcomeUnknown)
    return is_once and dd is not None and dd.may_have_created


def _half_done() -> OutcomeUnknown:
    """Not an error that platforms retry: that could do it a second time."""
    return OutcomeUnknown(
        "OutcomeUnknown",
        "DeskDirector took the request, but its answer could not be read or a later step failed; look there what was "
        "done before you repeat it.",
    )


def _arguments(
    operation: Operation, request: Request, settings: Settings, given: Mapping[str, Any] | None
) -> Arguments:
    """What the operation is called with; whatever can be refused without DeskDirector is refused here."""
    zone = zone_of(settings.time_zone)
    if given is None:
        check_rate(request, settings)
        check_request(request, settings)
        taken = arguments_of_call(operation, request, zone)
    else:
        taken = arguments(operation, given, zone)
    for name, value in taken.values.items():
        if isinstance(value, FindInput):
            taken.values[name] = value.resumed()
            selected_fields(taken.values[name], signature_of(operation).output)
    return taken


def _notices(arguments: Arguments) -> list[str]:
    """What there is to say about the inputs, by their reader and by the operation."""
    changes = [value for value in arguments.values.values() if isinstance(value, Changes)]
    return [*arguments.notices, *(notice for value in changes for notice in value.notices)]


def _written(
    operation: Operation, result: Any, manner: Manner, address: str | None, called: Arguments | None = None
) -> Response:
    if isinstance(result, OperationResponse):
        return Response(result.status, rendered(result.result, manner=manner), result.headers)
    if called and isinstance(result, Page | Changed) and (notices := _notices(called)):
        result.notice = " ".join([*notices, *([result.notice] if result.notice else [])])
    find = result.asked if isinstance(result, Page) else None
    only = selected_fields(find, type(result)) if isinstance(find, FindInput) else ()
    brief = manner.brief and (find is not None or not operation.effects.read_only) and not (find and find.fields)
    return Response(operation.status, rendered(result, only, manner, address, brief=brief))
