"""A function that answers 202 and stores nothing: what accepting an event would cost if it might be lost."""

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="api/inbound/{registrationId}", methods=["POST"])
async def accept(req: func.HttpRequest) -> func.HttpResponse:
    req.get_body()
    return func.HttpResponse(b"{}", status_code=202, mimetype="application/json")
