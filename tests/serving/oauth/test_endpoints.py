"""The sign-in endpoints, as clients of every kind call them, and as strangers do."""

import base64
import json
import re
from typing import Any

import httpx
import pytest

from tests.desk import Desk
from tests.serving.oauth.person import CHALLENGE, REDIRECT, VERIFIER, Person, answer_in
from workbench.localhost import LocalHost

METHOD = "token_endpoint_auth_method"
WELL_KNOWN = "/.well-known/oauth-protected-resource"


@pytest.mark.parametrize(
    "path",
    ["/mcp", "/mcp/", "/mcp/readonly", "/mcp?toolsets=forms&tools=getTicket", "/mcp/site/support.deskdirector.com"],
)
def test_the_challenge_leads_to_a_document_about_the_very_address(person: Person, path: str) -> None:
    refused = person.mcp("", path=path)

    assert refused.status_code == 401
    challenge = refused.headers["www-authenticate"]
    assert "error=" not in challenge
    found = re.search(r'resource_metadata="([^"]+)"', challenge)
    assert found
    document = person.browser.get(found[1]).json()
    assert document["resource"] == person.desk.url + path
    assert document["authorization_servers"] == [person.desk.url]
    assert document["scopes_supported"] == (["read"] if "readonly" in path else ["read", "write"])


def test_the_server_says_where_everything_is(person: Person) -> None:
    server = person.browser.get("/.well-known/oauth-authorization-server").json()

    assert server["issuer"] == person.browser.get(WELL_KNOWN).json()["authorization_servers"][0] == person.desk.url
    assert (server["response_types_supported"], server["code_challenge_methods_supported"]) == (["code"], ["S256"])
    assert "none" in server["token_endpoint_auth_methods_supported"]
    assert server["client_id_metadata_document_supported"] is server["authorization_response_iss_parameter_supported"]
    for name in ("authorization", "token", "registration", "revocation"):
        assert server[f"{name}_endpoint"].startswith(f"{person.desk.url}/")
    assert person.browser.get(f"{WELL_KNOWN}/elsewhere").status_code == 404


def test_what_worked_without_oauth_works_with_it(oauth: Desk, person: Person) -> None:
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    site = {"dd-host": oauth.simulator.site}
    for credentials in (
        {"dd-api-key": oauth.simulator.tokity_key},
        {"authorization": f"Bearer {oauth.simulator.tokity_key}"},
    ):
        assert person.browser.post("/mcp", json=message, headers={**site, **credentials}).status_code == 200


@pytest.mark.parametrize(
    ("uris", "given", "kept", "has_secret"),
    [
        (["https://claude.ai/api/mcp/auth_callback"], {}, 1, False),
        (["https://chatgpt.com/connector/oauth/abc_1-2"], {"scope": "claudeai"}, 1, False),
        # Cursor sends three addresses; one that is not known must not undo the others.
        (
            ["cursor://anysphere.cursor-mcp/oauth/callback", "http://localhost:8787/c", "https://evil.example/"],
            {},
            2,
            False,
        ),
        (["https://teams.microsoft.com/api/platform/v1.0/oAuthRedirect"], {METHOD: None}, 1, True),
        (["https://global.consent.azure-apim.net/redirect/dd-abc"], {METHOD: "client_secret_post"}, 1, True),
        (["http://[::1]:1/x"], {"application_type": "odd", "client_name": None}, 1, False),
    ],
)
def test_clients_register_as_they_do(
    person: Person, uris: list[str], given: dict[str, Any], kept: int, *, has_secret: bool
) -> None:
    answer = person.register(redirect_uris=uris, **given)

    assert len(answer["redirect_uris"]) == kept
    assert ("client_secret" in answer) == has_secret
    assert (answer["token_endpoint_auth_method"] == "none") != has_secret


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/callback", "https://claude.ai.evil.example/api/mcp/auth_callback", "javascript:alert(1)",
        "https://claude.ai/api/mcp/auth_callback?next=https://evil.example", "http://192.168.0.1/callback", "data:,x",
        "https://claude.ai@evil.example/api/mcp/auth_callback", "http://localhost:80@evil.example/", "",
        "http://127.0.0.1:8080/x#fragment", "cursor://other/oauth/callback", "https://claude.ai/\\evil", "http://localhost.evil.example/",
    ],
)  # fmt: skip
def test_addresses_of_strangers_are_not_registered(person: Person, uri: str) -> None:
    answer = person.browser.post("/register", json={"redirect_uris": [uri]})

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_redirect_uri")


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"redirect_uris": "x"}', b'{"redirect_uris": [{}]}', b"x" * 9000])
def test_a_registration_that_is_none_is_refused_in_json(person: Person, body: bytes) -> None:
    answer = person.browser.post("/register", content=body)

    assert answer.status_code in (400, 413)
    assert answer.json()["error"].startswith("invalid_")


