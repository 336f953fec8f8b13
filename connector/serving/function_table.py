"""Which HTTP functions the app has: a generated table, so that a start need not import what they do."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
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


@lru_cache(maxsize=1)
def http_functions() -> tuple[HttpFunction, ...]:
    """All of them, as the table has them."""
    rows = json.loads(TABLE.read_bytes())
    return tuple(HttpFunction(**{**row, "methods": tuple(row["methods"])}) for row in rows)


def table_of(functions: Sequence[HttpFunction]) -> bytes:
    """The table, one function a line."""
    rows = [json.dumps({name: value for name, value in asdict(one).items() if value}) for one in functions]
    return ("[\n" + ",\n".join(rows) + "\n]\n").encode()
