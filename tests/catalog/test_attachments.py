"""Files of tickets and notes: listed, fetched, attached."""

import base64
from typing import Any

import pytest

from tests.desk import Desk, generous
from workbench.simulator.records import Attachment

PICTURE = bytes(range(256)) * 4
NAME = 'Drücker "2".png'


def ticket_with_file(desk: Desk, content: bytes = PICTURE) -> int:
    ticket = next(iter(desk.tenant.tickets.values()))
    ticket.attachments[:] = [Attachment("file-1", NAME, "image/png", content)]
    return ticket.id


@generous
def test_a_file_is_listed_and_fetched(desk: Desk) -> None:
    ticket_id = ticket_with_file(desk)

    (file,) = desk.call("ListTicketAttachments", ticketId=ticket_id).json["results"]
    fetched = desk.call("GetTicketAttachment", ticketId=ticket_id, attachmentId=file["id"]).json

    assert file == {"id": "file-1", "name": NAME, "contentType": "image/png", "size": len(PICTURE)}
    assert base64.b64decode(fetched.pop("content")) == PICTURE
    assert fetched == file


@generous
def test_a_file_is_attached_as_it_is(desk: Desk) -> None:
    ticket_id = list(desk.tenant.tickets)[1]
    encoded = base64.b64encode(PICTURE).decode()

    added = desk.call("AddTicketAttachment", ticketId=ticket_id, name=NAME, content=encoded, contentType="image/png")

    assert (added.status, added.json["name"], added.json["size"]) == (200, "Drücker %222%22.png", len(PICTURE))
    assert [file.content for file in desk.tenant.tickets[ticket_id].attachments] == [PICTURE]


@generous
def test_a_web_page_is_a_file_when_it_is_sent_as_one(desk: Desk) -> None:
    ticket = next(iter(desk.tenant.tickets.values()))
    ticket.attachments.append(Attachment("page", "page.html", "text/html", b"<html>hello</html>"))

    fetched = desk.call("GetTicketAttachment", ticketId=ticket.id, attachmentId="page")

    assert fetched.status == 200, fetched.json
    assert (fetched.status, base64.b64decode(fetched.json["content"])) == (200, b"<html>hello</html>")


@generous
def test_a_large_file_is_refused_with_what_to_do(desk: Desk) -> None:
    ticket_id = ticket_with_file(desk, b"x" * (10 * 1024 * 1024 + 1))

    refused = desk.call("GetTicketAttachment", ticketId=ticket_id, attachmentId="file-1")

    assert (refused.status, refused.code) == (413, "AttachmentTooLarge")


def test_content_that_is_no_base64_is_refused_before_anything_is_sent(desk: Desk) -> None:
    refused = desk.call("AddTicketAttachment", ticketId=next(iter(desk.tenant.tickets)), name="a.txt", content="Hello!")

    assert (refused.status, refused.code) == (400, "ContentNotBase64")
    assert [call for call in desk.simulator.calls if call.method == "POST"] == []


@pytest.mark.parametrize("desk", ["proven"], indirect=True)
@pytest.mark.parametrize("operation", ["ListTicketAttachments", "GetTicketAttachment", "AddTicketAttachment"])
def test_a_site_without_the_routes_says_so(desk: Desk, operation: str) -> None:
    more: dict[str, dict[str, Any]] = {
        "GetTicketAttachment": {"attachmentId": "x"},
        "AddTicketAttachment": {"name": "a", "content": "YQ=="},
    }

    refused = desk.call(operation, ticketId=next(iter(desk.tenant.tickets)), **more.get(operation, {}))

    assert (refused.status, refused.code) == (404, "RouteNotFound")
