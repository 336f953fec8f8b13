"""Strikes credentials from what comes back, in every form in which a server may repeat them.

Forms: as it is, in JSON (as .NET escapes it too), in HTML, in a URL, in hex, in base64 (at any place of a longer text),
in either case. A credential that is itself base64 counts as what it encodes too.
"""

import base64
import json
import re
from collections import deque
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

from pydantic_core import SchemaValidator, core_schema, from_json, to_json

from connector.runtime import ExpiringCache

MARK: Final = "[key]"
SHORTEST: Final = 8
"""Characters: a shorter secret would be found in any text."""
LONGEST: Final = 8192
"""Characters: a longer text is no credential that a server takes, and its forms would fill the memory."""

_SCHEMES: Final = frozenset(("basic", "ddapi", "ddaccesstoken", "bearer"))
_IN_HTML: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"}
_ESCAPES: Final = tuple(
    str.maketrans(table)
    for table in (
        {"\\": "\\\\", **{sign: f"\\u{ord(sign):04x}" for sign in "\"&'+<>`"}},
        _IN_HTML,
        {**_IN_HTML, "'": "&#39;"},
        {**_IN_HTML, "+": "&#x2b;"},
    )
)
_ASCII: Final = bytes(min(byte, 127) for byte in range(256))
"""Everything beyond ASCII as one sign."""
_WORTH: Final = 64 * 1024
"""Bytes: a redactor that has looked through this many is worth a compiled search, which takes a while to make."""
_TAIL: Final = 12
"""Bytes: a compiled search looks for the ends of the forms only; what it finds is looked at closely."""
_MOST_SEARCHES: Final = 256
"""Compiled searches take some 40 to 70 KB each."""
_MOST_KEPT: Final = 4096
_MOST_KEPT_BYTES: Final = 16 * 2**20

_NEEDLESS: Final = re.compile(rb"\\u00(?:3[0-9]|[46][1-9a-fA-F]|[57][0-9aA])")
"""A letter or digit as JSON need not write it, and nobody does."""


