"""What people do not see in a text must not reach a model: invisible characters and hidden markup can carry orders.

Characters go that show nothing or turn the direction around, unless a writing system or an emoji needs them where they
stand. Of markup that part goes which a page would not show; texts hold code too, and what is no markup is left as it
is. Entities that stand for such characters count as these.
"""

import json
import re
from typing import Any, Final

from pydantic_core import SchemaValidator, core_schema

_IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Unicode's Default_Ignorable_Code_Point, and the annotation marks."""
_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f"
_EMOJI = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u231a-\u23ff\u25aa-\u25fe\u2600-\u27bf\u2b00-\u2bff\u3030\u303d"
    "\u3297\u3299\U0001f000-\U0001faff"
)
_JOINING = (
    "\u0620-\u065f\u066e-\u06d3\u06d5-\u06ed\u06fa-\u06ff\u0750-\u077f\u08a0-\u08ff"  # Arabic and Persian
    "\u0710-\u074f\u07ca-\u07f5\u0840-\u085b"  # Syriac, N'Ko, Mandaic
    "\u0900-\u0dff\u1000-\u109f\u1780-\u17b3\u17b6-\u17d3\u1b00-\u1b7f\ua8e0-\ua8ff\U00011000-\U000114ff"  # Indic
)
"""Scripts in which joiners and non-joiners change how a word is written."""
_MONGOLIAN = "\u1820-\u18aa"
_HAN = "\u2e80-\u2fdf\u3005\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_ONE_EMOJI = f"[{_EMOJI}][\ufe0e\ufe0f]?[\U0001f3fb-\U0001f3ff]?"
_NATIONS = "\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074|\U000e0077\U000e006c\U000e0073"
"""England, Scotland and Wales: no other flags of this kind are in use, and any letters could hide in them."""
_KEPT = "|".join(
    (
        f"\U0001f3f4\U000e0067\U000e0062(?:{_NATIONS})\U000e007f",
        f"{_ONE_EMOJI}(?:\u200d{_ONE_EMOJI}){{0,9}}",
        "[0-9#*]\ufe0f\u20e3",
        f"[{_HAN}][\ufe00-\ufe02\U000e0100-\U000e01ef]",
        f"[{_MONGOLIAN}][\u180b-\u180d\u180f]",
        f"(?<=[{_JOINING}])[\u200c\u200d]",
    )
)
_SUSPECT = re.compile(f"[{_IGNORABLE}{_CONTROLS}]")
_CHARACTERS = re.compile(f"({_KEPT})|[{_IGNORABLE}{_CONTROLS}]")
_BREAKS = re.compile("[\u2028\u2029\u0085\x0b\x0c]")
_NAMED: Final = {
    "shy": 0xAD,
    "zwnj": 0x200C,
    "zwj": 0x200D,
    "lrm": 0x200E,
    "rlm": 0x200F,
    "ZeroWidthSpace": 0x200B,
    "NegativeVeryThinSpace": 0x200B,
    "NegativeThinSpace": 0x200B,
    "NegativeMediumSpace": 0x200B,
    "NegativeThickSpace": 0x200B,
    "NoBreak": 0x2060,
    "ApplyFunction": 0x2061,
    "af": 0x2061,
    "InvisibleTimes": 0x2062,
    "it": 0x2062,
    "InvisibleComma": 0x2063,
    "ic": 0x2063,
}
_ENTITY = re.compile(rf"&(?:amp;){{0,4}}(?:#(?:[xX]0*([0-9a-fA-F]{{1,6}})|0*([0-9]{{1,7}}));?|({'|'.join(_NAMED)});)")
_MARKS = re.compile(r"[<\]`~]")
"""What all markup has one of."""


def _search(pattern: str) -> SchemaValidator:
    """Takes texts with this in them, ten times faster than Python's own expressions."""
    return SchemaValidator(core_schema.str_schema(pattern=pattern, regex_engine="rust-regex"))


_QUESTIONABLE: Final = _search(r"<[!?/a-zA-Z]|\][(:\[]|```|~~~|\\u00|\\b|\\f|\x7f")
"""JSON with markup in it, or controls."""
_UNSEEN: Final = _search(f"[{_IGNORABLE}{_CONTROLS}\u2028\u2029\u0085]")


def safe_answer(body: bytes) -> bytes:
    """An answer in JSON whose texts are all safe; the same bytes when they are already."""
    if not (
        _QUESTIONABLE.isinstance_python(body)
        or (b"&" in body and _ENTITY.search(body.decode()))
        or (not body.isascii() and _UNSEEN.isinstance_python(body.decode()))
    ):
        return body
    content = json.loads(body)
    safe = _each(content)
    return body if safe == content else json.dumps(safe, ensure_ascii=False, separators=(",", ":")).encode()


def safe_text(text: str) -> str:
    """A text as people see it."""
    if "&" in text:
        text = _ENTITY.sub(_decoded, text)
    if _BREAKS.search(text):
        text = _BREAKS.sub("\n", text)
    if _SUSPECT.search(text):
        text = _CHARACTERS.sub(lambda found: found[1] or "", text)
    return _without_hidden(text) if _MARKS.search(text) else text


def _without_hidden(text: str) -> str:
    from connector.serving.hidden import markdown, markup  # here, since a start without markup is 17 ms faster

    return markdown.without_hidden(markup.without_hidden(text))


def _decoded(entity: re.Match[str]) -> str:
    """The character that an entity stands for, if it is one that people do not see."""
    code = int(entity[1], 16) if entity[1] else int(entity[2]) if entity[2] else _NAMED[entity[3]]
    character = chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else ""
    return character if not character or _SUSPECT.match(character) or _BREAKS.match(character) else entity[0]


def _each(content: Any) -> Any:
    if type(content) is str:
        return safe_text(content)
    if type(content) is dict:
        return {safe_text(name): _each(value) for name, value in content.items()}
    return [_each(item) for item in content] if type(content) is list else content
