"""Documents are found from `/swagger` on, on real servers, and nothing but the site is asked."""

import gzip

import pytest
from aiohttp import web

from connector.deskdirector.discovery.findings import SIGN_IN, Findings
from connector.deskdirector.discovery.reading import GUESSES, Limits, read_files, read_site
from connector.deskdirector.discovery.site_routes import asking
from connector.deskdirector.discovery.targets import targets
from tests.deskdirector.discovery.openapi import OURS, openapi3, raw, swagger2
from tests.deskdirector.discovery.pages import (
    CLASSIC_PAGE,
    LOGIN_PAGE,
    NSWAG_PAGE,
    NSWAG_SINGLE_PAGE,
    SWASHBUCKLE_PAGE,
    SWASHBUCKLE_SCRIPT,
)
from tests.upstream_servers import KEY, Answer, Upstream, hang_up, serving, status

DOCUMENT = openapi3(OURS)
EXACT = {"ADD_TICKET_NOTE", "LIST_TICKET_NOTES", "APPROVE_TICKET", "UPDATE_CONTACT", "CONTACT_USER_KEY"}


def text(content: str, kind: str = "text/html") -> Answer:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=content, content_type=kind)

    return answer


def redirect(location: str, code: int = 301) -> Answer:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=code, headers={"Location": location})

    return answer


def with_key(then: Answer, *, refused: int = 401) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        return await then(request) if "Authorization" in request.headers else web.Response(status=refused)

    return answer


async def read(upstream: Upstream, limits: Limits = Limits()) -> Findings:  # noqa: B008
    dd = upstream.desk()
    async with asking(dd.connection, dd.settings, limits) as ask:
        return await read_site(dd.site, ask, targets(), limits)


def swashbuckle(upstream: Upstream) -> None:
    upstream.on("GET /swagger", redirect("swagger/index.html"))
    upstream.on("GET /swagger/index.html", text(SWASHBUCKLE_PAGE))
    upstream.on("GET /swagger/index.js", text(SWASHBUCKLE_SCRIPT, "application/javascript"))
    upstream.on("GET /swagger/v2/swagger.json", DOCUMENT)


def exact_of(findings: Findings) -> set[str]:
    return {name for name in findings.matches if findings.exact(name)}


def asked(upstream: Upstream) -> list[str]:
    return [path for _, path, _ in upstream.calls]


async def test_a_site_of_this_vendors_kind_is_read(upstream: Upstream) -> None:
    swashbuckle(upstream)
    upstream.on("GET /swagger/v4/swagger.json", status(500))

    findings = await read(upstream)

    assert exact_of(findings) >= EXACT
    assert {(document.name, document.operations, document.problem) for document in findings.documents} == {
        ("v1", 0, "it answered 404"), ("v2", len(OURS), ""), ("v4", 0, "it answered 500")
    }  # fmt: skip
    assert {authorization for _, _, authorization in upstream.calls} == {""}
    assert {method for method, _, _ in upstream.calls} == {"GET"}


async def test_other_generators_are_read(upstream: Upstream) -> None:
    upstream.on("GET /swagger", redirect("/swagger/index.html", 302))
    upstream.on("GET /swagger/index.html", text(NSWAG_PAGE))
    upstream.on("GET /swagger/v2/swagger.json", DOCUMENT)
    assert exact_of(await read(upstream)) >= EXACT

    upstream.on("GET /swagger", redirect("/swagger/index.html?url=/swagger/v1/swagger.json", 302))
    upstream.on("GET /swagger/index.html", text(NSWAG_SINGLE_PAGE))
    upstream.on("GET /swagger/v1/swagger.json", DOCUMENT)
    assert exact_of(await read(upstream)) >= EXACT

    upstream.on("GET /swagger", redirect(f"http://{upstream.host}/swagger/ui/index"))
    upstream.on("GET /swagger/ui/index", text(CLASSIC_PAGE))
    upstream.on("GET /swagger/docs/v2", swagger2(OURS))
    assert exact_of(await read(upstream)) >= EXACT


async def test_the_address_may_be_a_document_itself(upstream: Upstream) -> None:
    upstream.on("GET /swagger", DOCUMENT)

    assert exact_of(await read(upstream)) >= EXACT


@pytest.mark.parametrize("path", [one for group in GUESSES for one in group if one.endswith(("json", "v2"))])
async def test_without_a_page_documents_are_tried_where_they_usually_stand(upstream: Upstream, path: str) -> None:
    upstream.on(f"GET {path}", DOCUMENT)

    findings = await read(upstream)

    assert len(findings.documents) == 1
    assert findings.operations == len(OURS)


async def test_the_list_that_some_versions_serve_is_used(upstream: Upstream) -> None:
    upstream.on("GET /swagger/documentUrls", [{"url": "special/swagger.json", "name": "x"}])
    upstream.on("GET /swagger/special/swagger.json", DOCUMENT)

    assert exact_of(await read(upstream)) >= EXACT


async def test_a_listed_yaml_document_is_asked_for_as_json(upstream: Upstream) -> None:
    upstream.on("GET /swagger/documentUrls", [{"url": "v2/swagger.yaml"}])
    upstream.on("GET /swagger/v2/swagger.json", DOCUMENT)

    assert exact_of(await read(upstream)) >= EXACT
    assert "/swagger/v2/swagger.yaml" not in asked(upstream)


async def test_a_closed_page_is_tried_once_with_the_key(upstream: Upstream) -> None:
    swashbuckle(upstream)
    upstream.on("GET /swagger/index.html", with_key(text(SWASHBUCKLE_PAGE)))
    upstream.on("GET /swagger", with_key(text(SWASHBUCKLE_PAGE), refused=403))
    upstream.on("GET /index.js", text(SWASHBUCKLE_SCRIPT))
    upstream.on("GET /swagger/v2/swagger.json", with_key(status(200, DOCUMENT)))

    findings = await read(upstream)

    assert exact_of(findings) >= EXACT
    assert not any(KEY.partition(":")[2] in problem for problem in findings.problems)


