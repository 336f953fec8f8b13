"""HTTP functions for the tests: each shows one rule of the host."""

import asyncio
import json
import logging
import time

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route("echo/{*rest}")
async def echo(req: func.HttpRequest) -> func.HttpResponse:
    """Everything that arrived, as JSON."""
    seen = {
        "method": req.method,
        "url": req.url,
        "headers": dict(req.headers),
        "query": dict(req.params),
        "route": dict(req.route_params),
        "body": req.get_body().decode("latin-1"),
    }
    return func.HttpResponse(json.dumps(seen), mimetype="application/json")


@app.route("ping", methods=["GET"])
async def ping(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("pong")


@app.route("sync", methods=["GET"])
def in_thread(req: func.HttpRequest) -> str:
    time.sleep(0.05)
    return "from a thread"


@app.route("items/{id:int}", methods=["GET"])
async def b_by_number(req: func.HttpRequest) -> str:
    return f"number {req.route_params['id']}"


@app.route("items/{name}", methods=["GET"])
async def c_by_name(req: func.HttpRequest) -> str:
    return f"name {req.route_params['name']}"


@app.route("items/recent", methods=["GET"])
async def d_recent(req: func.HttpRequest) -> str:
    return "recent"


@app.route("shaped")
async def shaped(req: func.HttpRequest) -> func.HttpResponse:
    """Status, headers and body as the request's body asks for them."""
    asked = req.get_json()
    response = func.HttpResponse(asked.get("body"), status_code=asked.get("status", 200))
    for name, value in asked.get("headers", []):
        response.headers.add(name, value)
    return response


@app.route("raises")
async def raises(req: func.HttpRequest) -> str:
    raise RuntimeError("see https://flow.example/run?api-version=1&code=secret-in-a-url&x=1")


@app.route("nothing")
async def nothing(req: func.HttpRequest) -> str:
    return None  # type: ignore[return-value]


@app.route("logs")
async def logs(req: func.HttpRequest) -> str:
    logging.getLogger("app").info("a record for https://flow.example/x?token=%s", req.params.get("token", ""))
    if "then" in req.params:
        await asyncio.sleep(0.3)
    return "logged"


@app.function_name("SwitchedOff")
@app.route("off")
async def switched_off(req: func.HttpRequest) -> str:
    return "on"


@app.route("keyed", auth_level=func.AuthLevel.FUNCTION)
async def keyed(req: func.HttpRequest) -> str:
    return "open"


@app.route("master", auth_level=func.AuthLevel.ADMIN)
async def master_only(req: func.HttpRequest) -> str:
    return "open"
