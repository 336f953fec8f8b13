"""The MCP server beside the plain HTTP routes: what the protocol costs on top of the same operation.

- `GetTicket` with a 4 KB ticket, by its route and as a tool call of either era, on one host with one upstream. A tool
  call sends the ticket twice, as data and as text, with its texts checked for what people do not see.
- `tools/list` of the whole catalog.
- what importing the face adds to a cold start, beyond what the app imports anyway.
"""

import json
import os
import re
import subprocess
import sys

from benchmarks.harness import ROOT, Load, free_port, load, process, show
from workbench.localhost import LocalHost

ROUNDS = 3
COUNT = 2000
VERSION = "2026-07-28"
META = {"io.modelcontextprotocol/protocolVersion": VERSION, "io.modelcontextprotocol/clientCapabilities": {}}
MODERN = {"MCP-Protocol-Version": VERSION, "Mcp-Method": "tools/call", "Mcp-Name": "getTicket"}
CALL = {"name": "getTicket", "arguments": {"ticketId": 10001}}


def message(method: str, params: object) -> bytes:
    """A request as it goes over the wire."""
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()


def import_milliseconds() -> float:
    """The time that the modules of the face take themselves, in the best of several new processes."""
    modules = "connector.serving.functions, connector.serving.mcp.server"
    subprocess.run([sys.executable, "-m", "compileall", "-q", "connector"], cwd=ROOT, check=True)
    command = [sys.executable, "-X", "importtime", "-c", f"import {modules}"]
    taken = []
    for _ in range(ROUNDS):
        report = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stderr
        own = r"connector\.serving\.(?:mcp|hidden|safe_texts|shortening|kept_plans)\b"
        lines = re.findall(rf"import time:\s+(\d+) \|\s+\d+ \|\s+{own}", report)
        taken.append(sum(int(microseconds) for microseconds in lines) / 1000)
    return min(taken)


def main() -> None:
    """Measure and print."""
    upstream = free_port()
    site = f"127.0.0.1:{upstream}"
    headers = {"dd-host": site, "dd-api-key": "a-psa-key"}
    env = {**os.environ, "CONNECTOR_DEVELOPMENT_SITES": site, "CONNECTOR_CONNECTION_RATE": "0"}
    kinds = {
        "route": ("/api/tickets/10001", headers, b""),
        "legacy": ("/mcp", headers, message("tools/call", CALL)),
        "modern": ("/mcp", {**headers, **MODERN}, message("tools/call", {**CALL, "_meta": META})),
        "list": ("/mcp", {}, message("tools/list", {})),
    }
    rounds: dict[str, list[Load]] = {kind: [] for kind in kinds}
    with (
        process("benchmarks/upstream.py", str(upstream), port=upstream),
        LocalHost(ROOT, env=env) as host,
    ):
        for _ in range(ROUNDS):
            for kind, (path, sent, body) in kinds.items():
                rounds[kind].append(load(host.url + path, COUNT, 32, pid=host.pid, headers=sent, body=body))
    cpu = {kind: min(one.cpu for one in loads) for kind, loads in rounds.items()}
    imports = import_milliseconds()
    print("CPU µs a call: " + ", ".join(f"{kind} {spent:.0f}" for kind, spent in cpu.items()))
    show(
        "MCP",
        [
            ("legacy tools/call over its route, ms of CPU", (cpu["legacy"] - cpu["route"]) / 1000, "<=", 0.15),
            ("modern tools/call over its route, ms of CPU", (cpu["modern"] - cpu["route"]) / 1000, "<=", 0.15),
            ("modern tools/call / its route, CPU", cpu["modern"] / cpu["route"], "<=", 1.25),
            ("tools/list / GetTicket by its route, CPU", cpu["list"] / cpu["route"], "<=", 1),
            ("importing the face, ms", imports, "<=", 30),
        ],
    )


if __name__ == "__main__":
    main()
