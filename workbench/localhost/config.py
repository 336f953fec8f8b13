"""What the host reads before it starts an app: `host.json`, its environment overrides, `local.settings.json`."""

import json
import logging
import os
import re
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

OVERRIDE_PREFIX: Final = "AzureFunctionsJobHost__"
DEFAULT_BODY_LIMIT: Final = 104_857_600

_TIME_SPAN: Final = re.compile(r"(?:(\d+)\.)?(\d+):(\d\d):(\d\d(?:\.\d+)?)")
_LEVELS: Final = {
    "trace": logging.DEBUG,
    "debug": logging.DEBUG,
    "information": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
    "none": logging.CRITICAL + 1,
}


class HostError(Exception):
    """The app cannot be started; the sentence says what to correct."""


@dataclass(frozen=True, slots=True)
class QueueOptions:
    """`extensions.queues` of host.json; times in seconds."""

    batch_size: int = 16
    new_batch_threshold: int = 8
    max_dequeue_count: int = 5
    visibility_timeout: float = 0.0
    max_polling_interval: float = 60.0


@dataclass(frozen=True, slots=True)
class HostConfig:
    """The parts of host.json that matter here."""

    route_prefix: str
    log_level: int
    queues: QueueOptions

    @classmethod
    def load(cls, app_dir: Path, environment: Mapping[str, str]) -> "HostConfig":
        """Read `host.json` and apply `AzureFunctionsJobHost__a__b` overrides; raises `HostError`."""
        document = _json_object(app_dir / "host.json")
        if document.get("version") != "2.0":
            raise HostError('host.json must have "version": "2.0".')
        for name, value in environment.items():
            if name.lower().startswith(OVERRIDE_PREFIX.lower()):
                _override(document, name[len(OVERRIDE_PREFIX) :].split("__"), value)
        try:
            return cls(
                route_prefix=str(_at(document, "extensions", "http", "routePrefix", default="api")).strip("/"),
                log_level=_LEVELS[str(_at(document, "logging", "logLevel", "default", default="Information")).lower()],
                queues=_queue_options(_at(document, "extensions", "queues", default={})),
            )
        except (KeyError, TypeError, ValueError) as problem:
            raise HostError(f"host.json has a value that cannot be used: {problem}.") from problem


def _queue_options(section: Mapping[str, Any]) -> QueueOptions:
    batch_size = int(_at(section, "batchSize", default=16))
    if not 1 <= batch_size <= 32:
        raise ValueError("extensions.queues.batchSize has to be between 1 and 32")
    return QueueOptions(
        batch_size=batch_size,
        new_batch_threshold=int(_at(section, "newBatchThreshold", default=batch_size // 2)),
        max_dequeue_count=int(_at(section, "maxDequeueCount", default=5)),
        visibility_timeout=seconds(_at(section, "visibilityTimeout", default="00:00:00")),
        max_polling_interval=seconds(_at(section, "maxPollingInterval", default="00:01:00")),
    )


def seconds(text: str) -> float:
    """A .NET time span in seconds: `00:00:30` -> 30.0, `1.02:00:00` -> 93600.0."""
    found = _TIME_SPAN.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"'{text}' is not a time span such as 00:00:30")
    days, hours, minutes, rest = found.groups(default="0")
    return int(days) * 86_400 + int(hours) * 3_600 + int(minutes) * 60 + float(rest)


def load_local_settings(app_dir: Path, environment: MutableMapping[str, str]) -> None:
    """Put the values of `local.settings.json` into the environment; what is set already wins, as with Core Tools."""
    path = app_dir / "local.settings.json"
    if not path.exists():
        return
    document = _json_object(path)
    if document.get("IsEncrypted"):
        raise HostError("local.settings.json is encrypted; run `func settings decrypt` first.")
    for name, value in (document.get("Values") or {}).items():
        if not isinstance(value, str):
            raise HostError(f"In local.settings.json the value of {name} has to be a string.")
        environment.setdefault(name, value)


def is_disabled(function: str, environment: Mapping[str, str]) -> bool:
    """Whether `AzureWebJobs.<function>.Disabled` (or its form with underscores) switches a function off."""
    names = (f"AzureWebJobs.{function}.Disabled", f"AzureWebJobs_{function}_Disabled")
    return any(environment.get(name, "").strip().lower() in ("true", "1") for name in names)


def body_limit(environment: Mapping[str, str]) -> int:
    """The largest request body in bytes."""
    return int(environment.get("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT") or DEFAULT_BODY_LIMIT)


def expand(text: str, environment: Mapping[str, str] = os.environ) -> str:
    """Replace `%NAME%` by the app setting of that name, as in queue names and schedules; raises `HostError`."""
    pieces = text.split("%")
    if len(pieces) % 2 == 0:
        raise HostError(f"'{text}' has a percent sign without its partner.")
    for index in range(1, len(pieces), 2):
        if pieces[index] not in environment:
            raise HostError(f"The app setting {pieces[index]} is not set, but '{text}' needs it.")
        pieces[index] = environment[pieces[index]]
    return "".join(pieces)


def _json_object(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise HostError(f"{path.name} is missing in {path.parent}.") from None
    except ValueError as problem:
        raise HostError(f"{path.name} is not valid JSON: {problem}.") from None
    if not isinstance(document, dict):
        raise HostError(f"{path.name} has to hold a JSON object.")
    return document


def _at(document: Mapping[str, Any], *path: str, default: Any) -> Any:
    """A value by its path; names compare without regard to case, as in .NET configuration."""
    node: Any = document
    for name in path:
        if not isinstance(node, Mapping):
            return default
        node = next((value for key, value in node.items() if key.lower() == name.lower()), None)
    return default if node is None else node


def _override(document: dict[str, Any], path: list[str], value: str) -> None:
    node = document
    for index, name in enumerate(path):
        key = next((known for known in node if known.lower() == name.lower()), name)
        if index == len(path) - 1:
            node[key] = value
            return
        if not isinstance(node.get(key), dict):
            node[key] = {}
        node = node[key]
