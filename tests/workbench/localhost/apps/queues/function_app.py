"""Queue and timer functions for the tests; `GET /seen` tells what they received."""

import asyncio
import json
from typing import List  # noqa: UP035  the worker library refuses `Out[list[str]]`

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
seen: list[dict[str, object]] = []
gate = asyncio.Event()


@app.route("accept", methods=["POST"])
@app.queue_output("work", queue_name="%WORK_QUEUE%", connection="AzureWebJobsStorage")
async def accept(req: func.HttpRequest, work: func.Out[str]) -> func.HttpResponse:
    work.set(req.get_body().decode())
    return func.HttpResponse(status_code=202)


@app.route("accept-many", methods=["POST"])
@app.queue_output("work", queue_name="%WORK_QUEUE%", connection="AzureWebJobsStorage")
async def accept_many(req: func.HttpRequest, work: func.Out[List[str]]) -> func.HttpResponse:  # noqa: UP006
    work.set(req.get_json())
    return func.HttpResponse(status_code=202)


@app.route("accept-nothing", methods=["POST"])
@app.queue_output("work", queue_name="%WORK_QUEUE%", connection="AzureWebJobsStorage")
async def accept_nothing(req: func.HttpRequest, work: func.Out[str]) -> func.HttpResponse:
    return func.HttpResponse(status_code=202)


@app.queue_trigger("message", queue_name="%WORK_QUEUE%", connection="AzureWebJobsStorage")
@app.queue_output("$return", queue_name="%ECHO_QUEUE%", connection="AzureWebJobsStorage")
async def work(message: func.QueueMessage) -> str:
    """Notes what came; a body that begins with "bad" fails, one that begins with "slow" waits for `POST /open`."""
    body = message.get_body().decode()
    seen.append({"queue": "work", "body": body, "attempt": message.dequeue_count, "id": message.id})
    if body.startswith("bad"):
        raise RuntimeError("a bad message")
    if body.startswith("slow"):
        await gate.wait()
    return f"echo of {body}"


@app.queue_trigger("message", queue_name="%ECHO_QUEUE%", connection="AzureWebJobsStorage")
def echoed(message: func.QueueMessage) -> None:
    seen.append({"queue": "echo", "body": message.get_body().decode(), "attempt": message.dequeue_count})


@app.queue_trigger("message", queue_name="%WORK_QUEUE%-poison", connection="AzureWebJobsStorage")
async def poisoned(message: func.QueueMessage) -> None:
    seen.append({"queue": "poison", "body": message.get_body().decode(), "attempt": message.dequeue_count})


@app.timer_trigger("timer", schedule="%NIGHTLY%", run_on_startup=False)
async def nightly(timer: func.TimerRequest) -> None:
    seen.append({"timer": "nightly", "past_due": timer.past_due})


@app.timer_trigger("timer", schedule="0 0 0 1 1 *", run_on_startup=True)
async def at_start(timer: func.TimerRequest) -> None:
    seen.append({"timer": "at_start", "past_due": timer.past_due})


@app.route("seen", methods=["GET"])
async def tell(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(json.dumps(seen), mimetype="application/json")


@app.route("open", methods=["POST"])
async def open_gate(req: func.HttpRequest) -> func.HttpResponse:
    gate.set()
    return func.HttpResponse(status_code=204)


@app.route("plain", methods=["POST"])
async def plain(req: func.HttpRequest) -> func.HttpResponse:
    """What `accept` does, without storing anything."""
    req.get_body().decode()
    return func.HttpResponse(status_code=202)
