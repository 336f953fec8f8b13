"""A swagger page (its HTML or script) -> the addresses of the documents that it lists.

Pure text work, for the forms of Swashbuckle (ASP.NET Core and classic), NSwag, Scalar and plain swagger-ui. No script
is run; hostile text costs no more than its length, since every pattern is tried at a few places only.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

MOST_HITS = 5
MOST_ADDRESSES = 32
LONGEST_ADDRESS = 500
_LONGEST_LIST = 65_536

PETSTORE = "petstore.swagger.io"
"""The untouched default of swagger-ui: no list."""

_PASSWORD = re.compile(r"<input[^>]{0,300}type\s*=\s*[\"']?password", re.IGNORECASE)
_SCRIPT = re.compile(r"<script[^>]{0,300}?src\s*=\s*[\"']([^\"'<>]{1,300})[\"']", re.IGNORECASE)
_LISTING_SCRIPTS = ("index.js", "swagger-initializer.js")
_CONFIG_PARSED = re.compile(r"\b(?:configObject|JSConfig)\s*=\s*JSON\.parse\('")
_CONFIG_LITERAL = re.compile(r"\bconfigObject\s*=\s*(?=\{)")
_NSWAG_URLS = re.compile(r"\bvar\s+urls\s*=\s*(?=\[)")
_SCALAR = re.compile(r"\binitialize\(\s*'([^'\n]{0,200})'\s*,\s*\w+\s*,\s*(?=\{)")
_CLASSIC_ROOT = re.compile(r"\brootUrl\s*:\s*'([^'\n]{0,300})'")
_CLASSIC_PATHS = re.compile(r"\bdiscoveryPaths\s*:\s*arrayFrom\('([^'\n]{0,2000})'\)")
_URLS_LITERAL = re.compile(r"(?<![\w.$])[\"']?urls[\"']?\s*:\s*\[")
_URL_LITERAL = re.compile(r"(?<![\w.$])[\"']?(url|configUrl)[\"']?\s*:\s*(\"[^\"\n]{0,500}\"|'[^'\n]{0,500}')")


@dataclass(frozen=True, slots=True)
class Listed:
    """What a page says: `documents` and `scripts` are addresses as they stand there, relative ones too."""

    documents: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    """Scripts beside the page in which the list stands."""
    configs: tuple[str, ...] = ()
    """JSON files in which the list stands."""
    base: str | None = None
    """The path from which relative addresses count; None: from the page."""


def asks_for_password(content: bytes) -> bool:
    """Whether a page is a login form: some sites answer one with 200."""
    return content.lstrip()[:1] == b"<" and _PASSWORD.search(content.decode(errors="replace")) is not None


def listed(text: str, query: str = "") -> Listed:
    """What a page or a script lists. `query` is that of the page's final address (NSwag puts a document there)."""
    scripts = tuple(src for src in _SCRIPT.findall(text[:_LONGEST_LIST]) if src.rpartition("/")[2] in _LISTING_SCRIPTS)
    for form in (_swashbuckle, _nswag, _classic, _scalar):
        if found := form(text):
            return found
    if "var urls = undefined" in text and (url := parse_qs(query).get("url")):
        return Listed(_addresses(url[:1]))
    if scripts:
        return Listed(scripts=scripts[:2])
    return _literal(text)


def listed_in_json(content: Any) -> Listed:
    """What a JSON configuration lists: `[{url}]` (documentUrls), or an object with `urls`, `url` or `configUrl`."""
    if isinstance(content, list):
        return Listed(_addresses(_urls_of(content)))
    config = {str(name).lower(): value for name, value in content.items()} if isinstance(content, dict) else {}
    several = config.get("urls") or config.get("swaggerendpoints") or config.get("sources")
    if isinstance(several, list) and (found := _addresses(_urls_of(several))):
        return Listed(found)
    if isinstance(config.get("url"), str) and (found := _addresses([config["url"]])):
        return Listed(found)
    return Listed(configs=_addresses([config.get("configurl")]))


def _swashbuckle(text: str) -> Listed | None:
    for pattern in (_CONFIG_PARSED, _CONFIG_LITERAL):
        for content in _json_after(pattern, text):
            if (found := listed_in_json(content)).documents:
                return found
    return None


