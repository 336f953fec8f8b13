"""What a site's documents say is used by calls, once read, and never stands in their way."""

import asyncio
from collections.abc import Callable

import pytest
from aiohttp import web

from connector.deskdirector import endpoints as api
from connector.deskdirector import errors
from connector.deskdirector.client import DeskDirector, contact
from connector.deskdirector.connection import Connection
from connector.deskdirector.discovery.findings import Findings
from connector.deskdirector.discovery.site_routes import FindingsKeeper, Recalled, site_routes
from connector.deskdirector.missing_routes import ROUTE_NOT_FOUND
from tests.deskdirector.discovery.openapi import NOTE_ANSWER, NOTE_BODY, TICKET_ANSWER, Made, openapi3
from tests.upstream_servers import KEY, Answer, Upstream, serving, status

TICKET = "GET /api/v2/automate/connector/tickets/7"
DOCUMENT = "GET /swagger/v2/swagger.json"
OURS, THEIRS, ALIKE = (
    f"POST /api/v2/{path}" for path in ("tickets/7/notes", "ticket/7/notes", "tickets/7/comments")
)  # fmt: skip
NOTE = {"id": 1, "note": "x"}


def documented(path: str) -> dict[str, object]:
    return openapi3([Made("POST", path, NOTE_BODY, NOTE_ANSWER)])


@pytest.fixture
def site(upstream: Upstream) -> Upstream:
    """A site with ticket 7 that has the route for notes elsewhere, and says so."""
    upstream.on(TICKET, {"id": 7})
    upstream.on(DOCUMENT, documented("/api/v2/ticket/{id}/notes"))
    upstream.on(THEIRS, NOTE)
    return upstream


class Memory(FindingsKeeper):
    """A keeper as another process would meet it."""

    def __init__(self, recalled: Recalled | None = None) -> None:
        self.recalled = recalled or Recalled(None, is_to_be_read=True, is_final=False)
        self.kept: list[bytes] = []

    async def recall(self, site: str) -> Recalled:
        return self.recalled

    async def keep(self, site: str, content: bytes) -> None:
        self.kept.append(content)


class Broken(FindingsKeeper):
    """A keeper whose store is away."""

    async def recall(self, site: str) -> Recalled:
        raise errors.Unavailable("StorageUnavailable", "The store is away.", retry_after=1)

    async def keep(self, site: str, content: bytes) -> None:
        raise errors.Unavailable("StorageUnavailable", "The store is away.", retry_after=1)


def desk(upstream: Upstream, keeper: FindingsKeeper | None = None, **values: object) -> DeskDirector:
    settings = upstream.settings(**{"discovery": "use", **values})
    connection = Connection.from_headers({"dd-host": upstream.host, "dd-api-key": KEY}, settings)
    return DeskDirector(connection, settings, keeper)


async def add_note(upstream: Upstream, keeper: FindingsKeeper | None = None, **values: object) -> object:
    dd = desk(upstream, keeper, **values)
    return (await dd.call(api.ADD_TICKET_NOTE, path={"ticketId": 7}, body={"note": "x"})).json()


async def refusal(upstream: Upstream, keeper: FindingsKeeper | None = None, **values: object) -> errors.ConnectorError:
    with pytest.raises(errors.ConnectorError) as caught:
        await add_note(upstream, keeper, **values)
    return caught.value


async def test_an_exact_match_is_called_where_the_site_has_it(site: Upstream) -> None:
    assert await add_note(site) == NOTE
    assert await add_note(site) == NOTE

    assert (site.count(OURS), site.count(THEIRS), site.count(DOCUMENT)) == (1, 2, 1)


async def test_what_works_where_we_assume_it_needs_no_reading(site: Upstream) -> None:
    site.on(OURS, NOTE)

    assert await add_note(site) == NOTE
    assert [path for _, path, _ in site.calls if "swagger" in path] == []