def test_a_code_is_good_once_and_a_second_use_ends_the_grant(person: Person) -> None:
    client_id = person.register()["client_id"]
    code = person.code(client_id)
    first, second = person.redeem(client_id, code), person.redeem(client_id, code)

    assert (first.status_code, second.json()["error"]) == (200, "invalid_grant")
    assert person.renew(client_id, first.json()["refresh_token"]).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "wrong",
    [
        {"code_verifier": "w" * 43}, {"code_verifier": ""}, {"code_verifier": CHALLENGE}, {"code": "guessed"},
        {"redirect_uri": "http://127.0.0.1:33418/other"}, {"redirect_uri": ""}, {"client_id": "another"},
        {"resource": "https://evil.example/mcp"}, {"grant_type": "password"}, {"grant_type": ""}, {"client_id": ""},
    ],
)  # fmt: skip
def test_a_code_needs_its_client_its_address_and_its_verifier(person: Person, wrong: dict[str, str]) -> None:
    client_id = person.register()["client_id"]
    code = person.code(client_id)
    if wrong.get("client_id") == "another":
        wrong = {"client_id": person.register()["client_id"]}
    answer = person.redeem(client_id, code, **wrong)

    assert answer.status_code in (400, 401)
    assert answer.json().keys() == {"error", "error_description"}
    assert "no-store" in answer.headers["cache-control"]


def test_a_secret_is_asked_of_who_has_one_by_basic_and_by_form(person: Person) -> None:
    client = person.register(token_endpoint_auth_method="client_secret_basic")
    basic = base64.b64encode(f"{client['client_id']}:{client['client_secret']}".encode()).decode()
    fields = {"grant_type": "authorization_code", "redirect_uri": REDIRECT, "code_verifier": VERIFIER}

    without = person.redeem(client["client_id"], person.code(client["client_id"]))
    by_form = person.redeem(
        client["client_id"], person.code(client["client_id"]), client_secret=client["client_secret"]
    )
    by_header = person.browser.post(
        "/token",
        data={**fields, "code": person.code(client["client_id"])},
        headers={"authorization": f"Basic {basic}"},
    )

    assert (without.status_code, without.json()["error"]) == (401, "invalid_client")
    assert (by_form.status_code, by_header.status_code) == (200, 200)


def test_refresh_tokens_are_rotated_and_an_old_one_ends_the_grant(person: Person) -> None:
    client_id, first = person.sign_in()
    second = person.renew(client_id, first["refresh_token"]).json()
    again = person.renew(client_id, first["refresh_token"])  # the answer got lost, or two refreshed at once
    third = person.renew(client_id, second["refresh_token"]).json()
    old = person.renew(client_id, first["refresh_token"])

    assert again.status_code == 200
    assert second.keys() == first.keys() == third.keys()
    assert old.json()["error"] == "invalid_grant"
    assert person.renew(client_id, third["refresh_token"]).json()["error"] == "invalid_grant"
    assert person.mcp(third["access_token"]).status_code == 401


