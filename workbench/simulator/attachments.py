"""Files of tickets. They exist in DeskDirector (v4 ticket family), at paths that nobody has published.

The paths and shapes here are guesses; that an attachment is a reference with a text as id is sure (TicketNote).
"""

from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import quote

from workbench.simulator.auth import Access
from workbench.simulator.call import Call
from workbench.simulator.records import Attachment
from workbench.simulator.router import Routes
from workbench.simulator.tickets import ticket_of
from workbench.simulator.wire import Answer, bad_request, not_found

routes = Routes("/api/v2/tickets/{ticketId}")


@routes.get("/attachments", allow=Access.STAFF, assumed=True)
def list_attachments(call: Call) -> dict[str, Any]:
    """The files of a ticket."""
    files = ticket_of(call).attachments
    return {"results": [attachment_object(file) for file in files], "totalResults": len(files)}


@routes.get("/attachments/{attachmentId}", allow=Access.STAFF, assumed=True)
def download_attachment(call: Call) -> Answer:
    """The content of a file."""
    key = call.params["attachmentId"]
    file = next((attached for attached in ticket_of(call).attachments if attached.id == key), None)
    if file is None:
        raise not_found("Attachment", key)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{_quoted(file.name)}"}
    return Answer(200, file.content, headers, file.content_type)


@routes.post("/attachments", allow=Access.STAFF, assumed=True)
def upload_attachment(call: Call) -> dict[str, Any]:
    """Attach the file of a form."""
    if not isinstance(call.body, dict) or not isinstance(call.body.get("file"), Attachment):
        raise bad_request(file="The file field is required.")
    file = call.body["file"]
    file.id = call.tenant.next_name("file")
    ticket = ticket_of(call)
    ticket.attachments.append(file)
    call.tenant.touch(ticket)
    return attachment_object(file)


def attachment_object(file: Attachment) -> dict[str, Any]:
    """As lists show a file."""
    return {"id": file.id, "name": file.name, "contentType": file.content_type, "size": len(file.content)}


def parts_of(content: bytes, content_type: str) -> dict[str, Attachment]:
    """The files of a `multipart/form-data` body, by field."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + content)
    files = {}
    for part in message.iter_parts():
        name = str(part.get_param("name", "", header="content-disposition"))
        data = part.get_payload(decode=True)
        files[name] = Attachment(
            "", part.get_filename() or "", part.get_content_type(), data if isinstance(data, bytes) else b""
        )
    return files


def _quoted(name: str) -> str:
    return quote(name, safe="")
