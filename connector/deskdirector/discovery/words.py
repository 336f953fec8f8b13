"""A route -> its words, comparable between sites that spell the same thing differently."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

ITEM = "{}"
"""A path parameter, whatever its name."""

_VERSION = re.compile(r"v(\d+)(?:\.\d+)?")
_SURFACES = {"automate", "connector", "copilot", "admin", "portal", "tech"}
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SINGULAR = {"status", "statuses", "address", "access", "process", "business", "sms"}
_JOINED: Mapping[tuple[str, str], str] = {
    ("time", "entry"): "timeentry",
    ("user", "key"): "userkey",
    ("access", "token"): "accesstoken",
    ("user", "token"): "accesstoken",
}
_SYNONYMS: Mapping[str, str] = {
    "comment": "note",
    "client": "contact",
    "agent": "member",
    "resource": "member",
    "account": "company",
    "queue": "board",
    "team": "group",
    "userkey": "token",
    "accesstoken": "token",
    "accept": "approve",
    "reject": "decline",
    "deny": "decline",
    "file": "attachment",
}
_ENTITIES = frozenset(
    (
        *("ticket", "task", "template", "note", "contact", "member", "company", "board", "group", "token", "form"),
        *(
            "result",
            "survey",
            "chat",
            "message",
            "session",
            "attachment",
            "timeentry",
            "quote",
            "invoice",
            "permission",
        ),
        *("notification", "webhook", "workflow", "event", "category", "tag", "type", "priority", "report", "rule"),
    )
)
ACTIONS = frozenset(
    (
        *("approve", "decline", "close", "reopen", "find", "search", "merge", "delete", "remove", "archive", "restore"),
        *("assign", "export", "import", "invite", "render", "info", "read", "preview", "validate", "count", "escalate"),
        *("convert", "move", "copy", "bulk", "cancel", "send", "reset", "deactivate", "reactivate", "relocate"),
    )
)


@dataclass(frozen=True, slots=True)
class RouteWords:
    """`words` are in order, `{}` for a parameter; the version and the surface (`admin`, `automate/connector`) aside."""

    version: int | None
    surface: str
    words: tuple[str, ...]

    @property
    def folded(self) -> tuple[str, ...]:
        """The words, with one word for the same thing."""
        return tuple(_SYNONYMS.get(word, word) for word in self.words)

    @property
    def entities(self) -> tuple[str, ...]:
        """What the route is about, in order; `user` alone says nothing."""
        return tuple(word for word in self.folded if word in _ENTITIES)

    @property
    def actions(self) -> frozenset[str]:
        """What it does besides what its method says."""
        return frozenset(self.folded) & ACTIONS

    @property
    def items(self) -> int:
        """How many parameters it has."""
        return self.words.count(ITEM)

    @property
    def ends_in_item(self) -> bool:
        """Whether it is one thing, not a collection or an action."""
        return self.words[-1:] == (ITEM,)


@lru_cache(maxsize=512)
def words_of(path: str) -> RouteWords:
    """The words of a path; `/api2/` is version 2 (after the vendor's one sample of it)."""
    version: int | None = None
    surface: list[str] = []
    words: list[str] = []
    for segment in path.strip("/").split("/"):
        plain = segment.lower()
        if numbered := _VERSION.fullmatch(plain):
            version = version or int(numbered[1])
        elif plain == "api2":
            version = 2
        elif plain == "api" and not words:
            continue
        elif plain in _SURFACES and not words:
            surface.append(plain)
        elif segment.startswith("{") and segment.endswith("}"):
            words.append(ITEM)
        else:
            words += _split(segment)
    return RouteWords(version, "/".join(surface), tuple(words))


def _split(segment: str) -> list[str]:
    parts = [_singular(word.lower()) for word in _WORD.findall(segment)]
    joined: list[str] = []
    for part in parts:
        pair = (joined[-1], part) if joined else ("", "")
        if pair in _JOINED:
            joined[-1] = _JOINED[pair]
        else:
            joined.append(part)
    return joined


def _singular(word: str) -> str:
    if word in _SINGULAR:
        return "status" if word == "statuses" else word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word
