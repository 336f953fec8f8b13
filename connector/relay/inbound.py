"""Inbound requests of DeskDirector: verified, and turned into a message of the inbound queue.

Nothing here waits for a flow, or for DeskDirector. A request is answered 202 only after its message is durable, which
the host sees to: the message leaves through a queue output binding. Large bodies are stored before it (claim check).
"""

import hashlib
import hmac
import itertools
import secrets
from dataclasses import dataclass, field
from typing import Any, Final

from connector.deskdirector.errors import Forbidden, Gone, NotFound, TooLarge, Unauthorized
from connector.relay.normalise import parse, parsed_json
from connector.relay.registrations import is_listening
from connector.relay.relay import Relay
from connector.relay.signature import is_genuine
from connector.storage.records import Registration

INLINE_BYTES: Final = 40_000
"""A message takes 48 KiB (64 KiB as base64); larger bodies go into a payload."""


_PROCESS: Final = secrets.token_hex(8)
_COUNT: Final = itertools.count()


@dataclass(frozen=True, slots=True)
class InboundRequest:
    """One verified request of DeskDirector; `content` is its parsed body: an event, or an array of them."""

    id: str
    registration_id: str
    received_at: float
    content: Any = field(repr=False)
    payload: str = ""


def new_request_id() -> str:
    """A unique id; cheaper than random ones, which cost a system call each."""
    return f"{_PROCESS}-{next(_COUNT):x}"


async def receive(
    relay: Relay,
    registration_id: str,
    token: str,
    body: bytes,
    signature: str,
    *,
    request_id: str = "",
    encoding: str = "",
) -> str:
    """The message for the inbound queue; raises `ConnectorError` for a request that is refused."""
    limit = relay.settings.max_body_kb * 1024
    if len(body) > limit:
        raise TooLarge("BodyTooLarge", f"The body is over {relay.settings.max_body_kb} KB.")
    registration = _authorised(await relay.registration(registration_id), token)
    _check_signature(registration, body, signature, relay.clock())
    text, _ = parse(body, limit, encoding)
    content = text.encode(errors="replace")
    # Ids are made by us, so they need no escaping; the body is JSON already, and is passed on as it came.
    head = f'"post": "{request_id or new_request_id()}", "registration": "{registration.id}", "at": {relay.clock()!r}'
    if len(content) > INLINE_BYTES:
        return f'{{{head}, "payload": "{await relay.store.payloads.put(content)}"}}'
    return f'{{{head}, "content": {text}}}'


async def read_message(relay: Relay, message: str) -> InboundRequest | None:
    """The request behind a message; None when its payload is gone, because it was fanned out before."""
    read = parsed_json(message)
    payload = read.get("payload", "")
    content = read.get("content")
    if payload:
        data = await relay.store.payloads.get(payload)
        if data is None:
            return None
        content = parsed_json(data)
    return InboundRequest(read["post"], read["registration"], float(read["at"]), content, payload)


def _authorised(registration: Registration | None, token: str) -> Registration:
    """The registration, if the token is its own; the comparison takes as long for one that does not exist."""
    expected = registration.secrets.token if registration else ""
    is_known = hmac.compare_digest(_digest(expected), _digest(token))
    if registration is None or not expected or not is_known:
        raise NotFound("InboundUnknown", "Nothing listens at this address.")
    if not is_listening(registration):
        raise Gone("InboundGone", "Nothing listens at this address any more; remove the webhook.")
    return registration


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="replace")).digest()


def _check_signature(registration: Registration, body: bytes, signature: str, now: float) -> None:
    """Only webhooks of the portal have a secret; whether workflows sign is unknown, their address is their proof."""
    secrets_ = registration.secrets
    if not secrets_.webhook_secret:
        return
    if not signature:
        raise Unauthorized("SignatureMissing", "This webhook must sign what it sends; set its secret.")
    valid = [secrets_.webhook_secret]
    if secrets_.previous_webhook_secret and now < secrets_.previous_until:
        valid.append(secrets_.previous_webhook_secret)
    if not any(is_genuine(secret, body, signature) for secret in valid):
        raise Forbidden("SignatureWrong", "The signature does not match; check the webhook secret.")
