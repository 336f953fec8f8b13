"""The relay's functions: inbound requests are accepted, fanned out and delivered; timers reconcile and expire.

The way of an event, each arrow durable before the next step:

    DeskDirector ─POST─► RelayInbound ─queue─► RelayFanOut ─store─► RelayDeliver (or local dispatcher) ─POST─► flow

What they do (`relay_handlers.py`) is imported when one is called for the first time.
"""

from typing import Final

import azure.functions as func

from connector.queue_names import DELIVERIES_QUEUE, INBOUND_QUEUE
from connector.settings import Settings

STORAGE: Final = "AzureWebJobsStorage"
POISON: Final = "-poison"
INBOUND_ROUTE: Final = "api/inbound/{registrationId}"
UPKEEP: Final = "0 */5 * * * *"
EXPIRY: Final = "0 17 * * * *"


def register_relay(app: func.FunctionApp, settings: Settings) -> None:
    """Add the relay's functions to the app."""
    _add_inbound(app, settings)
    _add_queue_functions(app, settings)
    _add_last_resort(app, settings)
    _add_timers(app, settings)


def _add_inbound(app: func.FunctionApp, settings: Settings) -> None:
    async def receive_request(req: func.HttpRequest, message: func.Out[str]) -> func.HttpResponse:
        from connector.serving import relay_handlers

        return await relay_handlers.receive_request(req, message, settings)

    route = app.route(route=INBOUND_ROUTE, methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
    output = app.queue_output(arg_name="message", queue_name=INBOUND_QUEUE, connection=STORAGE)
    app.function_name("RelayInbound")(route(output(receive_request)))


def _add_queue_functions(app: func.FunctionApp, settings: Settings) -> None:
    async def fan_out(message: func.QueueMessage) -> None:
        from connector.serving import relay_handlers

        await relay_handlers.fan_out_message(message, settings)

    async def deliver(message: func.QueueMessage) -> None:
        from connector.serving import relay_handlers

        await relay_handlers.deliver(message, settings)

    async def put_off(message: func.QueueMessage) -> None:
        from connector.serving import relay_handlers

        await relay_handlers.put_off(message, settings)

    for name, queue, handle in (
        ("RelayFanOut", INBOUND_QUEUE, fan_out),
        ("RelayDeliver", DELIVERIES_QUEUE, deliver),
        ("RelayDeliverPoison", DELIVERIES_QUEUE + POISON, put_off),
    ):
        trigger = app.queue_trigger(arg_name="message", queue_name=queue, connection=STORAGE)
        app.function_name(name)(trigger(handle))


def _add_last_resort(app: func.FunctionApp, settings: Settings) -> None:
    async def fan_out_or_requeue(message: func.QueueMessage, again: func.Out[str]) -> None:
        from connector.serving import relay_handlers

        await relay_handlers.fan_out_or_requeue(message, again, settings)

    trigger = app.queue_trigger(arg_name="message", queue_name=INBOUND_QUEUE + POISON, connection=STORAGE)
    output = app.queue_output(arg_name="again", queue_name=INBOUND_QUEUE, connection=STORAGE)
    app.function_name("RelayFanOutPoison")(trigger(output(fan_out_or_requeue)))


def _add_timers(app: func.FunctionApp, settings: Settings) -> None:
    async def run_upkeep(timer: func.TimerRequest) -> None:
        from connector.serving import relay_handlers

        del timer
        await relay_handlers.run_upkeep(settings)

    async def expire(timer: func.TimerRequest) -> None:
        from connector.serving import relay_handlers

        del timer
        await relay_handlers.expire(settings)

    upkeep = app.timer_trigger(arg_name="timer", schedule=UPKEEP, run_on_startup=True)
    app.function_name("RelayUpkeep")(upkeep(run_upkeep))
    expiry = app.timer_trigger(arg_name="timer", schedule=EXPIRY, run_on_startup=False)
    app.function_name("RelayExpire")(expiry(expire))
