"""Readers of setting values: text of the environment -> a value; `ValueError` says what the setting takes.

What they say is completed to "CONNECTOR_X must be …", and never repeats the value, which may be a secret.
"""

import base64
import re
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

LARGEST: Final = 10**9
KEY_BYTES: Final = 32
HOW_TO_MAKE_A_KEY: Final = 'python -c "import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())"'

_NUMBER: Final = re.compile(r"-?[0-9]{1,12}")
_NAME: Final = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+\Z)[a-z0-9-]{1,63}")
"""A host name of two labels or more; with a number as its last one it would be an address."""
_HOST: Final = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_LOOPBACK: Final = re.compile(r"(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\]):([0-9]{1,5})")


def words(text: str) -> tuple[str, ...]:
    """Words with spaces, commas or semicolons between them, in lower case."""
    return tuple(word for word in text.replace(",", " ").replace(";", " ").lower().split() if word)


def any_text(text: str) -> str:
    """Any text."""
    return text.strip()


def whole(text: str, *, least: int = 0, most: int = LARGEST) -> int:
    """A whole number within bounds."""
    shown = f"a whole number, {least} or more" + (f", at most {most}" if most < LARGEST else "")
    if not _NUMBER.fullmatch(text.strip()) or not least <= int(text) <= most:
        raise ValueError(shown)
    return int(text)


def positive(text: str) -> int:
    """A whole number, 1 or more."""
    return whole(text, least=1)


def up_to(most: int) -> Callable[[str], int]:
    """A whole number from 1 to `most`."""
    return lambda text: whole(text, least=1, most=most)


def zone(text: str) -> str:
    """An IANA time zone."""
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(text.strip()).key if text.strip().upper() != "UTC" else "UTC"
    except (OSError, ValueError, LookupError):
        raise ValueError("an IANA time zone such as Europe/London, or UTC") from None


def one_of(*choices: str) -> Callable[[str], str]:
    """One of these words, in any case."""

    def parse(text: str) -> str:
        if text.strip().lower() not in choices:
            raise ValueError("one of " + ", ".join(choices))
        return text.strip().lower()

    return parse


def some_of(*choices: str) -> Callable[[str], tuple[str, ...]]:
    """Some of these words, or `off` for none."""

    def parse(text: str) -> tuple[str, ...]:
        asked = () if text.strip().lower() == "off" else words(text)
        if not {*asked} <= {*choices} or (not asked and text.strip().lower() != "off"):
            raise ValueError(f"some of {', '.join(choices)}; or off")
        return asked

    return parse


def host(text: str) -> str:
    """A host name without scheme, path and port; a loopback `host:port` for the simulator too."""
    name = text.strip().lower()
    if not (_NAME.fullmatch(name) or _is_loopback_pair(name)):
        raise ValueError("a host name such as support.deskdirector.com, without https:// and without a path")
    return name


def suffixes(text: str) -> tuple[str, ...]:
    """Host names; whatever is below them counts too, so a name without a dot would open a whole top-level domain."""
    names = words(text)
    if not all(_NAME.fullmatch(name.removeprefix("*").strip(".")) for name in names):
        raise ValueError("host names such as portal.example.com, with spaces or commas between, without https://")
    return names


def loopback_pairs(text: str) -> tuple[str, ...]:
    """`host:port` pairs on this machine."""
    pairs = words(text)
    if not all(map(_is_loopback_pair, pairs)):
        raise ValueError("host:port pairs on this machine, such as 127.0.0.1:7070")
    return pairs


def _is_loopback_pair(pair: str) -> bool:
    match = _LOOPBACK.fullmatch(pair)
    return match is not None and 0 < int(match[1]) < 2**16


def origins(text: str) -> tuple[str, ...]:
    """Web origins: scheme and host, no path."""
    found = words(text)
    if not all(_is_address(origin) and not urlsplit(origin).path for origin in found):
        raise ValueError("web origins such as https://chat.example.com, without a path")
    return found


def address(text: str) -> str:
    """An https address of the app (http on loopback); no query, no user name, no slash at its end."""
    url = text.strip().rstrip("/")
    parts = urlsplit(url) if _is_address(url) else None
    if parts is None or (parts.scheme == "http" and not _LOOPBACK.fullmatch(f"{parts.hostname}:{parts.port or 80}")):
        raise ValueError("an address such as https://desk.example.com")
    return url


def webhook(text: str) -> str:
    """An https address that takes posts; its path or query is often a secret."""
    url = text.strip()
    if not (url.startswith("https://") and url.isascii() and url.isprintable() and _is_address(url.partition("?")[0])):
        raise ValueError("an address that begins with https://, without a user name")
    return url


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return bool(
            parts.scheme in ("https", "http")
            and _HOST.fullmatch(parts.netloc)
            and parts.hostname
            and (parts.port or 443) > 0
            and not (parts.query or parts.fragment or parts.username or parts.password)
        )
    except ValueError:
        return False


def fernet_keys(text: str) -> str:
    """Keys that seal secrets: url-safe base64 of 32 bytes each, newest first."""
    keys = text.replace(",", " ").split()
    if not keys or not all(map(is_fernet_key, keys)):
        raise ValueError(f"Fernet keys, newest first; make one with: {HOW_TO_MAKE_A_KEY}")
    return text.strip()


def is_fernet_key(text: str) -> bool:
    """Whether the text is url-safe base64 of 32 bytes."""
    try:
        return len(base64.b64decode(text, altchars="-_", validate=True)) == KEY_BYTES
    except ValueError:
        return False


def host_key(text: str) -> str:
    """A key that callers send in a header."""
    key = text.strip()
    if not (16 <= len(key) <= 512 and key.isascii() and key.isprintable() and " " not in key):
        raise ValueError("a key of 16 to 512 printable ASCII characters without spaces")
    return key
