"""Content whose fields only the tenant knows: it stays plain data, in an envelope of ours."""

import json
import re
from typing import Any

from connector.deskdirector.errors import BadGateway

MAX_CONTENT = 400_000
"""Bytes of JSON: what leaves room for the envelope in an answer of 450 KB."""

_FIRST_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]+")


def content_of(data: Any) -> dict[str, Any]:
    """`data` as one object: an object as it is, a list under `results`, a bare value under `value`, nothing as `{}`."""
    if isinstance(data, dict):
        return data
    if data is None:
        return {}
    return {"results" if isinstance(data, list) else "value": data}


def camel_cased(data: Any) -> Any:
    """`data` with its keys as later API versions write them: `UserId` -> `userId`, `SLAName` -> `slaName`.

    Source: the vendor's API article (version 1 answers in PascalCase, the later ones in camelCase).
    """
    if isinstance(data, dict):
        return {camel_key(str(key)): camel_cased(value) for key, value in data.items()}
    return [camel_cased(item) for item in data] if isinstance(data, list) else data


def camel_key(key: str) -> str:
    """A key as the later versions write it."""
    return _FIRST_WORD.sub(lambda word: word[0].lower(), key, count=1) if key[:1].isupper() else key


def fitted(content: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
    """`content`, its longest list cut at a whole item when it is over `MAX_CONTENT`, and a notice that says so."""
    if _size(content) <= MAX_CONTENT:
        return content, None
    name = max(
        (key for key in content if isinstance(content[key], list)), key=lambda key: len(content[key]), default=""
    )
    room = MAX_CONTENT - _size({key: value for key, value in content.items() if key != name})
    kept = []
    for item in content.get(name, ()):
        room -= _size(item) + 1
        if room < 0:
            break
        kept.append(item)
    if not kept:
        raise BadGateway("AnswerTooLarge", "DeskDirector's answer is too large to be passed on; ask for less at once.")
    notice = f"Only the first {len(kept)} of {len(content[name])} {name} fit into one answer; ask for fewer at once."
    return {**content, name: kept}, notice


def _size(data: Any) -> int:
    return len(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode())
