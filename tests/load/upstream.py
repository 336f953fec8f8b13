"""A DeskDirector that answers one ticket after a while, and counts; in a process of its own."""

import asyncio
import sys

from aiohttp import web


async def main(port: int, seconds: float) -> None:
    """Serve until ended."""
    under_way = most = 0

    async def ticket(_: web.Request) -> web.Response:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        try:
            await asyncio.sleep(seconds)
        finally:
            under_way -= 1
        return web.json_response({"id": 7, "name": "Printer", "status": {"id": 1, "name": "Open"}})

    async def counts(_: web.Request) -> web.Response:
        nonlocal most
        said, most = most, under_way
        return web.json_response({"most": said})

    app = web.Application()
    app.router.add_get("/api/v2/automate/connector/tickets/7", ticket)
    app.router.add_get("/counts", counts)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
