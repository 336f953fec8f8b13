"""A success without a body is a success."""

import pytest
from aiohttp import web

from connector.deskdirector import endpoints as api
from connector.deskdirector import errors
from connector.deskdirector.entities.messages import Notification
from connector.deskdirector.entities.people import Contact
from connector.deskdirector.entities.tickets import Ticket, Tickets, UpdatedTicket
from tests.upstream_servers import Answer, Upstream, status

PREFIX = "/api/v2/automate/connector"
CREATE = f"POST {PREFIX}/tickets"
READ = f"GET {PREFIX}/tickets/7"
TICKET = {"id": 7, "name": "Printer"}


def bare(code: int, content: bytes = b"", **headers: str) -> Answer:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=code, body=content, headers=headers)

    return answer


async def create(upstream: Upstream) -> Ticket:
    return await upstream.desk().fetch(api.CREATE_TICKET, Ticket, query={"requestTypeId": 3}, body={"name": "Printer"})


@pytest.mark.parametrize("content", [b"", b"null", b"{}", b'""', b" \r\n"])
@pytest.mark.parametrize("code", [200, 202, 204])
async def test_what_was_changed_is_read_back(upstream: Upstream, code: int, content: bytes) -> None:
    upstream.on(f"PATCH {PREFIX}/tickets/7", bare(code, b"" if code == 204 else content))
    upstream.on(READ, TICKET)

    for model in (Ticket, UpdatedTicket):
        found = await upstream.desk().fetch(api.UPDATE_TICKET, model, path={"ticketId": 7}, body={"statusId": 4})
        assert (found.id, found.title, bool(found.url)) == (7, "Printer", True)


async def test_an_approval_is_read_back_as_its_ticket(upstream: Upstream) -> None:
    upstream.on("POST /api/v2/tickets/7/approve", bare(204))
    upstream.on(READ, TICKET)

    assert (await upstream.desk().fetch(api.APPROVE_TICKET, Ticket, path={"ticketId": 7})).title == "Printer"


@pytest.mark.parametrize("code", [200, 204])
async def test_a_list_is_empty(upstream: Upstream, code: int) -> None:
    upstream.on(f"POST {PREFIX}/tickets/find", bare(code))

    found = await upstream.desk().fetch(api.FIND_TICKETS, Tickets, body={"take": 5})

    assert found.results == []


async def test_a_notification_is_accepted(upstream: Upstream) -> None:
    upstream.on(f"POST {PREFIX}/contacts/5/notifications", bare(202))

    sent = await upstream.desk().fetch(
        api.CREATE_CONTACT_NOTIFICATION, Notification, path={"contactId": 5}, body={"title": "Hi"}
    )

    assert sent.id is None


@pytest.mark.parametrize(
    "where", [f"{PREFIX}/tickets/7", "http://{host}" + f"{PREFIX}/tickets/7", "HTTP://{host}/api/v4/x/7"]
)
async def test_what_was_made_is_read_where_location_says(upstream: Upstream, where: str) -> None:
    upstream.on(CREATE, bare(201, location=where.format(host=upstream.host)))
    upstream.on(READ, TICKET)
    upstream.on("GET /api/v4/x/7", TICKET)

    assert (await create(upstream)).title == "Printer"
    assert upstream.count(CREATE) == 1


async def test_what_cannot_be_read_there_has_its_id(upstream: Upstream) -> None:
    upstream.on(CREATE, bare(201, location="/tech/tickets/7"))

    made = await create(upstream)

    assert (made.id, made.title) == (7, None)


@pytest.mark.parametrize(
    "where", ["https://elsewhere.example.com/api/v2/tickets/7", "//elsewhere.example.com/api/v2/x/7", ""]
)
async def test_a_location_elsewhere_is_not_followed(upstream: Upstream, where: str) -> None:
    upstream.on(CREATE, bare(201, location=where) if where else bare(201))

    with pytest.raises(errors.OutcomeUnknown) as caught:
        await create(upstream)

    assert "look in DeskDirector before you repeat it" in caught.value.message
    assert upstream.count(CREATE) == len(upstream.calls) == 1


async def test_what_was_made_but_cannot_be_read_is_never_made_again(upstream: Upstream) -> None:
    upstream.on(CREATE, bare(201, location=f"{PREFIX}/tickets/7"))
    upstream.on(READ, status(403))
    desk = upstream.desk()

    with pytest.raises(errors.OutcomeUnknown):
        await desk.fetch(api.CREATE_TICKET, Ticket, query={"requestTypeId": 3}, body={"name": "Printer"})

    assert desk.may_have_created


async def test_an_update_that_cannot_be_read_back_may_be_repeated(upstream: Upstream) -> None:
    upstream.on(f"PATCH {PREFIX}/contacts/5", bare(204))
    upstream.on(f"GET {PREFIX}/contacts/5", status(404))

    with pytest.raises(errors.NotFound):
        await upstream.desk().fetch(api.UPDATE_CONTACT, Contact, path={"contactId": 5}, body={"email": "a@example.com"})


async def test_a_bare_id_is_an_answer_to_a_create(upstream: Upstream) -> None:
    upstream.on(CREATE, bare(200, b"7"))

    assert (await create(upstream)).id == 7