@pytest.mark.parametrize(
    "closed",
    [
        status(401),
        status(403),
        redirect("https://login.example/authorize?x=1", 302),
        redirect("/account/login?ReturnUrl=%2Fswagger", 302),
        text(LOGIN_PAGE),
    ],
)
async def test_a_page_that_needs_a_sign_in_is_a_normal_answer(upstream: Upstream, closed: Answer) -> None:
    upstream.on("GET /swagger", closed)

    findings = await read(upstream)

    assert (findings.matches, findings.problems) == ({}, (SIGN_IN,))
    assert len([path for path in asked(upstream) if path == "/swagger"]) == 2
    assert "/account/login" not in asked(upstream)


async def test_behind_a_closed_page_the_documents_may_be_open(upstream: Upstream) -> None:
    upstream.on("GET /swagger", status(401))
    upstream.on("GET /swagger/v2/swagger.json", DOCUMENT)

    findings = await read(upstream)

    assert exact_of(findings) >= EXACT
    assert findings.problems == ()


async def test_the_key_does_not_follow_a_redirect(upstream: Upstream) -> None:
    upstream.on("GET /swagger", with_key(redirect("/elsewhere", 302)))
    upstream.on("GET /elsewhere", status(401))

    await read(upstream)

    assert [bool(authorization) for _, path, authorization in upstream.calls if path == "/elsewhere"] == [False]


@pytest.mark.parametrize(
    "answer", [text("<html>welcome</html>"), status(404), status(500), hang_up, redirect("/swagger"), status(204)]
)
async def test_whatever_is_answered_everywhere_is_survived(upstream: Upstream, answer: Answer) -> None:
    class Everything(dict[str, Answer]):
        def get(self, route: str, default: object = None) -> Answer:
            return answer

    upstream.routes = Everything()

    findings = await read(upstream)

    assert findings.matches == {}
    assert findings.problems
    assert len(upstream.calls) <= Limits().requests


async def test_other_hosts_are_named_and_never_asked(upstream: Upstream) -> None:
    async with serving() as other:
        addresses = [
            f"http://{other.host}/d.json", f"//{other.host}/d.json", f"http://{upstream.host}@{other.host}/d.json"
        ]  # fmt: skip
        upstream.on("GET /swagger/documentUrls", [{"url": address} for address in addresses])
        upstream.on("GET /swagger/v2/swagger.json", redirect(f"http://{other.host}/d.json", 302))

        findings = await read(upstream)

        assert other.calls == []
    assert len([problem for problem in findings.problems if "is not on this site" in problem]) == 3


async def test_a_document_of_fifty_megabytes_is_not_read(upstream: Upstream) -> None:
    async def huge(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "application/json"})
        await answer.prepare(request)
        for _ in range(50):
            await answer.write(b" " * 2**20)
        return answer

    swashbuckle(upstream)
    upstream.on("GET /swagger/v1/swagger.json", huge)

    findings = await read(upstream)

    assert exact_of(findings) >= EXACT
    assert any("larger than 16 MiB" in problem for problem in findings.problems)


async def test_a_small_answer_that_unpacks_to_much_is_not_read(upstream: Upstream) -> None:
    packed = gzip.compress(b" " * (40 * 2**20))

    async def bomb(_: web.Request) -> web.Response:
        headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
        return web.Response(body=packed, headers=headers)

    upstream.on("GET /swagger/v2/swagger.json", bomb)

    findings = await read(upstream)

    assert any("larger than 16 MiB" in problem for problem in findings.problems)


async def test_a_page_that_is_too_large_is_not_searched(upstream: Upstream) -> None:
    upstream.on("GET /swagger", text("x" * (600 * 1024) + NSWAG_PAGE))
    upstream.on("GET /swagger/v3/swagger.json", DOCUMENT)

    findings = await read(upstream)

    assert any("is larger than" in problem for problem in findings.problems)


async def test_more_documents_than_any_site_has_are_not_all_read(upstream: Upstream) -> None:
    upstream.on("GET /swagger/documentUrls", [{"url": f"/d{n}.json"} for n in range(30)])
    for n in range(30):
        upstream.on(f"GET /d{n}.json", openapi3([], f"v{n}"))

    findings = await read(upstream)

    assert len(findings.documents) == Limits().documents
    assert len(upstream.calls) <= Limits().requests


async def test_a_site_that_takes_its_time_is_given_up(upstream: Upstream) -> None:
    swashbuckle(upstream)

    async def never(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while request.transport and not request.transport.is_closing():
            await answer.write(b" ")
        return answer

    upstream.on("GET /swagger/v1/swagger.json", never)

    findings = await read(upstream, Limits(seconds=1, document=2**40))

    assert findings.problems == ("Reading was ended after 1 seconds.",)


async def test_saved_files_are_read_without_a_site() -> None:
    findings = await read_files([("v2.json", raw(DOCUMENT)), ("notes.txt", b"hello")], targets())

    assert exact_of(findings) >= EXACT
    assert [(document.name, document.problem) for document in findings.documents] == [
        ("v2", ""),
        ("notes.txt", "it is not JSON"),
    ]


async def test_what_is_kept_is_what_was_found(upstream: Upstream) -> None:
    swashbuckle(upstream)

    findings = await read(upstream)

    assert Findings.from_json(findings.to_json()) == findings
    for broken in (b"", b"{}", b"[]", b'{"format":1}', findings.to_json().replace(b'"score"', b'"points"')):
        assert Findings.from_json(broken) is None
