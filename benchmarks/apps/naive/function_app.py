"""The same action as it is usually written: a new client for every call, JSON to dicts and back."""

import json
import os

import azure.functions as func
import httpx

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="api/tickets/{ticketId}", methods=["GET"])
async def get_ticket(req: func.HttpRequest) -> func.HttpResponse:
    url = f"{os.environ['UPSTREAM']}/api/v2/automate/connector/tickets/{req.route_params['ticketId']}"
    async with httpx.AsyncClient() as client:
        ticket = (await client.get(url, headers={"Authorization": f"DdApi {req.headers['dd-api-key']}"})).json()
    answer = {
        "id": ticket["id"],
        "title": ticket["name"],
        "description": ticket["description"],
        "status": ticket["status"]["name"],
        "board": ticket["board"]["name"],
    }
    return func.HttpResponse(json.dumps(answer), mimetype="application/json")
