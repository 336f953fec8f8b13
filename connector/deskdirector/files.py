"""Files on their way: what a download answers, and what an upload sends."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from email.utils import collapse_rfc2231_value

from connector.deskdirector.upstream_errors import not_an_api


@dataclass(frozen=True, slots=True)
class File:
    """A file; `name` and `content_type` are empty where they are not known."""

    content: bytes = field(repr=False)
    name: str = ""
    content_type: str = ""


def file_of(headers: Mapping[str, str], content: bytes) -> File:
    """The file in an answer; `BadGateway` for a web page (a sign-in, say) that is not sent as a file."""
    disposition = Message()
    disposition["content-disposition"] = headers.get("content-disposition", "")
    raw_name = disposition.get_param("filename", "", header="content-disposition")
    name = collapse_rfc2231_value(raw_name).replace("\\", "/").rpartition("/")[2].strip()
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "text/html" and not name:
        raise not_an_api("DeskDirector answered a web page instead of a file.")
    return File(content, name, kind)


def form_data(file: File) -> tuple[bytes, str]:
    """A file as `multipart/form-data`, and the content type with its boundary."""
    boundary = secrets.token_hex(16)
    quoted = file.name.replace("\\", "_").replace('"', "%22").replace("\r", "").replace("\n", "")
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{quoted}"\r\n'
        f"Content-Type: {file.content_type or 'application/octet-stream'}\r\n\r\n"
    )
    return (
        head.encode() + file.content + f"\r\n--{boundary}--\r\n".encode(),
        f"multipart/form-data; boundary={boundary}",
    )
