"""Operators see who has signed in to the MCP server, and end it."""

from tests.desk import Desk
from tests.serving.oauth.person import Person


def test_an_operator_sees_a_grant_and_ends_it(oauth: Desk, person: Person) -> None:
    client_id, tokens = person.sign_in(access="read")
    listed = oauth.send("GET", "/api/operator/grants").json["results"]
    newest = listed[0]

    ended = oauth.send("DELETE", f"/api/operator/grants/{newest['id']}")

    assert (newest["client"], newest["access"], newest["host"]) == ("A test", "read", "127.0.0.1:33418")
    assert newest["site"] == oauth.simulator.site
    assert oauth.simulator.tokity_key not in str(listed)
    assert ended.json == {"ended": True}
    assert newest["id"] not in {one["id"] for one in oauth.send("GET", "/api/operator/grants").json["results"]}
    assert person.renew(client_id, tokens["refresh_token"]).status_code == 400
    assert person.mcp(tokens["access_token"]).status_code == 401
    lines = oauth.send("GET", "/api/operator/audit").json["results"]
    assert (lines[0]["what"], lines[0]["subject"]) == ("grant.end", newest["id"])
