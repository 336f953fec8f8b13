"""A person with a browser, as far as HTTP sees one, and a client that plays by the book."""

import base64
import hashlib
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import httpx

from tests.desk import Desk

REDIRECT = "http://127.0.0.1:33418/callback"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
_HIDDEN = re.compile(r'name="request" value="([^"]+)"')


@dataclass
class Person:
    """Opens the page and fills it in."""

    desk: Desk
    browser: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.browser = httpx.Client(base_url=self.desk.url, trust_env=False, timeout=300)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        self.browser.close()

    def register(self, **given: Any) -> dict[str, Any]:
        """Register a public client."""
        usual = {"client_name": "A test", "redirect_uris": [REDIRECT], "token_endpoint_auth_method": "none"}
        answer = self.browser.post("/register", json={**usual, **given})
        assert answer.status_code == 201, answer.text
        content: dict[str, Any] = answer.json()
        return content

    def open(self, client_id: str, **given: str) -> httpx.Response:
        """Open the page as a client sends people there."""
        usual = {
            "client_id": client_id,
            "redirect_uri": REDIRECT,
            "response_type": "code",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            "state": "as it was",
        }
        asked = {name: value for name, value in {**usual, **given}.items() if value}
        return self.browser.get("/authorize", params=asked)

    def decide(self, page: httpx.Response, **given: str) -> httpx.Response:
        """Fill the form in and press a button."""
        hidden = _HIDDEN.search(page.text)
        assert hidden, page.text
        usual = {
            "request": html.unescape(hidden[1]),
            "site": self.desk.simulator.site,
            "key": self.desk.simulator.tokity_key,
            "agent": "",
            "access": "write",
            "decision": "allow",
        }
        return self.browser.post("/authorize", data={**usual, **given}, headers={"origin": self.desk.url})

    def code(self, client_id: str, *, access: str = "write", key: str = "", **given: str) -> str:
        """A code, as it comes back to the client."""
        entered = {"access": access, **({"key": key} if key else {})}
        back = self.decide(self.open(client_id, **given), **entered)
        assert back.status_code == 303, back.text
        answer = answer_in(back)
        assert (answer["state"], answer["iss"]) == ("as it was", self.desk.url)
        return answer["code"]

    def token(self, **form: str) -> httpx.Response:
        """Call the token endpoint."""
        return self.browser.post("/token", data=form)

    def redeem(self, client_id: str, code: str, /, **given: str) -> httpx.Response:
        """A code for tokens."""
        usual = {
            "grant_type": "authorization_code",
            "client_id": client_id,
            "code": code,
            "redirect_uri": REDIRECT,
            "code_verifier": VERIFIER,
        }
        return self.token(**{**usual, **given})

    def renew(self, client_id: str, refresh_token: str) -> httpx.Response:
        """A refresh token for tokens."""
        return self.token(grant_type="refresh_token", client_id=client_id, refresh_token=refresh_token)

    def sign_in(self, *, access: str = "write", key: str = "", **given: str) -> tuple[str, dict[str, Any]]:
        """The client and its tokens."""
        client_id: str = self.register()["client_id"]
        answer = self.redeem(client_id, self.code(client_id, access=access, key=key, **given))
        assert answer.status_code == 200, answer.text
        return client_id, answer.json()

    def mcp(self, token: str, method: str = "tools/list", path: str = "/mcp", **params: Any) -> httpx.Response:
        """A message to the MCP server."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        return self.browser.post(path, json=message, headers=headers)


def answer_in(response: httpx.Response) -> Mapping[str, str]:
    """What a redirect carries to the client."""
    return dict(parse_qsl(urlsplit(response.headers["location"]).query))