def test_tokens_are_revoked_by_their_client_only(person: Person) -> None:
    client_id, tokens = person.sign_in()
    stranger = person.register(client_name="Somebody else")["client_id"]

    def revoke(client: str, token: str) -> int:
        return person.browser.post("/revoke", data={"client_id": client, "token": token}).status_code

    assert (revoke(stranger, tokens["access_token"]), person.mcp(tokens["access_token"]).status_code) == (200, 200)
    assert (revoke(client_id, "no token"), person.mcp(tokens["access_token"]).status_code) == (200, 200)
    assert (revoke(client_id, tokens["refresh_token"]), person.mcp(tokens["access_token"]).status_code) == (200, 401)
    assert person.renew(client_id, tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_no_token_passes_for_another_and_none_can_be_altered(person: Person) -> None:
    client_id, tokens = person.sign_in()
    access, refresh = tokens["access_token"], tokens["refresh_token"]
    altered = access[:-1] + ("A" if access[-1] != "A" else "B")
    renamed = "ddmat_" + refresh.partition("_")[2]

    for token in (
        altered,
        renamed,
        "ddmat_",
        "ddmat_deadbeef_x",
        f"ddmat_{'0' * 8}_gAAAA",
        access + "\u00e9",
        "ddmat_" + "x" * 20_000,
    ):
        refused = person.browser.post("/mcp", json={}, headers={b"authorization": f"Bearer {token}".encode()})
        assert refused.status_code in (401, 431), token
        if refused.status_code == 401:
            assert 'error="invalid_token"' in refused.headers["www-authenticate"]
    assert person.renew(client_id, "ddmrt_" + access.partition("_")[2]).json()["error"] == "invalid_grant"


def test_a_token_is_of_its_site_where_the_address_names_one(person: Person) -> None:
    _, tokens = person.sign_in()

    assert person.mcp(tokens["access_token"], path="/mcp/site/other.deskdirector.com").status_code == 401
    assert person.mcp(tokens["access_token"], path="/mcp?toolsets=forms").status_code == 200


def test_a_reading_token_reads_and_is_told_what_writing_needs(person: Person) -> None:
    _, tokens = person.sign_in(access="read")
    listed = person.mcp(tokens["access_token"]).json()["result"]["tools"]
    refused = person.mcp(tokens["access_token"], "tools/call", name="createTicket", arguments={"title": "x"})

    assert (tokens["scope"], all(tool["annotations"]["readOnlyHint"] for tool in listed)) == ("read", True)
    assert refused.status_code == 403
    assert 'error="insufficient_scope"' in refused.headers["www-authenticate"]
    assert 'scope="read write"' in refused.headers["www-authenticate"]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": "", "code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge_method": "plain", "code_challenge": VERIFIER}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"resource": "https://evil.example/mcp"}, "invalid_target"),
        ({"resource": "http://127.0.0.1:1/mcp"}, "invalid_target"),
    ],
)
def test_what_a_client_asks_wrongly_goes_back_to_it(person: Person, wrong: dict[str, str], error: str) -> None:
    back = person.open(person.register()["client_id"], **wrong)

    assert back.status_code == 303
    assert back.headers["location"].startswith(f"{REDIRECT}?")
    answer = answer_in(back)
    assert (answer["error"], answer["state"], answer["iss"]) == (error, "as it was", person.desk.url)


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "unknown"},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": "http://127.0.0.1:33418/else"},
    ],
)
def test_nothing_is_sent_to_an_address_that_is_not_the_clients(person: Person, wrong: dict[str, str]) -> None:
    given = {"client_id": person.register()["client_id"], **wrong}
    page = person.open(**given)

    assert (page.status_code, "location" in page.headers) == (400, False)
    assert "text/html" in page.headers["content-type"]


def test_the_port_of_ones_own_machine_may_change(person: Person) -> None:
    client_id = person.register(redirect_uris=["http://localhost/callback"])["client_id"]
    back = person.decide(person.open(client_id, redirect_uri="http://localhost:49152/callback"))

    assert back.headers["location"].startswith("http://localhost:49152/callback?code=")


def test_a_form_counts_only_in_the_browser_that_was_shown_it(person: Person) -> None:
    """Neither another browser, another site, nor a second look at an old page can answer for the person."""
    page = person.open(person.register()["client_id"])
    with Person(person.desk) as stranger:
        elsewhere = stranger.decide(page)
    hidden = re.search(r'name="request" value="([^"]+)"', page.text)
    assert hidden
    data = {"request": hidden[1], "site": person.desk.simulator.site, "key": "k", "decision": "allow"}
    foreign = person.browser.post("/authorize", data=data, headers={"origin": "https://evil.example"})
    fetched = person.browser.post("/authorize", data=data, headers={"sec-fetch-site": "cross-site"})
    forged = person.browser.post("/authorize", data={**data, "request": "ddmrq_x_y"})

    for answer in (elsewhere, foreign, fetched, forged):
        assert (answer.status_code, "location" in answer.headers) == (400, False)


def test_a_wrong_key_is_told_and_shown_nowhere(person: Person) -> None:
    page = person.open(person.register()["client_id"])
    answer = person.decide(page, key="not-the-key-of-this-site")

    assert answer.status_code == 400
    assert "did not take this key" in answer.text
    assert "not-the-key" not in answer.text
    assert person.decide(answer).status_code == 303


