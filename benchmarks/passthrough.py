"""The yardstick for throughput: uvicorn and aiohttp, headers and bytes passed through both ways, nothing else."""

import sys

import aiohttp
import uvicorn


class PassThrough:
    """An ASGI app of the least that a proxy can do."""

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.session: aiohttp.ClientSession | None = None

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        if scope["type"] != "http":
            return
        if self.session is None:
            self.session = aiohttp.ClientSession(auto_decompress=False)
        asked = {name.decode(): value.decode() for name, value in scope["headers"] if name != b"host"}
        async with self.session.get(f"{self.upstream}{scope['path']}", headers=asked) as answer:
            body = await answer.read()
        headers = [(name.lower(), value) for name, value in answer.raw_headers]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    uvicorn.run(
        PassThrough(f"http://127.0.0.1:{sys.argv[2]}"),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        log_level="error",
        access_log=False,
        loop="uvloop",
        http="httptools",
        lifespan="off",
    )
