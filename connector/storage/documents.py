"""Subscriptions and registrations as JSON documents, the same in every store; fields marked SEALED are sealed."""

import json
from dataclasses import fields
from functools import lru_cache
from typing import Any, Final, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from connector.storage.records import Registration, Subscription
from connector.storage.sealing import BrokenSealError, Sealer

Kept = TypeVar("Kept", Subscription, Registration)

SEAL: Final = "sealed"
REMEMBERED: Final = 4_000
"""Records, of about 3 KB each."""

_adapters: dict[type[Any], TypeAdapter[Any]] = {}


class CorruptRecordError(ValueError):
    """A stored record that cannot be read; the message says why and holds nothing of its content."""


def write_document(record: Subscription | Registration, sealer: Sealer) -> str:
    """The document of a record, without its version."""
    content = cast("dict[str, Any]", _adapter(type(record)).dump_python(record, mode="json"))
    del content["version"]
    secret = {spec.name: content.pop(spec.name) for spec in fields(record) if spec.metadata.get(SEAL)}
    return json.dumps(content | {SEAL: sealer.seal(json.dumps(secret))}, separators=(",", ":"))


def read_document(kind: type[Kept], document: str, version: str, sealer: Sealer) -> Kept:
    """The record. Raises `CorruptRecordError`, or `Unavailable` when it was sealed with a key that is not set here.

    The same document is the same record, so the last ones are remembered: an event asks for all its listeners, and
    opening their secrets would cost more than all the rest.
    """
    return cast("Kept", _read(kind, document, version, sealer))  # type: ignore[arg-type]  # a class has a hash


@lru_cache(maxsize=REMEMBERED)
def _read(kind: type[Any], document: str, version: str, sealer: Sealer) -> Any:
    try:
        content = json.loads(document)
        content |= json.loads(sealer.open(content.pop(SEAL)))
        if "details" in content:
            content = _upgraded(content)
        return _adapter(kind).validate_python(content | {"version": version})
    except ValidationError as problem:
        raise CorruptRecordError(f"fields are wrong or missing: {_where(problem)}") from None
    except (BrokenSealError, KeyError, TypeError, AttributeError, ValueError) as problem:
        raise CorruptRecordError(f"{type(problem).__name__} while reading it") from None


def reseal(document: str, sealer: Sealer) -> str | None:
    """The document sealed with the newest key; None when it is so already, or cannot be read."""
    try:
        content = json.loads(document)
        sealed = content[SEAL]
        if sealer.is_newest(sealed):
            return None
        return json.dumps(content | {SEAL: sealer.seal(sealer.open(sealed))}, separators=(",", ":"))
    except (KeyError, TypeError, ValueError):  # reading it will quarantine it
        return None


_RIGHTS: Final = ("scheme", "authorization", "agent")
_RENAMED: Final = {
    "filter_key": "source_key",
    "wanted": "source_key",
    "madeAt": "made_at",
    "checkedAt": "checked_at",
    "upstreamId": "upstream_id",
    "unsubscribeToken": "unsubscribe_token",
    "webhookSecret": "webhook_secret",
}
_STATES: Final = {"making": "registering", "ending": "unregistering"}


def _upgraded(content: dict[str, Any]) -> dict[str, Any]:
    """The present form of a document of version 1.0, which kept two untyped mappings, `details` and `secrets`."""
    secrets = dict(content.pop("secrets"))
    rights = {name: secrets.pop(name) for name in _RIGHTS if name in secrets}
    flat = content | content.pop("details") | {"secrets": _renamed(secrets) | ({"rights": rights} if rights else {})}
    flat["state"] = _STATES.get(str(flat.get("state")), flat.get("state"))
    return _renamed(flat)


def _renamed(values: dict[str, Any]) -> dict[str, Any]:
    return {_RENAMED.get(name, name): value for name, value in values.items()}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    """Made at first use and kept: it takes milliseconds to make."""
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def _where(problem: ValidationError) -> str:
    return ", ".join(sorted({str(error["loc"][0]) for error in problem.errors(include_input=False) if error["loc"]}))
