"""The official client for TypeScript, and the inspector, after a person has signed in."""

import json

from tests.desk import Desk
from tests.npm_tools import MCP
from tests.serving.oauth.person import Person
from tests.serving.test_mcp_clients import HOME, MODULES, run


@MCP
def test_the_typescript_client_signs_in_and_works(oauth: Desk) -> None:
    done = run(HOME / "client.mjs", f"{oauth.url}/mcp", oauth.simulator.site, oauth.simulator.tokity_key)
    assert done.returncode == 0, done.stderr
    saw = json.loads(done.stdout)

    assert (saw["tools"], saw["prompts"], saw["hasTokens"]) == (22, 5, True)
    assert saw["readAgain"] == saw["ticket"]
    assert saw["isError"] is True
    assert json.loads(saw["said"])["error"]["code"] == "TicketNotFound"
    assert "no tool of this name" in saw["unknown"]
    assert (saw["drafted"]["asked"], saw["drafted"]["isError"]) == (1, False)
    assert [note.text for note in oauth.tenant.tickets[saw["ticket"]].notes].count("From TypeScript") == 1


@MCP
def test_the_inspector_works_with_a_token(oauth: Desk, person: Person) -> None:
    _, tokens = person.sign_in(access="read")
    server = [f"{oauth.url}/mcp", "--transport", "http", "--header", f"Authorization: Bearer {tokens['access_token']}"]
    inspector, call = MODULES / ".bin" / "mcp-inspector", ["--method", "tools/call", "--tool-name", "findTickets"]
    listed = run(inspector, "--cli", *server, "--method", "tools/list")
    called = run(inspector, "--cli", *server, *call, "--tool-arg", "take=1")

    assert listed.returncode == called.returncode == 0, listed.stderr + called.stderr
    assert "closeTickets" not in {tool["name"] for tool in json.loads(listed.stdout)["tools"]}
    assert len(json.loads(called.stdout)["structuredContent"]["results"]) == 1
