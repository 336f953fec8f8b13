"""Which HTTP functions the app has: a generated table, so that a start need not import what they do."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

TABLE: Final = Path(__file__).resolve().parents[1] / "definition" / "functions.json"
ANONYMOUS, ADMIN = "anonymous", "admin"


@dataclass(frozen=True, slots=True)
class HttpFunction:
    """One HTTP function."""

    name: str
    route: str
    methods: tuple[str, ...]
    level: str = ""
    """Who may call it: `anonymous`, `admin`, or as the app is set."""
    resource: str = ""
    """The catalog file of an operation; empty for a service route."""


def http_functions() -> tuple[HttpFunction, ...]:
    """All of them, as the table has them."""
    rows = json.loads(TABLE.read_bytes())["functions"]
    return tuple(HttpFunction(**{**row, "methods": tuple(row["methods"])}) for row in rows)


def is_current() -> bool:
    """Whether the table was made of the files that are here; not, when it is missing or damaged."""
    try:
        current: bool = json.loads(TABLE.read_bytes())["sources"] == sources()
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return current


def sources() -> str:
    """A digest of the files that say which functions there are."""
    digest = hashlib.sha256()
    package = TABLE.parents[1]
    for path in (*sorted((package / "catalog").glob("*.py")), package / "serving" / "service_routes.py"):
        digest.update(path.name.encode() + path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:16]


def table_of(functions: Sequence[HttpFunction]) -> bytes:
    """The table, one function a line."""
    rows = [json.dumps({name: value for name, value in asdict(function).items() if value}) for function in functions]
    return (f'{{"sources": "{sources()}", "functions": [\n' + ",\n".join(rows) + "\n]}\n").encode()
