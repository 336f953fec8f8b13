"""`GET /api/openapi.json`: the generated file, with the address that it is asked for at."""

import json
from functools import lru_cache
from pathlib import Path

from connector.operations.request import ROOT, Request
from connector.serving.cached_responses import ALWAYS_ASK, static
from connector.serving.response import Response
from connector.settings import Settings

FILE = Path(__file__).parents[1] / "definition" / "openapi" / "openapi.json"


async def openapi_file(request: Request, settings: Settings) -> Response:
    """The OpenAPI file for people; anyone may read it, because it holds nothing about a site."""
    origin = settings.public_url.rstrip("/") or request.origin
    return static(request, _for(origin), "application/json", ALWAYS_ASK)


@lru_cache(maxsize=8)
def _for(origin: str) -> bytes:
    document = json.loads(FILE.read_bytes())
    document["servers"] = [{"url": f"{origin}{ROOT.rstrip('/')}"}]
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
