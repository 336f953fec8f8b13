"""An upstream that costs next to nothing: it answers every request with one 4 KB ticket, or 50 for a find.

upstream.py PORT [SHAPE [SECONDS]]: of tenants of a shape, and as late as that.
"""

import asyncio
import json
import sys

TICKET = {
    "id": 10001,
    "name": "Printer on level 2 prints blank pages",
    "description": "The message on the screen reads: Something went wrong (0x80070005). " * 46,
    "board": {"id": 33, "name": "Security"},
    "status": {"id": 113, "name": "Contained"},
    "priority": {"id": 6, "name": "Medium"},
    "source": {"id": 62, "name": "E-mail"},
    "requestType": {"id": 705, "name": "Leaver"},
    "company": {"id": 217, "name": "Pinecrest School District"},
    "contact": {"id": 1169, "name": "Tessa Iyer"},
    "userGroup": None,
    "assignedMembers": [{"id": 19, "name": "Grace Okafor"}],
    "tags": ["vip", "night shift"],
    "isClosed": False,
    "enteredBy": "Tessa Iyer",
    "createdOn": "2026-05-28T21:53:34.5992262Z",
    "modifiedOn": "2026-11-24T04:16:35.1764104Z",
    "closedOn": None,
    "dueDate": None,
    "taskProgress": {"done": 0, "total": 0},
}
ONE = json.dumps(TICKET, separators=(",", ":")).encode()
RESULTS = 50
PAGE = json.dumps(
    {"results": [{**TICKET, "id": 10001 + number} for number in range(RESULTS)], "totalResults": RESULTS},
    separators=(",", ":"),
).encode()


class Answering(asyncio.Protocol):
    """HTTP/1.1 with keep-alive, as little of it as a benchmark needs."""

    one, page = ONE, PAGE
    seconds = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, separator, body = self.buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        start = head.lower().find(b"content-length:")
        if start >= 0 and len(body) < int(head[start + 15 :].split(b"\r\n", 1)[0]):
            return
        self.buffer = b""
        answer = self.page if b"/find " in head.split(b"\r\n", 1)[0] else self.one
        if self.seconds:
            asyncio.get_running_loop().call_later(self.seconds, self.write, answer)
        else:
            self.write(answer)

    def write(self, answer: bytes) -> None:
        self.transport.write(  # type: ignore[attr-defined]
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(answer), answer)
        )


async def main(port: int, shape: str = "", seconds: str = "0") -> None:
    """Serve until ended, as tenants of this shape do."""
    Answering.seconds = float(seconds)
    if shape:
        from benchmarks.shapes import shapes

        (written,) = shapes([shape])
        Answering.one, Answering.page = written.ticket_bytes(), written.page_bytes()
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(int(sys.argv[1]), *sys.argv[2:]))
