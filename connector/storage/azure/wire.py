"""How entities and messages look on the wire: JSON with the types of OData, batches of them, and the queues' XML."""

import base64
import html
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeAlias
from urllib.parse import quote

EntityLike: TypeAlias = Mapping[str, Any]

TYPE: Final = "@odata.type"
JSON: Final = {
    "content-type": "application/json",
    "accept": "application/json;odata=minimalmetadata",
    "dataserviceversion": "3.0",
}
QUIET: Final = {**JSON, "prefer": "return-no-content"}
LARGEST_INT32: Final = 2**31
STATUS: Final = re.compile(rb"HTTP/1\.1 (\d{3})")
ETAG: Final = re.compile(rb"^etag:\s*(.+?)\s*$", re.IGNORECASE | re.MULTILINE)


class Entity(dict[str, Any]):
    """An entity that was read, with its ETag."""

    etag: str = ""


class Change(NamedTuple):
    """One change of a transaction: `insert`, `put` (insert or replace), `merge`, `replace` or `delete`.

    The last three need the ETag, or `*` for whatever is there.
    """

    kind: str
    entity: EntityLike
    etag: str = "*"


METHODS: Final = {"insert": "POST", "put": "PUT", "merge": "PATCH", "replace": "PUT", "delete": "DELETE"}


@dataclass(frozen=True, slots=True)
class Message:
    """A message that was received, and the receipt by which it is deleted or hidden."""

    id: str
    pop_receipt: str = field(repr=False)
    content: str = field(repr=False)


def written(entity: EntityLike) -> bytes:
    """The JSON of an entity."""
    values: dict[str, Any] = {}
    for name, value in entity.items():
        if value is None:
            continue
        if isinstance(value, bytes):
            values[name], values[name + TYPE] = base64.b64encode(value).decode(), "Edm.Binary"
        elif isinstance(value, float):
            values[name], values[name + TYPE] = value, "Edm.Double"
        elif isinstance(value, int) and not isinstance(value, bool) and abs(value) >= LARGEST_INT32:
            values[name], values[name + TYPE] = str(value), "Edm.Int64"
        else:
            values[name] = value
    return json.dumps(values, separators=(",", ":")).encode()


def read(values: Mapping[str, Any]) -> Entity:
    """The entity of its JSON."""
    entity = Entity({name: value for name, value in values.items() if "odata." not in name and name != "Timestamp"})
    for name, kind in values.items():
        if name.endswith(TYPE) and (plain := name.removesuffix(TYPE)) in entity:
            if kind == "Edm.Binary":
                entity[plain] = base64.b64decode(entity[plain])
            elif kind == "Edm.Int64":
                entity[plain] = int(entity[plain])
    entity.etag = str(values.get("odata.etag", ""))
    return entity


def key_path(table: str, entity: EntityLike) -> str:
    """The path of an entity."""
    partition, row = (quote(str(entity[name]).replace("'", "''"), safe="") for name in ("PartitionKey", "RowKey"))
    return f"/{table}(PartitionKey='{partition}',RowKey='{row}')"


def filled(condition: str, values: Mapping[str, Any]) -> str:
    """The condition with each `@name` replaced by its value, as OData writes it."""
    return re.sub(r"@(\w+)", lambda name: _literal(values[name[1]]), condition)


def batch(address: str, table: str, changes: Sequence[Change]) -> tuple[str, bytes]:
    """A transaction: its content type and its body."""
    name = secrets.token_hex(8)
    head = f"--changeset_{name}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    pieces = [f"--batch_{name}\r\nContent-Type: multipart/mixed; boundary=changeset_{name}\r\n\r\n".encode()]
    for change in changes:
        path = f"/{table}" if change.kind == "insert" else key_path(table, change.entity)
        pieces.append(f"{head}{METHODS[change.kind]} {address}{path} HTTP/1.1\r\n".encode())
        pieces.append(b"Accept: application/json;odata=minimalmetadata\r\nPrefer: return-no-content\r\n")
        pieces.append(b"DataServiceVersion: 3.0\r\n")
        if change.kind not in ("insert", "put"):
            pieces.append(f"If-Match: {change.etag}\r\n".encode())
        if change.kind == "delete":
            pieces.append(b"\r\n")
        else:
            body = written(change.entity)
            pieces += [b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body), body, b"\r\n"]
    pieces.append(f"--changeset_{name}--\r\n--batch_{name}--\r\n".encode())
    return f"multipart/mixed; boundary=batch_{name}", b"".join(pieces)


def batch_outcome(content: bytes, count: int) -> tuple[int, tuple[str, ...]]:
    """The worst status of a transaction, and (when it went through) an ETag for each of its changes."""
    parts = STATUS.split(content)[1:]
    statuses = [int(status) for status in parts[::2]]
    worst = max(statuses, default=500)
    if worst >= 400:
        return worst, ()
    found = [ETAG.search(part) for part in parts[1::2]]
    return (worst if len(statuses) == count else 500), tuple(tag[1].decode() if tag else "" for tag in found)


def message(text: str) -> bytes:
    """The body that sends a message, in base64 as the Functions host wants it."""
    return (
        f"<QueueMessage><MessageText>{base64.b64encode(text.encode()).decode()}</MessageText></QueueMessage>".encode()
    )


def messages(content: bytes) -> list[Message]:
    """The messages of an answer; a text that is no base64 is passed on as it is."""
    found = re.findall(r"<QueueMessage>(.*?)</QueueMessage>", content.decode(errors="replace"), re.DOTALL)
    return [Message(_tag(one, "MessageId"), _tag(one, "PopReceipt"), _text(_tag(one, "MessageText"))) for one in found]


def blobs(content: bytes) -> tuple[list[tuple[str, str]], str]:
    """Names and times of a list of blobs, and where the next page begins ("" on the last)."""
    text = content.decode(errors="replace")
    found = re.findall(r"<Blob>(.*?)</Blob>", text, re.DOTALL)
    return [(_tag(one, "Name"), _tag(one, "Last-Modified")) for one in found], _tag(text, "NextMarker")


def _text(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except ValueError:
        return encoded


def _tag(text: str, name: str) -> str:
    found = re.search(f"<{name}>(.*?)</{name}>", text, re.DOTALL)
    return html.unescape(found[1]) if found else ""


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    return "'" + str(value).replace("'", "''") + "'"
