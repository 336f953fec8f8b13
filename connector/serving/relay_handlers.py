"""What the relay's functions do: receive, fan out, deliver, look after registrations, expire."""

import itertools
import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import azure.functions as func

from connector.deskdirector.errors import Unavailable
from connector.relay.alerts import raise_alerts
from connector.relay.arrivals import keep_arrivals
from connector.relay.delivery import deliver_message, put_off_message
from connector.relay.fanout import fan_out
from connector.relay.inbound import new_request_id, receive
from connector.relay.local_dispatcher import start_dispatcher
from connector.relay.reconciliation import LOT, look, put_right
from connector.relay.relay import Relay, shared_relay
from connector.relay.replay_jobs import finish_all
from connector.relay.signature import HEADER
from connector.relay.state_line import state_line
from connector.serving.azure_http import http_response, request_of
from connector.serving.invoke import guarded
from connector.serving.limits import check_body_arrived
from connector.serving.response import Response
from connector.settings import Settings

log = logging.getLogger("connector")

REQUEST_ID = "x-request-id"
_TURNS: Final = itertools.count()


async def receive_request(
    req: func.HttpRequest, messages: Sequence[func.Out[str]], settings: Settings
) -> func.HttpResponse:
    """A post of DeskDirector: verified and put into one of the inbound queues."""
    request = request_of(req)
    request_id = new_request_id()
    request = replace(request, headers={REQUEST_ID: request_id, **request.headers})

    async def run() -> Response:
        check_body_arrived(request)
        relay = shared_relay(settings)
        with relay.watching():
            text = await receive(
                relay,
                request.path.get("registrationId", ""),
                request.query.get("token", ""),
                request.body,
                request.headers.get(HEADER, ""),
                request_id=request_id,
                encoding=request.headers.get("content-encoding", ""),
            )
        messages[next(_TURNS) % len(messages)].set(text)
        return Response(202, b"{}")

    return http_response(await guarded("RelayInbound", request, run))


async def fan_out_message(message: func.QueueMessage, settings: Settings) -> None:
    """An accepted request becomes events and deliveries."""
    relay = _running(settings)
    with relay.watching():
        await _fan_out(relay, message)


async def deliver(message: func.QueueMessage, settings: Settings) -> None:
    """One delivery is tried."""
    relay = _running(settings)
    with relay.watching():
        await deliver_message(relay, _text(message))


async def put_off(message: func.QueueMessage, settings: Settings) -> None:
    """A delivery whose message failed every time waits for its next attempt."""
    relay = _running(settings)
    with relay.watching():
        try:
            await put_off_message(relay, _text(message))
        except ValueError:
            await _quarantine(relay, message)


async def fan_out_or_requeue(message: func.QueueMessage, again: func.Out[str], settings: Settings) -> None:
    """Requeue accepted requests while the store is unavailable; quarantine malformed ones only."""
    relay = _running(settings)
    try:
        with relay.watching():
            await _fan_out_or_quarantine(relay, message)
    except Unavailable as problem:
        log.warning("An accepted request waits for the store: %s", problem.code)
        again.set(_text(message))


async def run_upkeep(lots: func.Out[list[str]], settings: Settings) -> None:
    """Look after registrations, alerts, replays and the state of flows; large work is handed on in lots."""
    relay = _running(settings)
    with relay.watching():
        checked, needy = await look(relay)
        if later := needy[LOT:]:
            lots.set([json.dumps(later[start : start + LOT]) for start in range(0, len(later), LOT)])
        done = await put_right(relay, needy[:LOT])
        await keep_arrivals(relay)
        await raise_alerts(relay)
        if counters := await relay.store.counters():
            log.info(state_line(counters))
        await finish_all(relay)
        await relay.save_health()
    if needy:
        log.info("Of %d registrations, %d needed something: %s", checked, len(needy), dict(done))


async def put_lot_right(message: func.QueueMessage, settings: Settings) -> None:
    """Do what some registrations need."""
    relay = _running(settings)
    with relay.watching():
        done = await put_right(relay, [str(id_) for id_ in json.loads(_text(message))])
    log.info("Registrations were reconciled: %s", dict(done))


async def repair(settings: Settings) -> None:
    """Find lost messages and finish work that broke off; it deletes nothing."""
    relay = shared_relay(settings)
    with relay.watching():
        done = dict(await relay.store.repair(relay.clock()))
    if any(done.values()):
        log.info("Repaired: %s", done)


async def expire(settings: Settings) -> None:
    """Delete records that were kept long enough."""
    relay = shared_relay(settings)
    with relay.watching():
        log.info("Expired records were deleted: %s", dict(await relay.store.delete_old(relay.clock(), relay.retention)))


def _running(settings: Settings) -> Relay:
    relay = shared_relay(settings)
    start_dispatcher(relay)
    return relay


async def _fan_out(relay: Relay, message: func.QueueMessage) -> None:
    await fan_out(relay, _text(message))
    await relay.save_health()


async def _fan_out_or_quarantine(relay: Relay, message: func.QueueMessage) -> None:
    """Try again, since the cause may have passed. Raises `Unavailable` when it is the store that fails."""
    try:
        await _fan_out(relay, message)
    except Unavailable:
        raise
    except Exception as problem:  # noqa: BLE001  whatever is wrong with it, the operator finds it in the quarantine
        log.warning("Quarantined a malformed inbound message (%s).", type(problem).__name__)
        await _quarantine(relay, message)


async def _quarantine(relay: Relay, message: func.QueueMessage) -> None:
    await relay.store.quarantine.put("message", message.id or "", _text(message), "it failed every time", relay.clock())


def _text(message: func.QueueMessage) -> str:
    return message.get_body().decode(errors="replace")
