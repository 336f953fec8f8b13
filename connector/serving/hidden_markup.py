"""Finds the parts of HTML that a browser would not show, and takes them out of a text; all else stays as it is.

It reads tags in one pass and judges each by its name, attributes and own style. Style sheets and scripts are not run:
what they hide is not seen here.
"""

import html
import re
from collections.abc import Iterator
from typing import Final

REMOVED: Final = "[hidden text removed]"
_NEVER_SHOWN: Final = frozenset(
    [
        *("script", "style", "template", "head", "title", "noscript", "noembed", "noframes", "object", "datalist"),
        *("iframe", "canvas", "audio", "video", "dialog", "rp"),
    ]
)
_WITHOUT_END: Final = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
_END_BY_NEXT: Final = frozenset(["p", "li", "td", "th", "tr", "dt", "dd", "option"])
"""Elements that end where the next of their kind begins."""
_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]{0,40})((?:=\s*+(?:\"[^\"]*+\"|'[^']*+')|[^<>])*+)>")
"""Quotes count after an equals sign only, as in browsers."""
_NO_TAG = re.compile(r"<(?:[!?]|/(?![a-zA-Z]))")
"""What browsers take for the beginning of a comment, which the next `>` ends."""
_ATTRIBUTE = re.compile(r"([a-zA-Z][\w:-]{0,60})(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++)))?+")
_PROSE = re.compile(r"data-.*|aria-(?:label|description|roledescription)|alt|title|summary|content|value|placeholder")
"""Attributes that hold texts which people do not see, or only by pointing."""
_NO_PROSE: Final = frozenset(["class", "style", "rel", "href", "src", "srcset", "sizes", "face"])
"""Those of usual elements whose values have blanks; in any other of theirs, blanks make it such a text too."""
_USUAL: Final = frozenset(
    [
        *("a", "b", "blockquote", "br", "code", "div", "em", "font", "h1", "h2", "h3", "h4", "hr", "i", "img", "li"),
        *("ol", "p", "pre", "section", "span", "strong", "table", "tbody", "td", "th", "tr", "u", "ul"),
    ]
)
_FAR = r":-(?:\d{3,}|\d{2,}(?:\.\d+)?(?:r?em|ch|ex|v[wh]|%|in|cm))"
_TINY = r"(?:(?:[0-2](?:\.\d+)?|0*\.\d+)(?:px|pt|%)|(?:0+|0*\.[01]\d*)(?:r?em)|0+(?:\.0+)?(?![\d.%a-z]))"
_ZERO = r"(?:0*\.0\d*|0+)(?:e[+-]?\d+)?"
_HIDING_STYLE = re.compile(
    rf"display:none|visibility:(?:hidden|collapse)|opacity:(?:{_ZERO}|calc\(0|[0-4](?:\.\d+)?%)(?:%|;|!|\)|$)"
    rf"|mso-hide:all|content-visibility:hidden|font-size:(?:{_TINY}|calc\({_TINY})"
    rf"|(?<![-\w])font:(?:[^;:]{{0,60}}[^\d.;:])?{_TINY}"
    rf"|(?:text-indent|left|top|right|bottom){_FAR}|translate(?:x|y|3d)?\([^);]{{0,40}}-\d{{3,}}"
    rf"|clip:rect\(0|clip-path:(?:inset\((?:50|100)%|circle\(0)|filter:opacity\({_ZERO}[%)]"
    rf"|(?<![-\w])(?:max-|line-)?(?:height|width):(?:0+(?:px|pt|r?em|%|;|!|$)|[01]px.{{0,99}}overflow:hidden)"
    rf"|overflow:hidden.{{0,99}}(?<![-\w])(?:max-)?(?:height|width):[01]px|(?:transform:scale[xyz3d]*\(|(?<![-\w])scale:){_ZERO}(?![\d.])"
)
_COLOUR = re.compile(r"(?<![-\w])((?:-webkit-text-fill-)?color|background(?:-color)?):([^;!]{1,40})")
_WHITE = re.compile(
    r"white|#?f[a-f](?:f[a-f]){2}|#?fff|#f{4}|#f{8}|rgba?\((?:25[0-5],){2}25[0-5](?:[,/](?:1|100%))?\)|hsla?\(.*,(?:9[89]|100)%\)"
)
_CLEAR = re.compile(
    r"transparent|#[0-9a-f]{3}0|#[0-9a-f]{6}0[0-9a-f]|(?:rgb|hsl)a?\((?:[^,/]+[,/]){3}(?:0*\.0\d*|0+|[0-4]%)%?\)"
)
_LONGEST_STYLE: Final = 4000
"""What is longer no person wrote."""
_CSS_COMMENT = re.compile(r"/\*(?:[^*]|\*(?!/))*+(?:\*/|$)")
_CSS_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))", re.DOTALL)
_BETWEEN_NUMBERS = re.compile(r"(?<=[\d%])\s+(?=[\d.])")
_WORDS = re.compile(r"\w")
_MARKUP = re.compile(r"<[^<>]*+>")
_MAY_HIDE = re.compile(
    rf"<[!?]|</[^a-zA-Z]|<(?:{'|'.join(sorted(_NEVER_SHOWN))})\b|style|hidden|popover|colou?r|<[^<>]*+=".encode(),
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
    position, length, last = 0, len(text), text.rfind(">")
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
            if begin < last and _NO_TAG.match(text, begin):
                position = text.index(">", begin) + 1
                yield begin, position, _mark(text[begin + 2 : position - 1])
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
        if key in ("hidden", "popover") or (name == "input" and key == "type" and value == "hidden"):
            return None
        if (key == "style" and _hides(value)) or (
            name == "font" and key == "color" and _WHITE.fullmatch(value.strip())
        ):
            return None
        if " " in value.strip() and (_PROSE.fullmatch(key) or (name in _USUAL and key not in _NO_PROSE)):
            prose.append(one.span())
    for begin, end in reversed(prose):
        attributes = attributes[:begin].rstrip() + attributes[end:]
    return attributes


def _hides(style: str) -> bool:
    """Whether a style shows nothing: no box, no size, no contrast."""
    if len(style) > _LONGEST_STYLE:
        return True
    plain = _plain(style)
    if _HIDING_STYLE.search(plain):
        return True
    colours = {"ground" if name.startswith("back") else "text": value for name, value in _COLOUR.findall(plain)}
    text, ground = colours.get("text", ""), colours.get("ground")
    is_white = ground is None and _WHITE.fullmatch(text) is not None
    return bool(text) and (text == ground or is_white or _CLEAR.fullmatch(text) is not None)


def _plain(style: str) -> str:
    """A style without entities, comments, escapes and blanks, which browsers resolve or skip."""
    style = _CSS_COMMENT.sub("", html.unescape(style)) if "&" in style or "/*" in style else style
    if "\\" in style:
        style = _CSS_ESCAPE.sub(_unescaped, style)
    return "".join(_BETWEEN_NUMBERS.sub(",", style.lower()).split())


def _unescaped(escape: re.Match[str]) -> str:
    code = int(escape[1], 16) if escape[1] else ord(escape[2])
    return chr(code) if code < 0x110000 else ""


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
