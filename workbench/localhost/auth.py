"""Authorisation levels of HTTP functions, as the Functions host checks them.

Core Tools ask for no keys on a laptop. Here it depends on the caller: without keys, what is for operators is open only
to a client on this machine that asked this machine directly (`is_local`). With a master key, keys are asked for as in
Azure.
"""

import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from hmac import compare_digest
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

KEY_HEADER: Final = "x-functions-key"
KEY_FILE: Final = "master.key"
FORWARDED: Final = ("x-forwarded-", "forwarded", "x-real-ip", "via", "x-original-", "cf-", "true-client-ip")
"""What proxies and tunnels add: with one of these the real caller may be anywhere."""


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

    Without a master key function keys are not asked for, and a local caller counts as an administrator.
    """

    master: str = field(default="", repr=False)
    function: str = field(default="", repr=False)

    @property
    def asked(self) -> bool:
        """Whether callers have to show keys at all."""
        return bool(self.master)

    def level(self, client: str, headers: Mapping[str, str], query: Mapping[str, str]) -> Level:
        """What a request proves; the header wins over `?code=`, even when the header's key is wrong.

        `client` is the address at the other end of the socket.
        """
        if not self.asked:
            return Level.ADMIN if is_local(client, headers) else Level.FUNCTION
        key = (headers.get(KEY_HEADER) or query.get("code") or "").encode()
        if compare_digest(key, self.master.encode()):
            return Level.ADMIN
        if self.function and compare_digest(key, self.function.encode()):
            return Level.FUNCTION
        return Level.ANONYMOUS


def is_local(client: str, headers: Mapping[str, str]) -> bool:
    """Whether a program on this machine asked this machine directly, and not for a web page of another origin.

    The Host header must name the loopback (a page could have its own name resolve to it), and nothing may say that the
    request came through a proxy or from a page.
    """
    host = headers.get("host", "").lower()
    origin = headers.get("origin", "").lower()
    return (
        is_loopback(client)
        and is_loopback(_name_of(host))
        and not any(name.startswith(FORWARDED) for name in headers)
        and origin in ("", f"http://{host}")
        and headers.get("sec-fetch-site", "none") in ("none", "same-origin")
    )


def _name_of(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


@lru_cache(maxsize=256)
def is_loopback(host: str) -> bool:
    """Whether an address, or the name `localhost`, stands for this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def master_key(chosen: str, folder: Path, *, public_url: str, addresses: Iterable[str]) -> tuple[str, Path | None]:
    """The master key in force and, when it was made by this host, the file that holds it.

    One is made at the first start when the app can be reached from elsewhere: with a public URL, or when it listens on
    more than the loopback. Raises `OSError`.
    """
    if chosen or not (public_url or not all(map(is_loopback, addresses))):
        return chosen, None
    path = folder / KEY_FILE
    folder.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = path.read_text(encoding="ascii").strip()
        if not key:  # it ended between making the file and writing to it
            raise OSError(f"The master key in {path} is empty; delete the file to get a new one.") from None
        return key, path
    key = secrets.token_urlsafe(32)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key + "\n")
    return key, path
