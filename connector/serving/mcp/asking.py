"""Calls operations of the catalog for MCP features that are no tools: resources, completions, `search` and `fetch`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from connector.catalog import operations
from connector.operations.request import Request
from connector.serving.invoke import answer, guarded
from connector.serving.mcp.tokens import MOST, tokens
from connector.serving.response import Manner, Response
from connector.serving.safe_texts import safe_answer
from connector.settings import Settings

FACE = "mcp"


@lru_cache(maxsize=256)
def manner_of(settings: Settings, share: int = 1, *, text_from: int | None = None) -> Manner:
    """How answers are written for models: brief, clean, and at most one `share`-th of what an answer may take."""
    clean = safe_answer if FACE in settings.sanitize else bytes
    return Manner(MOST // share, tokens, brief=True, clean=clean, text_from=text_from)


@dataclass(frozen=True, slots=True)
class Asking:
    """The caller whose connection is used."""

    request: Request
    settings: Settings
    share: int = 1

    async def response(self, operation_id: str, **given: object) -> Response:
        """The answer of an operation, or its error as a response."""
        operation, manner = operations()[operation_id], manner_of(self.settings, self.share)
        run = lambda: answer(operation, self.request, self.settings, given, manner)  # noqa: E731
        return await guarded(operation_id, self.request, run)

    async def results(self, operation_id: str, **given: object) -> list[Mapping[str, Any]]:
        """The results of a find or a list; none when it fails."""
        response = await self.response(operation_id, **given)
        if response.status >= 400:
            return []
        found: list[Mapping[str, Any]] = json.loads(response.body).get("results", [])
        return found
