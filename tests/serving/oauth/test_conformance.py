"""The conformance suite's scenarios for authorization servers: metadata, and the flow with a code."""

import re
import socket
import subprocess

import httpx

from tests.npm_tools import MCP
from tests.serving.oauth.person import Person
from tests.serving.test_mcp_clients import HOME, MODULES, tool_environment


@MCP
def test_the_authorization_server_conforms(person: Person) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    client_id = person.register(redirect_uris=[f"http://127.0.0.1:{port}/callback"])["client_id"]
    program = MODULES / "@modelcontextprotocol" / "conformance" / "dist" / "index.js"
    command = ["node", program, "authorization", "--url", person.desk.url, "--client-id", client_id, "-p", str(port)]
    written = []
    with subprocess.Popen(
        command, env=tool_environment(), cwd=HOME, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as suite:
        assert suite.stdout
        for line in suite.stdout:
            written.append(line)
            if address := re.search(r"http://\S+/authorize\?\S+", line):
                back = person.decide(person.browser.get(address[0]))
                httpx.get(back.headers["location"], trust_env=False)

    assert suite.returncode == 0, "".join(written)
    assert "Total: 3 passed, 0 failed" in "".join(written)
