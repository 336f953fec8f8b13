"""HTTP functions behave behind this host as behind the one in Azure."""

import socket
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.localhost import LocalHost


def test_routes_have_the_prefix_and_ignore_case_and_a_trailing_slash(client: httpx.Client) -> None:
    assert client.get("/api/ping").text == "pong"
    assert client.get("/API/Ping/").text == "pong"
    assert client.get("/ping").status_code == 404


def test_functions_are_tried_in_the_order_of_their_names(client: httpx.Client) -> None:
    assert client.get("/api/items/7").text == "number 7"
    assert client.get("/api/items/recent").text == "name recent"


@pytest.mark.parametrize("method", ["POST", "HEAD", "OPTIONS", "PUT", "TRACE"])
def test_a_wrong_method_is_not_found(client: httpx.Client, method: str) -> None:
    answer = client.request(method, "/api/ping")
    assert (answer.status_code, answer.content) == (404, b"")


def test_a_request_arrives_whole(client: httpx.Client, web: LocalHost) -> None:
    seen = client.post(
        "/api/echo/a%2Fb/c%20d?x=1&X=2&x=&empty=&y=%C3%A9+z",
        content=b"\x00\xff",
        headers=[(b"X-Many", b"1"), (b"x-many", b"2"), (b"X-Umlaut", "ü".encode())],
    ).json()
    assert seen["method"] == "POST"
    assert seen["url"] == web.url + "/api/echo/a%2Fb/c%20d?x=1&X=2&x=&empty=&y=%C3%A9+z"
    assert seen["route"] == {"rest": "a%2Fb/c d"}
    assert seen["query"] == {"x": "1,2,", "y": "é z"}
    assert (seen["headers"]["x-many"], seen["headers"]["x-umlaut"]) == ("1,2", "ü")
    assert seen["body"] == "\x00\xff"


@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
@given(body=st.binary(max_size=3000))
def test_any_body_arrives_as_it_was_sent(client: httpx.Client, body: bytes) -> None:
    assert client.post("/api/echo", content=body).json()["body"].encode("latin-1") == body


def test_a_chunked_body_arrives_empty_as_in_azure(client: httpx.Client) -> None:
    assert client.post("/api/echo", content=iter([b"some", b"thing"])).json()["body"] == ""
    assert client.get("/api/ping").text == "pong"


def test_a_body_over_the_limit_is_refused(client: httpx.Client) -> None:
    assert client.post("/api/echo", content=b"x" * 1_000_000).status_code == 200
    refused = client.post("/api/echo", content=b"x" * 1_000_001)
    assert (refused.status_code, refused.content) == (413, b"")


def test_an_answer_goes_out_as_the_function_made_it(client: httpx.Client) -> None:
    headers = [["X-One", "1"], ["x-one", "2"], ["Content-Length", "999"], ["Transfer-Encoding", "chunked"]]
    cookies = [["Set-Cookie", "a=1; Path=/; HttpOnly"], ["Set-Cookie", "b=2"]]
    answer = client.post("/api/shaped", json={"status": 418, "headers": headers + cookies, "body": "tea"})
    assert (answer.status_code, answer.text) == (418, "tea")
    assert answer.headers.get_list("x-one") == ["1"]
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert [cookie.split(";")[0] for cookie in answer.headers.get_list("set-cookie")] == ["a=1", "b=2"]
    assert answer.headers["content-length"] == "3"
    assert "transfer-encoding" not in answer.headers


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_that_has_no_body_by_definition_has_none(client: httpx.Client, status: int) -> None:
    answer = client.post("/api/shaped", json={"status": status, "body": "too much"})
    assert (answer.status_code, answer.content) == (status, b"")
    assert client.get("/api/ping").text == "pong"


@pytest.mark.parametrize(
    "asked",
    [
        {"headers": [["X-Bad", "a\u0000b"]]},
        {"headers": [["X-Bad", "日本"]]},
        {"headers": [["X Bad", "1"]]},
        {"headers": [["", "1"]]},
        {"status": 99},
        {"status": 600},
    ],
)
def test_an_answer_that_http_cannot_carry_is_a_500(client: httpx.Client, asked: object) -> None:
    answer = client.post("/api/shaped", json=asked)
    assert (answer.status_code, answer.content) == (500, b"")


@pytest.mark.parametrize("path", ["/api/raises", "/api/nothing"])
def test_a_failing_function_is_an_empty_500(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.content) == (500, b"")


def test_a_synchronous_function_answers_from_a_thread(client: httpx.Client) -> None:
    answer = client.get("/api/sync")
    assert (answer.text, answer.headers["content-type"]) == ("from a thread", "text/plain; charset=utf-8")


def test_a_disabled_function_is_not_found(client: httpx.Client) -> None:
    assert client.get("/api/off").status_code == 404


def test_the_home_page_and_the_administration(client: httpx.Client) -> None:
    assert "running" in client.get("/").text
    assert client.get("/admin/host/status").json()["state"] == "Running"
    assert "ping" in [function["name"] for function in client.get("/admin/functions").json()]
    assert client.post("/admin/functions/ping", json={}).status_code == 404
    assert client.get("/admin/nothing").status_code == 404


def test_the_log_has_the_records_and_tracebacks_of_the_app_and_no_urls(client: httpx.Client, web: LocalHost) -> None:
    client.get("/api/logs?token=record-token")
    client.get("/api/raises?code=caller-key")
    assert "app: a record for " in web.log
    assert "raises failed: RuntimeError" in web.log
    assert "function_app.py" in web.log
    assert "code=***" in web.log
    for secret in ("secret-in-a-url", "record-token", "caller-key"):
        assert secret not in web.log


def test_a_client_that_leaves_in_the_middle_of_its_body_harms_nobody(client: httpx.Client, web: LocalHost) -> None:
    address = urlsplit(web.url)
    with socket.create_connection((str(address.hostname), address.port or 0)) as connection:
        connection.sendall(b"POST /api/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
    assert client.get("/api/ping").text == "pong"
    assert "Traceback" not in web.log.partition("half")[2]


@pytest.mark.parametrize("host", ["[bad", "a b", "evil/../x", "user@host"])
def test_a_host_header_that_is_none_is_a_400(client: httpx.Client, host: str) -> None:
    answer = client.get("/api/health", headers={"Host": host})

    assert (answer.status_code, answer.content) == (400, b"")