class Redactor:
    """Strikes the credentials that it was made for."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form.lower() for secret in secrets for form in _forms(secret)}
        self._forms = tuple(sorted(forms, key=len, reverse=True))
        # A text that contains a longer form contains the shorter one inside it, so only these have to be looked for.
        self._telling = tuple(form for form in forms if not any(other in form for other in forms if other != form))
        self.bytes = sum(map(len, forms))
        self._looked_through = 0
        self._search: SchemaValidator | None = None

    def __repr__(self) -> str:
        return f"Redactor({len(self._forms)} forms)"

    @property
    def is_compiled(self) -> bool:
        """Whether it looks for all forms at once."""
        return self._search is not None

    def strike(self, content: bytes) -> bytes:
        """The content without the credentials; the same object when there is none in it."""
        if self._search is None:
            self._count(content)
        elif not self._search.isinstance_python(content if content.isascii() else content.translate(_ASCII)):
            return content
        if b"\\u00" in content and _NEEDLESS.search(content):
            content = _rewritten(content)
        folded = content.lower()
        if not any(form in folded for form in self._telling):
            return content
        found = b"|".join(re.escape(form) for form in self._forms)
        return re.sub(found, MARK.encode(), content, flags=re.IGNORECASE)

    def _count(self, content: bytes) -> None:
        self._looked_through += len(content)
        if self._looked_through > _WORTH and self._telling:
            self._compile()

    def _compile(self) -> None:
        self._search = _any_of({form.translate(_ASCII)[-_TAIL:] for form in self._telling})
        _WITH_SEARCH.append(self)
        if len(_WITH_SEARCH) > _MOST_SEARCHES:
            _WITH_SEARCH.popleft().forget_search()

    def forget_search(self) -> None:
        """Look for one form after the other again, until that has become much."""
        self._search, self._looked_through = None, 0

    def text(self, text: str) -> str:
        """The same for text."""
        content = text.encode(errors="surrogatepass")
        struck = self.strike(content)
        return text if struck is content else struck.decode(errors="replace")


def _any_of(texts: Iterable[bytes]) -> SchemaValidator:
    """Takes what contains one of these texts in either case, or a needless escape; looks for all of them at once.

    Python's own expressions do not, and take longer for the escape alone.
    """
    forms = "|".join("".join(f"\\x{byte:02x}" for byte in text) for text in sorted(texts))
    pattern = f"(?i-u:{forms})|{_NEEDLESS.pattern.decode()}"
    return SchemaValidator(core_schema.str_schema(pattern=pattern, regex_engine="rust-regex"))


_WITH_SEARCH: Final[deque[Redactor]] = deque()
KEPT: Final[ExpiringCache[str, Redactor]] = ExpiringCache(
    _MOST_KEPT, most_bytes=_MOST_KEPT_BYTES, weigh=lambda redactor: redactor.bytes
)


def redactor_of(credential: str) -> Redactor:
    """The redactor of the credential of a connection, which is remembered: making one takes as long as many calls."""
    redactor = KEPT.get(credential, None)
    if redactor is None:
        redactor = redactor_of_all(credential)
        KEPT.put(credential, redactor)
    return redactor


def redactor_of_all(*credentials: str) -> Redactor:
    """The redactor of these credentials, each perhaps with a scheme in front (`DdApi …`)."""
    secrets = set[str]()
    for credential in credentials:
        secrets |= _secrets_in(credential)
    return Redactor(sorted(secrets))


def _rewritten(content: bytes) -> bytes:
    """The same JSON without needless escapes; other text stays as it is."""
    try:
        return to_json(from_json(content))
    except ValueError:
        return content


def _secrets_in(credential: str) -> set[str]:
    """The credential without its scheme, the pair that it encodes, and the password of that."""
    if len(credential) > LONGEST:
        return set()
    word, _, rest = credential.strip().partition(" ")
    bare = rest.strip() if word.lower() in _SCHEMES else credential.strip()
    pair = bare if ":" in bare else _decoded(bare)
    found = {bare, pair, pair.partition(":")[2] if ":" in pair else ""}
    # A number of few digits is an id of something as likely as a secret.
    return {text for text in found if len(text) >= SHORTEST and not (text.isdigit() and len(text) < 2 * SHORTEST)}


def _decoded(text: str) -> str:
    try:
        pair = base64.b64decode(text + "=" * (-len(text) % 4), altchars="-_" if {"-", "_"} & set(text) else None)
        return decoded if ":" in (decoded := pair.decode()) and decoded.isprintable() else ""
    except ValueError:
        return ""


def _forms(secret: str) -> Iterable[bytes]:
    raw = secret.encode(errors="surrogatepass")
    yield raw
    yield json.dumps(secret)[1:-1].encode()
    yield json.dumps(secret, ensure_ascii=False)[1:-1].encode(errors="surrogatepass")
    yield json.dumps(secret)[1:-1].replace("/", "\\/").encode()
    yield from _escaped(raw)
    yield quote(raw, safe="").encode()
    yield quote(raw).encode()
    yield raw.hex().encode()
    for offset in range(3):
        # The letters that stand for whole bytes of the secret, wherever it stands in a longer text.
        encoded = base64.b64encode(bytes(offset) + raw)
        core = encoded[(offset * 8 + 5) // 6 : (offset + len(raw)) * 8 // 6]
        if len(core) >= SHORTEST:
            yield core
            yield core.replace(b"+", b"-").replace(b"/", b"_")
            yield core.replace(b"/", b"\\/")
            yield quote(core, safe="").encode()
            yield from _escaped(core)


def _escaped(text: bytes) -> Iterable[bytes]:
    """As .NET writes a text in JSON and in HTML, where it escapes `+` as well, and as others do in HTML."""
    for table in _ESCAPES:
        yield text.decode("latin-1").translate(table).encode("latin-1")