async def test_what_is_only_alike_is_named_and_not_called(site: Upstream) -> None:
    site.on(DOCUMENT, documented("/api/v2/tickets/{id}/comments"))
    site.on(ALIKE, NOTE)

    problem = await refusal(site)

    assert problem.code == ROUTE_NOT_FOUND
    assert "It lists POST /api/v2/tickets/{ticketId}/comments, which looks alike" in problem.message
    assert site.count(ALIKE) == 0


async def test_that_nothing_was_found_says_where_it_was_looked_for(site: Upstream) -> None:
    site.on(DOCUMENT, openapi3([Made("GET", "/api/v2/things/{id}", answer=TICKET_ANSWER)]))

    assert "None was found in the 1 operations of its documents v2." in (await refusal(site)).message


async def test_that_the_page_needs_a_sign_in_is_said(site: Upstream) -> None:
    site.on("GET /swagger", status(401))
    site.on(DOCUMENT, status(401))

    assert "needs a sign-in, so its documents were not read." in (await refusal(site)).message


async def test_proposals_are_never_called_when_only_they_are_wanted(site: Upstream) -> None:
    problem = await refusal(site, discovery="propose")

    assert "It lists POST /api/v2/ticket/{ticketId}/notes" in problem.message
    assert site.count(THEIRS) == 0


async def test_nothing_is_read_when_it_is_off(site: Upstream) -> None:
    assert (await refusal(site, discovery="off")).code == ROUTE_NOT_FOUND
    assert site.count(DOCUMENT) == 0


async def test_a_setting_is_above_the_sites_word(site: Upstream) -> None:
    site.on("POST /api/v9/tickets/7/remarks", NOTE)
    moved = {"ADD_TICKET_NOTE": "/api/v9/tickets/{ticketId}/remarks"}
    assert await add_note(site, endpoints=moved) == NOTE

    wrong = {"ADD_TICKET_NOTE": "/api/v8/tickets/{ticketId}/remarks"}
    problem = await refusal(site, endpoints=wrong)

    assert "/api/v8/tickets/{ticketId}/remarks" in problem.message
    assert site.count(THEIRS) == 0


@pytest.mark.parametrize("answer", [status(404), status(405)])
async def test_a_found_route_that_is_gone_is_a_missing_route(site: Upstream, answer: Answer) -> None:
    await add_note(site)
    site.on(THEIRS, answer)

    problem = await refusal(site)

    assert problem.code == ROUTE_NOT_FOUND
    assert "/api/v2/ticket/{ticketId}/notes" in problem.message


async def test_where_the_documents_have_the_route_a_404_is_the_object(site: Upstream) -> None:
    """The ticket exists, but this contact does not see it."""
    site.on(DOCUMENT, documented("/api/v2/tickets/{id}/notes"))
    site.on("GET /api/v2/user/contact/3/userkey", {"userKey": "abc", "expires_in": 3600})
    dd = desk(site)

    with pytest.raises(errors.NotFound) as caught:
        await dd.call(api.ADD_TICKET_NOTE, path={"ticketId": 7}, body={"note": "x"}, user=contact(3))

    assert caught.value.code == "TicketNotFound"
    assert "contact 3" in caught.value.message


async def test_a_file_that_is_missing_is_no_missing_route(site: Upstream) -> None:
    site.on(DOCUMENT, openapi3([Made("GET", "/api/v2/tickets/{id}/attachments/{fileId}")]))
    dd = desk(site)

    with pytest.raises(errors.NotFound) as caught:
        await dd.call(api.GET_TICKET_ATTACHMENT, path={"ticketId": 7, "attachmentId": "a"})

    assert caught.value.code == "AttachmentNotFound"


@pytest.mark.parametrize("refused", [status(401), status(503)])
async def test_a_key_that_nothing_has_proven_good_starts_no_reading(site: Upstream, refused: Answer) -> None:
    """A method that is refused says nothing of the ticket, nor of the key."""
    site.on(OURS, status(405))
    site.on("GET /api/v2/automate/connector/connections/test", refused)

    assert (await refusal(site, budget_seconds=1)).code == ROUTE_NOT_FOUND
    assert site.count(DOCUMENT) == 0


