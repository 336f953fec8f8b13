"""Finds the parts of HTML that a browser would not show, and takes them out of a text; all else stays as it is.

It reads tags in one pass and judges each by its name, attributes and own style. Style sheets and scripts are not run:
what they hide is not seen here.
"""

import re
from collections.abc import Iterator
from typing import Final

REMOVED: Final = "[hidden text removed]"
_NEVER_SHOWN: Final = frozenset(
    ["script", "style", "template", "head", "title", "noscript", "noembed", "object", "datalist"]
)
_WITHOUT_END: Final = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
_END_BY_NEXT: Final = frozenset(["p", "li", "td", "th", "tr", "dt", "dd", "option"])
"""Elements that end where the next of their kind begins."""
_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]{0,40})((?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+)>")
_ATTRIBUTE = re.compile(r"([a-zA-Z][\w:-]{0,60})(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++)))?+")
_PROSE = re.compile(r"data-.*|aria-(?:label|description|roledescription)|alt|title|summary|content|value|placeholder")
"""Attributes that hold texts which people do not see, or only by pointing."""
_HIDING_STYLE = re.compile(
    r"display:none|visibility:(?:hidden|collapse)|opacity:(?:0?\.0\d*|0)(?:%|;|!|$)|mso-hide:all|content-visibility:hidden"
    r"|font-size:(?:0?\.\d+|[0-2](?:\.\d+)?)(?:px|pt|em|rem|%|;|!|$)|text-indent:-\d{3,}|(?:left|top|right):-\d{3,}"
    r"|clip:rect\(0|clip-path:inset\((?:50|100)%|(?:max-)?(?:height|width):0(?:px|pt|em|%|;|!|$)"
    r"|(?<![-\w])color:transparent|transform:scale\(0"
)
_COLOUR = re.compile(r"(?<![-\w])(color|background(?:-color)?):([^;]{1,40})")
_WHITE: Final = frozenset(("white", "#fff", "#ffffff", "#fefefe", "rgb(255,255,255)", "rgba(255,255,255,1)"))
_BLANKS = re.compile(r"\s|/\*[^*/]{0,80}\*/")
_WORDS = re.compile(r"\w")
_MARKUP = re.compile(r"<[^>]*+>")
_MAY_HIDE = re.compile(
    rb"<!|<(?:script|style|template|head|title|noscript|noembed|object|datalist)\b|hidden|display|visib|opacity|mso-hide"
    rb"|font-size|text-indent|:\s*-\d|clip|transparent|scale|height:|width:|colou?r|data-|aria-|alt=|title=|summary="
    rb"|content=|value=|placeholder=",
    re.IGNORECASE,
)


def may_hide(body: bytes) -> bool:
    """Whether a text may have hidden markup: a cheap question before the dear one."""
    return b"<" in body and _MAY_HIDE.search(body) is not None


def without_hidden(text: str) -> str:
    """The text without comments, hidden elements and the prose of attributes."""
    kept, position = [], 0
    for begin, end, instead in _cuts(text):
        if begin < position:
            continue
        kept += [text[position:begin], instead]
        position = end
    return "".join([*kept, text[position:]]) if kept else text


def _cuts(text: str) -> Iterator[tuple[int, int, str]]:
    """What is to be replaced, in order: from, to, by what."""
    position, length = 0, len(text)
    while 0 <= (begin := text.find("<", position)) < length:
        if text.startswith("<!--", begin):
            found = text.find("-->", begin + 4)
            end = found + 3 if found >= 0 else length
            yield begin, end, _mark(text[begin + 4 : end - 3 if found >= 0 else end])
            position = end
            continue
        tag = _TAG.match(text, begin)
        if tag is None:
            position = begin + 1
            continue
        position = tag.end()
        name = tag[2].lower()
        if tag[1] or (shorter := _judged(name, tag[3])) == tag[3]:
            continue
        if shorter is not None:
            yield begin, tag.end(), f"<{tag[2]}{shorter}>"
        else:
            position = tag.end() if name in _WITHOUT_END or tag[3].endswith("/") else _end_of(text, name, tag.end())
            yield begin, position, "" if name in _NEVER_SHOWN else _mark(text[tag.end() : position])


def _judged(name: str, attributes: str) -> str | None:
    """The attributes without prose; None when the element is not shown."""
    if name in _NEVER_SHOWN:
        return None
    prose = []
    for one in _ATTRIBUTE.finditer(attributes):
        key, value = one[1].lower(), (one[2] or one[3] or one[4] or "").lower()
        if key == "hidden" or (name == "input" and key == "type" and value == "hidden"):
            return None
        if (key == "style" and _hides(value)) or (name == "font" and key == "color" and value.strip() in _WHITE):
            return None
        if _PROSE.fullmatch(key) and " " in value.strip():
            prose.append(one.span())
    for begin, end in reversed(prose):
        attributes = attributes[:begin].rstrip() + attributes[end:]
    return attributes


def _hides(style: str) -> bool:
    """Whether a style shows nothing: no box, no size, no contrast."""
    plain = _BLANKS.sub("", style)
    if _HIDING_STYLE.search(plain):
        return True
    colours = {"ground" if name.startswith("back") else "text": value for name, value in _COLOUR.findall(plain)}
    ground = colours.get("ground")
    return "text" in colours and (colours["text"] == ground or (ground is None and colours["text"] in _WHITE))


def _end_of(text: str, name: str, position: int) -> int:
    """Where the element ends that was opened before `position`; the end of the text when nothing ends it."""
    depth = 1
    for tag in _TAG.finditer(text, position):
        if tag[2].lower() != name:
            continue
        if tag[1]:
            depth -= 1
        elif name in _END_BY_NEXT:
            return tag.start()
        elif not tag[3].endswith("/"):
            depth += 1
        if not depth:
            return tag.end()
    return len(text)


def _mark(hidden: str) -> str:
    """What stands for a part that was taken out: nothing when it held no words."""
    return REMOVED if _WORDS.search(_MARKUP.sub("", hidden)) else ""