def test_keys_cannot_be_guessed_without_end(person: Person) -> None:
    """Ten from one address; others may go on."""
    page = person.open(person.register()["client_id"])
    person.browser.headers["x-forwarded-for"] = "203.0.113.7"
    answers = [person.decide(page, site="<none>", key=f"guess-{number}") for number in range(11)]

    assert ["Too many tries" in answer.text for answer in answers] == [False] * 10 + [True]
    assert "Too many tries" in person.decide(page).text
    person.browser.headers["x-forwarded-for"] = "203.0.113.8"
    assert person.decide(page).status_code == 303


def test_the_person_may_say_no(person: Person) -> None:
    back = person.decide(person.open(person.register()["client_id"]), decision="deny", key="")

    assert answer_in(back)["error"] == "access_denied"
    assert "code" not in answer_in(back)


def test_sites_that_are_none_are_refused_on_the_page(person: Person) -> None:
    page = person.open(person.register()["client_id"])
    for site in ("evil.example", "127.0.0.1:1", "https://support.deskdirector.com/path", "x" * 300, "<b>"):
        answer = person.decide(page, site=site)
        assert answer.status_code == 400
        assert "<b>" not in answer.text


def test_browsers_may_read_what_clients_in_them_need(person: Person) -> None:
    for path in (WELL_KNOWN, "/.well-known/oauth-authorization-server"):
        assert person.browser.get(path).headers["access-control-allow-origin"] == "*"
    for path in ("/token", "/register", "/revoke"):
        answer = person.browser.options(path)
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, "*")
    assert "access-control-allow-origin" not in person.open(person.register()["client_id"]).headers


def test_names_of_clients_are_text_and_nothing_else(person: Person) -> None:
    page = person.open(person.register(client_name='<script>alert(1)</script>"\u202e' + "x" * 500)["client_id"])

    assert "<script" not in page.text
    assert "\u202e" not in page.text


def test_nothing_of_a_key_is_written_down(oauth: Desk, oauth_host: LocalHost, person: Person) -> None:
    """Neither in the client's view of a token, nor in the log: no key, no code, no token."""
    client_id = person.register()["client_id"]
    page = person.open(client_id)
    person.decide(page, key="a-wrong-key-of-mine")
    code = person.code(client_id)
    tokens = person.redeem(client_id, code).json()
    person.redeem(client_id, code)
    person.mcp(tokens["access_token"][:-1] + "!")
    key = oauth.simulator.tokity_key

    assert key not in json.dumps([client_id, tokens])
    assert key.encode() not in base64.urlsafe_b64decode(tokens["access_token"].split("_", 2)[2] + "==")
    for secret in (key, "a-wrong-key-of-mine", code, tokens["access_token"][:-1], tokens["refresh_token"]):
        assert secret not in oauth_host.log


def test_off_is_off(desk: Desk) -> None:
    """Without the setting the app is as it was: no endpoint, no challenge."""
    for path in (WELL_KNOWN, f"{WELL_KNOWN}/mcp", "/.well-known/oauth-authorization-server", "/authorize", "/token"):
        assert desk.client.get(desk.url + path).status_code == 404
    answer = desk.client.post(f"{desk.url}/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    assert (answer.status_code, "www-authenticate" in answer.headers) == (200, False)


def test_large_and_odd_forms_are_refused(person: Person) -> None:
    for content in (b"x" * 20_000, b"a=1&a=2", b"\xff=1", b"&".join(b"f%d=1" % number for number in range(50))):
        answer: httpx.Response = person.browser.post("/token", content=content)
        assert answer.status_code in (400, 401, 413)
        assert "error" in answer.json()


@pytest.mark.parametrize(
    "address",
    [
        "http://elsewhere.example\\@127.0.0.1/callback",
        "http://elsewhere.example@127.0.0.1/callback",
        "http://127.0.0.1:33418/callback#here",
        "http://127.0.0.1:33418/call\r\nback",
    ],
)
@pytest.mark.parametrize("wish", ["code", "nonsense"])
def test_nothing_is_sent_where_browsers_and_we_read_an_address_differently(
    person: Person, address: str, wish: str
) -> None:
    page = person.open(person.register()["client_id"], redirect_uri=address, response_type=wish)

    assert page.status_code == 400
    assert "location" not in page.headers
    assert "an address that is not its own" in page.text
