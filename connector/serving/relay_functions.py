"""The relay's functions: inbound requests are accepted, fanned out and delivered; timers reconcile and expire.

The way of an event, each arrow durable before the next step:

    DeskDirector ─POST─► RelayInbound ─queue─► RelayFanOut ─store─► RelayDeliver (or local dispatcher) ─POST─► flow
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeAlias

import azure.functions as func

from connector.deskdirector.errors import Unavailable
from connector.operations.request import ROOT
from connector.relay.alerts import raise_alerts
from connector.relay.delivery import deliver_message, put_off_message
from connector.relay.fanout import fan_out
from connector.relay.inbound import new_request_id, receive
from connector.relay.local_dispatcher import start_dispatcher
from connector.relay.reconciliation import reconcile
from connector.relay.relay import Relay, shared_relay
from connector.relay.replay_jobs import finish_all
from connector.relay.signature import HEADER
from connector.serving.azure_http import http_response, request_of
from connector.serving.invoke import guarded
from connector.serving.limits import check_body_arrived
from connector.serving.response import Response
from connector.settings import Settings
from connector.storage.records import DELIVERIES_QUEUE, INBOUND_QUEUE

log = logging.getLogger("connector")

STORAGE = "AzureWebJobsStorage"
REQUEST_ID = "x-request-id"
POISON = "-poison"
UPKEEP = "0 */5 * * * *"
EXPIRY = "0 17 * * * *"

Work: TypeAlias = Callable[[Relay, func.QueueMessage], Awaitable[None]]


def register_relay(app: func.FunctionApp, settings: Settings) -> None:
    """Add the relay's functions to the app."""
    _add_inbound(app, settings)
    _add_queue_functions(app, settings)
    _add_timers(app, settings)


def _add_inbound(app: func.FunctionApp, settings: Settings) -> None:
    async def receive_request(req: func.HttpRequest, message: func.Out[str]) -> func.HttpResponse:
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
            message.set(text)
            return Response(202, b"{}")

        return http_response(await guarded("RelayInbound", request, run))

    route = app.route(
        route=f"{ROOT[1:]}inbound/{{registrationId}}", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS
    )
    output = app.queue_output(arg_name="message", queue_name=INBOUND_QUEUE, connection=STORAGE)
    app.function_name("RelayInbound")(route(output(receive_request)))


def _add_queue_functions(app: func.FunctionApp, settings: Settings) -> None:
    def on_message(name: str, queue: str, work: Work) -> None:
        async def handle(message: func.QueueMessage) -> None:
            relay = shared_relay(settings)
            start_dispatcher(relay)
            with relay.watching():
                await work(relay, message)

        trigger = app.queue_trigger(arg_name="message", queue_name=queue, connection=STORAGE)
        app.function_name(name)(trigger(handle))

    on_message("RelayFanOut", INBOUND_QUEUE, _fan_out)
    on_message("RelayDeliver", DELIVERIES_QUEUE, _deliver)
    on_message("RelayDeliverPoison", DELIVERIES_QUEUE + POISON, _put_off)
    _add_last_resort(app, settings)


def _add_last_resort(app: func.FunctionApp, settings: Settings) -> None:
    """Requeue accepted requests while the store is unavailable; quarantine malformed ones only."""

    async def fan_out_or_requeue(message: func.QueueMessage, again: func.Out[str]) -> None:
        relay = shared_relay(settings)
        start_dispatcher(relay)
        try:
            with relay.watching():
                await _fan_out_or_quarantine(relay, message)
        except Unavailable as problem:
            log.warning("An accepted request waits for the store: %s", problem.code)
            again.set(_text(message))

    trigger = app.queue_trigger(arg_name="message", queue_name=INBOUND_QUEUE + POISON, connection=STORAGE)
    output = app.queue_output(arg_name="again", queue_name=INBOUND_QUEUE, connection=STORAGE)
    app.function_name("RelayFanOutPoison")(trigger(output(fan_out_or_requeue)))


def _add_timers(app: func.FunctionApp, settings: Settings) -> None:
    async def run_reconciliation(timer: func.TimerRequest) -> None:
        del timer
        relay = shared_relay(settings)
        start_dispatcher(relay)
        with relay.watching():
            done = dict(await reconcile(relay))
            await raise_alerts(relay)
            await finish_all(relay)
            await relay.save_health()
        if any(count for name, count in done.items() if name != "checked"):
            log.info("Registrations were reconciled: %s", done)

    async def expire(timer: func.TimerRequest) -> None:
        del timer
        relay = shared_relay(settings)
        with relay.watching():
            log.info("Expired records were deleted: %s", dict(await relay.store.expire(relay.clock(), relay.retention)))

    upkeep = app.timer_trigger(arg_name="timer", schedule=UPKEEP, run_on_startup=True)
    app.function_name("RelayUpkeep")(upkeep(run_reconciliation))
    expiry = app.timer_trigger(arg_name="timer", schedule=EXPIRY, run_on_startup=False)
    app.function_name("RelayExpire")(expiry(expire))


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


async def _deliver(relay: Relay, message: func.QueueMessage) -> None:
    await deliver_message(relay, _text(message))


async def _put_off(relay: Relay, message: func.QueueMessage) -> None:
    try:
        await put_off_message(relay, _text(message))
    except ValueError:
        await _quarantine(relay, message)


async def _quarantine(relay: Relay, message: func.QueueMessage) -> None:
    await relay.store.quarantine.put("message", message.id or "", _text(message), "it failed every time", relay.clock())


def _text(message: func.QueueMessage) -> str:
    return message.get_body().decode(errors="replace")