async def test_a_missing_ticket_starts_no_reading(site: Upstream) -> None:
    site.on(TICKET, status(404))

    assert (await refusal(site)).code == "TicketNotFound"
    assert site.count(DOCUMENT) == 0


async def test_a_key_that_is_refused_starts_no_reading(site: Upstream) -> None:
    site.on(TICKET, status(401))

    assert (await refusal(site)).code == "ApiKeyRefused"
    assert [path for _, path, _ in site.calls if "swagger" in path] == []


async def test_one_reading_serves_all_who_wait_for_it(site: Upstream) -> None:
    async with asyncio.TaskGroup() as group:
        notes = [group.create_task(add_note(site)) for _ in range(10)]

    assert [note.result() for note in notes] == [NOTE] * 10
    assert site.count(DOCUMENT) == 1


async def test_a_slow_reading_goes_on_beside_the_call(site: Upstream) -> None:
    let_go = asyncio.Event()

    async def slow(_: web.Request) -> web.Response:
        await let_go.wait()
        return web.json_response(documented("/api/v2/ticket/{id}/notes"))

    site.on(DOCUMENT, slow)

    assert (await refusal(site, budget_seconds=2)).code == ROUTE_NOT_FOUND
    let_go.set()
    assert await add_note(site) == NOTE


async def test_sites_do_not_learn_from_each_other(site: Upstream) -> None:
    await add_note(site)
    async with serving() as other:
        other.on(TICKET, {"id": 7})
        other.on(THEIRS, NOTE)

        assert (await refusal(other)).code == ROUTE_NOT_FOUND
        assert other.count(THEIRS) == 0


async def test_what_was_read_is_kept_and_recalled(site: Upstream) -> None:
    keeper = Memory()
    await add_note(site, keeper)
    (kept,) = keeper.kept
    site_routes().__init__()  # type: ignore[misc]  # another process

    assert await add_note(site, Memory(Recalled(kept, is_to_be_read=False, is_final=True))) == NOTE
    assert site.count(DOCUMENT) == 1
    assert KEY.encode() not in kept


async def test_a_failed_reading_takes_nothing_away(site: Upstream) -> None:
    keeper = Memory()
    await add_note(site, keeper)
    (kept,) = keeper.kept
    site_routes().__init__()  # type: ignore[misc]
    site.on(DOCUMENT, status(500))
    later = Memory(Recalled(kept, is_to_be_read=True, is_final=False))

    assert await add_note(site, later) == NOTE
    assert later.kept == [kept]


async def test_what_another_process_reads_is_asked_for_again_soon(site: Upstream) -> None:
    keeper = Memory(Recalled(None, is_to_be_read=False, is_final=False))

    assert (await refusal(site, keeper)).code == ROUTE_NOT_FOUND
    assert (site.count(DOCUMENT), keeper.kept) == (0, [])


@pytest.mark.parametrize("keeper", [Broken, lambda: Memory(Recalled(b"broken", is_to_be_read=True, is_final=False))])
async def test_a_store_that_is_away_or_wrong_is_done_without(
    site: Upstream, keeper: Callable[[], FindingsKeeper]
) -> None:
    assert await add_note(site, keeper()) == NOTE


async def test_nothing_is_sent_twice(site: Upstream) -> None:
    """A found route that answers 500 to a create may have done it: it is not tried elsewhere."""
    site.on(THEIRS, status(500))

    assert isinstance(await refusal(site), errors.OutcomeUnknown)
    assert (site.count(OURS), site.count(THEIRS)) == (1, 1)


async def test_the_token_of_a_user_goes_with_the_call(site: Upstream) -> None:
    """The same user, at the other address."""
    site.on("GET /api/v2/user/contact/3/userkey", {"userKey": "abc", "expires_in": 3600})
    dd = desk(site)

    await dd.call(api.ADD_TICKET_NOTE, path={"ticketId": 7}, query={"x": 1}, body={"note": "x"}, user=contact(3))

    assert [key for method, path, key in site.calls if f"{method} {path}" == THEIRS] == ["DdAccessToken abc"]


def test_nothing_found_says_nothing() -> None:
    assert Findings().hint("ADD_TICKET_NOTE") == ""