def _nswag(text: str) -> Listed | None:
    return next(
        (found for content in _json_after(_NSWAG_URLS, text) if (found := listed_in_json(content)).documents), None
    )


def _classic(text: str) -> Listed | None:
    paths = _CLASSIC_PATHS.search(text)
    if paths is None:
        return None
    root = _CLASSIC_ROOT.search(text)
    # Only the path of the root: its host is the server's own idea of itself.
    base = "/" + root[1].partition("://")[2].partition("/")[2].strip("/") if root else "/"
    documents = _addresses([f"{base.rstrip('/')}/{one.strip('/')}" for one in paths[1].split("|") if one.strip("/")])
    return Listed(documents) if documents else None


def _scalar(text: str) -> Listed | None:
    hit = _SCALAR.search(text)
    if hit is None:
        return None
    for content in _json_after(_SCALAR, text):
        if (found := listed_in_json(content)).documents:
            base = hit[1].strip("/")
            # Scalar counts from the site's base path: that of its page without its own folder.
            return Listed(found.documents, base="/" + "".join(base.rpartition("/")[:2]))
    return None


def _literal(text: str) -> Listed:
    """Plain swagger-ui: a JavaScript object with bare keys, either quote, and comments."""
    code = without_comments(text)
    for hit in _some(_URLS_LITERAL, code):
        end = _closing(code, hit.end())
        several = [_unquoted(one[2]) for one in _URL_LITERAL.finditer(code, hit.end(), end) if one[1] == "url"]
        if documents := _addresses(several):
            return Listed(documents)
    single = {hit[1]: _unquoted(hit[2]) for hit in reversed(list(_some(_URL_LITERAL, code)))}
    if documents := _addresses([single.get("url")]):
        return Listed(documents)
    return Listed(configs=_addresses([single.get("configUrl")]))


def without_comments(text: str) -> str:
    """JavaScript without `//` and `/* */`, which are no comments inside strings (`https://`)."""
    kept: list[str] = []
    at = 0
    for token in _TOKENS.finditer(text):
        if token[0][:2] in ("//", "/*"):
            kept.append(text[at : token.start()])
            at = token.end()
    kept.append(text[at:])
    return " ".join(kept)


_TOKENS = re.compile(
    # A text that is not closed ends with its line, so that nothing is read twice.
    r"\"(?:[^\"\\\n]|\\.)*+(?:\"|(?=\n)|\\?\Z)|'(?:[^'\\\n]|\\.)*+(?:'|(?=\n)|\\?\Z)"
    r"|`(?:[^`\\]|\\.)*+(?:`|\\?\Z)|//[^\n]*|/\*.*?(?:\*/|\Z)",
    re.DOTALL,
)


def _json_after(pattern: re.Pattern[str], text: str) -> Iterator[Any]:
    r"""The JSON that stands right behind a pattern, as it is: its `\u0027` must not be undone as JavaScript first."""
    for hit in _some(pattern, text):
        try:
            content, _ = json.JSONDecoder().raw_decode(text[hit.end() : hit.end() + _LONGEST_LIST])
        except (ValueError, RecursionError):
            continue
        yield content


def _some(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    for count, hit in enumerate(pattern.finditer(text)):
        if count == MOST_HITS:
            return
        yield hit


def _closing(code: str, start: int) -> int:
    """Where the list that is open at `start` ends."""
    depth = 1
    for token in re.finditer(r"\"[^\"\n]*\"|'[^'\n]*'|[\[\]]", code[start : start + _LONGEST_LIST]):
        depth += {"[": 1, "]": -1}.get(token[0], 0)
        if depth == 0:
            return start + token.start()
    return min(len(code), start + _LONGEST_LIST)


def _urls_of(several: list[Any]) -> list[Any]:
    lower = ({str(name).lower(): value for name, value in one.items()} for one in several if isinstance(one, dict))
    return [one.get("url") for one in lower]


def _unquoted(text: str) -> str:
    return text[1:-1].replace("\\/", "/")


def _addresses(several: list[Any]) -> tuple[str, ...]:
    texts = [one.strip() for one in several[:MOST_ADDRESSES] if isinstance(one, str)]
    return tuple(
        dict.fromkeys(text for text in texts if text and len(text) <= LONGEST_ADDRESS and PETSTORE not in text)
    )
