"""The relay's functions: inbound requests are accepted, fanned out and delivered; timers reconcile and expire.

The way of an event, each arrow durable before the next step:

    DeskDirector ─POST─► RelayInbound ─queue─► RelayFanOut ─store─► RelayDeliver (or local dispatcher) ─POST─► flow

What they do (`relay_handlers.py`) is imported when one is called for the first time.
"""

from typing import Final, List, TypeAlias  # noqa: UP035

import azure.functions as func

from connector.queue_names import DELIVERIES_QUEUE, MOST_INBOUND_QUEUES, UPKEEP_QUEUE, inbound_queues
from connector.settings import Settings

Texts: TypeAlias = List[str]  # noqa: UP006  the worker library reads this form only
STORAGE: Final = "AzureWebJobsStorage"
POISON: Final = "-poison"
INBOUND_ROUTE: Final = "api/inbound/{registrationId}"
UPKEEP: Final = "0 */5 * * * *"
REPAIRS: Final = "0 2,17,32,47 * * * *"
EXPIRY: Final = "0 27 * * * *"


def register_relay(app: func.FunctionApp, settings: Settings) -> None:
    """Add the relay's functions to the app."""
    _add_inbound(app, settings)
    _add_queue_functions(app, settings)
    _add_last_resort(app, settings)
    _add_timers(app, settings)


def _add_inbound(app: func.FunctionApp, settings: Settings) -> None:
    async def receive_request(req: func.HttpRequest, message: func.Out[str]) -> func.HttpResponse:
        from connector.serving import relay_handlers

        return await relay_handlers.receive_request(req, [message], settings)

    async def receive_and_spread(
        req: func.HttpRequest,
        message: func.Out[str],
        message2: func.Out[str],
        message3: func.Out[str],
        message4: func.Out[str],
        message5: func.Out[str],
        message6: func.Out[str],
        message7: func.Out[str],
        message8: func.Out[str],
    ) -> func.HttpResponse:
        from connector.serving import relay_handlers

        outputs = [message, message2, message3, message4, message5, message6, message7, message8]
        return await relay_handlers.receive_request(req, outputs[: settings.inbound_queues], settings)

    is_one = settings.inbound_queues == 1
    bound = receive_request if is_one else receive_and_spread
    for number, queue in enumerate(inbound_queues(1 if is_one else MOST_INBOUND_QUEUES), start=1):
        name = "message" if number == 1 else f"message{number}"
        bound = app.queue_output(arg_name=name, queue_name=queue, connection=STORAGE)(bound)
    route = app.route(route=INBOUND_ROUTE, methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
    app.function_name("RelayInbound")(route(bound))


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

    async def put_right(message: func.QueueMessage) -> None:
        from connector.serving import relay_handlers

        await relay_handlers.put_lot_right(message, settings)

    for name, queue, handle in (
        *(("RelayFanOut" + _ending(queue), queue, fan_out) for queue in inbound_queues(settings.inbound_queues)),
        ("RelayDeliver", DELIVERIES_QUEUE, deliver),
        ("RelayDeliverPoison", DELIVERIES_QUEUE + POISON, put_off),
        ("RelayPutRight", UPKEEP_QUEUE, put_right),
    ):
        trigger = app.queue_trigger(arg_name="message", queue_name=queue, connection=STORAGE)
        app.function_name(name)(trigger(handle))


def _add_last_resort(app: func.FunctionApp, settings: Settings) -> None:
    async def fan_out_or_requeue(message: func.QueueMessage, again: func.Out[str]) -> None:
        from connector.serving import relay_handlers

        await relay_handlers.fan_out_or_requeue(message, again, settings)

    for queue in inbound_queues(settings.inbound_queues):
        trigger = app.queue_trigger(arg_name="message", queue_name=queue + POISON, connection=STORAGE)
        output = app.queue_output(arg_name="again", queue_name=queue, connection=STORAGE)
        app.function_name("RelayFanOutPoison" + _ending(queue))(trigger(output(fan_out_or_requeue)))


def _add_timers(app: func.FunctionApp, settings: Settings) -> None:
    async def run_upkeep(timer: func.TimerRequest, lots: func.Out[Texts]) -> None:
        from connector.serving import relay_handlers

        del timer
        await relay_handlers.run_upkeep(lots, settings)

    async def repair(timer: func.TimerRequest) -> None:
        from connector.serving import relay_handlers

        del timer
        await relay_handlers.repair(settings)

    async def expire(timer: func.TimerRequest) -> None:
        from connector.serving import relay_handlers

        del timer
        await relay_handlers.expire(settings)

    upkeep = app.timer_trigger(arg_name="timer", schedule=UPKEEP, run_on_startup=True)
    output = app.queue_output(arg_name="lots", queue_name=UPKEEP_QUEUE, connection=STORAGE)
    app.function_name("RelayUpkeep")(upkeep(output(run_upkeep)))
    repairs = app.timer_trigger(arg_name="timer", schedule=REPAIRS, run_on_startup=False)
    app.function_name("RelayRepair")(repairs(repair))
    expiry = app.timer_trigger(arg_name="timer", schedule=EXPIRY, run_on_startup=False)
    app.function_name("RelayExpire")(expiry(expire))


def _ending(queue: str) -> str:
    """What the functions of a further queue have behind their name: its number."""
    number = queue.rpartition("-")[2]
    return number if number.isdigit() else ""
