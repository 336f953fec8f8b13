"""The same action in the common style: FastAPI with one shared httpx client, and the official SDK's MCP server."""

import logging
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
import uvicorn
from fastapi import FastAPI, Header
from mcp.server import MCPServer
from pydantic import BaseModel

UPSTREAM = os.environ["UPSTREAM"]
client = httpx.AsyncClient(limits=httpx.Limits(max_connections=100, max_keepalive_connections=100), trust_env=False)


class Ticket(BaseModel):
    """What a ticket is for callers."""

    id: int
    title: str
    description: str
    status: str
    board: str


async def read(ticket_id: int, key: str) -> Ticket:
    """Ask DeskDirector."""
    url = f"{UPSTREAM}/api/v2/automate/connector/tickets/{ticket_id}"
    sent = (await client.get(url, headers={"Authorization": f"DdApi {key}"})).json()
    return Ticket(
        id=sent["id"],
        title=sent["name"],
        description=sent["description"],
        status=sent["status"]["name"],
        board=sent["board"]["name"],
    )


mcp = MCPServer("common")


@mcp.tool(name="getTicket")
async def get_ticket_tool(ticketId: int) -> Ticket:  # noqa: N803  the caller's name
    """Get a ticket."""
    return await read(ticketId, "x")


served = mcp.streamable_http_app(json_response=True, stateless_http=True)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """What the MCP server needs to run."""
    async with served.router.lifespan_context(served):
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/api/tickets/{ticket_id}")
async def get_ticket(ticket_id: int, dd_api_key: Annotated[str, Header()]) -> Ticket:
    """Get a ticket."""
    return await read(ticket_id, dd_api_key)


app.mount("/", served)

if __name__ == "__main__":
    logging.getLogger("mcp").setLevel(logging.WARNING)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    uvicorn.run(app, port=int(sys.argv[1]), log_level="error", access_log=False, loop="uvloop", http="httptools")
