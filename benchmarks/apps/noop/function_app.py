"""A function that does nothing: what the worker and the host cost by themselves."""

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="api/tickets/{ticketId}", methods=["GET"])
async def noop(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(b'{"status":"ok"}', mimetype="application/json")
