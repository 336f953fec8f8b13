"""A DeskDirector that answers whatever it was told to, however large; in a process of its own."""

import asyncio
import json
import sys
from collections.abc import Callable
from typing import Final

from aiohttp import web

TICKET: Final = {"id": 7, "name": "Printer", "status": {"id": 1, "name": "Open"}, "board": {"id": 2, "name": "Support"}}


def _of(content: bytes, unit: bytes, size: int, end: bytes) -> bytes:
    return content + unit * (size // len(unit)) + end


def _records(record: bytes, size: int) -> bytes:
    return b'{"results": [' + b",".join([record] * (size // len(record))) + b"]}"


SHAPES: Final[dict[str, Callable[[int], bytes]]] = {
    "tickets": lambda size: _records(json.dumps({**TICKET, "description": "w" * 400}).encode(), size),
    "small records": lambda size: _records(b'{"id":1}', size),
    "one long text": lambda size: _of(b'{"id": 7, "name": "', b"word ", size, b'"}'),
    "escapes": lambda size: _of(b'{"id": 7, "name": "', b"\\u0041", size, b'"}'),
    "many fields": lambda size: json.dumps({**TICKET, **{f"f{i:06}": "v" * 60 for i in range(size // 75)}}).encode(),
    "numbers": lambda size: _of(b'{"results": [', b"1,", size, b"1]}"),
    "nested": lambda size: b"[" * size,
    "a web page": lambda size: _of(b"<html>", b"<p>word</p>", size, b"</html>"),
    "broken off": lambda size: _of(b'{"id": 7, "name": "', b"x", size, b""),
    "no text": lambda size: _of(b'{"id": 7, "name": "', b"\xff", size, b'"}'),
}


async def main(port: int) -> None:
    """Serve until ended; `/shape/NAME/BYTES` says what is answered to everything else from then on."""
    content = b"{}"

    async def told(request: web.Request) -> web.Response:
        nonlocal content
        content = SHAPES[request.match_info["name"]](int(request.match_info["size"]))
        return web.Response()

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=content, content_type="application/json")

    app = web.Application()
    app.router.add_get("/shape/{name}/{size}", told)
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
