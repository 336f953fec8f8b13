"""Authorisation levels of HTTP functions, as the Functions host checks them.

Core Tools ask for no keys on a laptop and neither do we, unless keys are given; then they are asked for as in Azure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from hmac import compare_digest
from typing import Final

KEY_HEADER: Final = "x-functions-key"


class Level(IntEnum):
    """What a caller has proved, or a function asks for."""

    ANONYMOUS = 0
    FUNCTION = 1
    ADMIN = 2

    @classmethod
    def of(cls, name: str | None) -> "Level":
        """The level a trigger declares; the host's default is `function`."""
        return cls[(name or "function").upper()]


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys in force. `master` opens everything, `function` opens functions of level `function`.

    Without a master key nothing is asked for, and every caller counts as an administrator.
    """

    master: str = field(default="", repr=False)
    function: str = field(default="", repr=False)

    @property
    def asked(self) -> bool:
        """Whether callers have to show keys at all."""
        return bool(self.master)

    def level(self, headers: Mapping[str, str], query: Mapping[str, str]) -> Level:
        """What a request proves; the header wins over `?code=`, even when the header's key is wrong."""
        if not self.asked:
            return Level.ADMIN
        key = (headers.get(KEY_HEADER) or query.get("code") or "").encode()
        if compare_digest(key, self.master.encode()):
            return Level.ADMIN
        if self.function and compare_digest(key, self.function.encode()):
            return Level.FUNCTION
        return Level.ANONYMOUS
