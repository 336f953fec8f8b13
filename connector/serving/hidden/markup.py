"""A text without what a page that shows it as HTML would not show, and without the attributes that nobody reads.

It is read once, from front to back, as browsers read it: tags, comments, and a stack of open elements, each with how
its texts look. Of a shown element the tag stays, with the target of a link or a picture. What no element of HTML is
stays as it is (code, placeholders, addresses), unless the text is HTML or the brackets hold a sentence. Style sheets
and scripts are not run: what they hide is not seen here.

`html.parser` of the standard library is not used: it does not end elements as browsers do, gives no positions of what
it decoded, and before Python 3.13.6 takes quadratic time for some texts.
"""

import html
import re
from typing import Final, NamedTuple

from connector.serving.hidden.elements import (
    FORMATTING,
    KNOWN,
    LEAVES_DRAWING,
    MARKERS,
    NEVER_SHOWN,
    RAW,
    SPECIAL,
    TABLE_PARTS,
    TELLING,
    VOID,
    closed_by,
    ended_by,
)
from connector.serving.hidden.styles import Look, looked, painted

REMOVED: Final = "[hidden text removed]"

_NAME = r"(/?)([a-zA-Z][^\s/<>]*+)"
_QUOTED = r"=\s*+(?:\"[^\"]*+\"|'[^']*+')"
"""Quotes count after an equals sign only."""
_TAG = re.compile(rf"<{_NAME}((?:{_QUOTED}|=(?!\s*+[\"'])|[^<>=])*+)>")
_LOOSE_TAG = re.compile(rf"<{_NAME}((?:{_QUOTED}|=(?!\s*+[\"'])|[^>=])*+)>")
_UNFINISHED = re.compile(rf"<([a-zA-Z][^\s/<>]*+)[\s/](?:{_QUOTED}|[^>=])*+=\s*+[\"']")
"""A tag whose quote nothing ends: browsers drop it, and what follows."""
_BEGINNING = re.compile(r"</?([a-zA-Z][^\s/<>]*+)[\s/]")
_COMMENT_END = re.compile(r"--!?>")
_ATTRIBUTE = re.compile(r"([^\s\"'=/>][^\s=/>]*+)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s>]++)))?+")
_TELLING = re.compile(rf"</?(?:{'|'.join(sorted(TELLING))})(?=[\s/>])", re.IGNORECASE)
_AUTOLINK = re.compile(r"<(?:https?://[^\s<>]+|(?:mailto:)?[^\s<>@:]+@[^\s<>]+)>", re.IGNORECASE)
_SPACES = re.compile(r"[\s\x00-\x20]+")
_LINK = re.compile(r"(?!data:|javascript:|vbscript:)", re.IGNORECASE)
_LONGEST_LINK: Final = 2000
_WORD = re.compile(r"\w")
_PROSE_WORD = re.compile(r"(?<!\S)[^\W\d_]+[.,;:!?]*(?!\S)|[^\W\d_a-zA-Z]{9,}")
_MOST_WORDS: Final = 3
"""More than these, one after the other in angle brackets, are a sentence."""
_DEEPEST: Final = 100
_HIDING: Final = frozenset(["hidden", "popover", "inert"])


class _Open(NamedTuple):
    """An element that is open."""

    name: str
    look: Look
    attributes: dict[str, str]


def without_hidden(text: str) -> str:
    """The text as people see it."""
    if text.find("<") < 0:
        return text
    return _Page(text).shown()


def has_prose(text: str) -> bool:
    """Whether it holds a sentence: several words that are nothing but letters."""
    return sum(1 for _ in _PROSE_WORD.finditer(text)) > _MOST_WORDS or (not text.isascii() and _longest(text) > 8)


def _longest(text: str) -> int:
    """The length of the longest run of letters outside ASCII: there are scripts without blanks."""
    return max(map(len, re.findall(r"[^\x00-\x7f\W\d_]+", text)), default=0)


def is_shown_link(target: str) -> bool:
    """Whether the target of a link leads somewhere, and holds no text of its own."""
    plain = _SPACES.sub("", html.unescape(target))
    return len(target) <= _LONGEST_LINK and _LINK.match(plain) is not None and not has_prose(target)


class _Page:
    """One text on its way from front to back."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.kept: list[str] = []
        self.hid_words = False
        self.open: list[_Open] = []
        self.is_over = False
        """Whether nothing that follows is shown."""
        self.is_html = _TELLING.search(text) is not None
        self.last = text.rfind(">")
        self.room = 20 * len(text) + 10_000
        """Characters that may be read ahead for odd tags: a text of nothing else must not take quadratic time."""

    @property
    def look(self) -> Look:
        return self.open[-1].look if self.open else _USUAL

    def shown(self) -> str:
        text, position = self.text, 0
        while (begin := text.find("<", position)) >= 0 and not self.is_over:
            self._write(text[position:begin])
            position = self._markup(begin)
        self._write(text[position:])
        return "".join(self.kept) + self._mark()

    def _mark(self) -> str:
        mark, self.hid_words = REMOVED if self.hid_words else "", False
        return mark

    def _write(self, words: str) -> None:
        """Keep a text if it can be read where it stands."""
        if not words:
            return
        if self.is_over or not self.look.is_read:
            self._hide(words)
        if not self.is_over and (self.look.is_read or (not self.look.is_gone and words.isspace())):
            self.kept += [self._mark(), words]

    def _hide(self, words: str) -> None:
        self.hid_words = self.hid_words or _WORD.search(words) is not None

    def _keep_tag(self, tag: str) -> None:
        self.kept += [self._mark(), tag]

    def _markup(self, begin: int) -> int:
        """Read what begins with `<`; where it ends."""
        text = self.text
        following = text[begin + 1 : begin + 2]
        if following in ("!", "?") or (following == "/" and not text[begin + 2 : begin + 3].isalpha()):
            return self._comment(begin)
        if not (following == "/" or (following.isascii() and following.isalpha())):
            self._write("<")
            return begin + 1
        tag = (_TAG.match(text, begin) if begin < self.last else None) or self._odd_tag(begin)
        if tag is not None:
            return self._tag(tag)
        if not self.is_over:
            self._write("<")
        return begin + 1

    def _odd_tag(self, begin: int) -> re.Match[str] | None:
        """A tag with another `<` in it, if it is more than two comparisons; without an end, all that follows is it."""
        name = _BEGINNING.match(self.text, begin)
        if name is None:
            return None
        loose = _LOOSE_TAG.match(self.text, begin) if begin < self.last else None
        self.room -= (loose.end() if loose else len(self.text)) - begin
        is_known = name[1].lower() in KNOWN
        is_unfinished = loose is None and (self.is_html or (is_known and self._has_open_quote(begin)))
        if self.room < 0 or is_unfinished:
            self._hide(self.text[begin:])
            self.is_over = True
        return loose if loose is not None and (is_known or self.is_html or _hides(_attributes(loose[3]))) else None

    def _has_open_quote(self, begin: int) -> bool:
        return _UNFINISHED.match(self.text, begin) is not None

    def _comment(self, begin: int) -> int:
        """Comments, and what browsers take for one: from `<!`, `<?` or `</ ` to the next `>`."""
        text = self.text
        if text.startswith("<!--", begin):
            if text.startswith((">", "->"), begin + 4):
                return text.index(">", begin) + 1
            found = _COMMENT_END.search(text, begin + 4)
            end, until = (found.end(), found.start()) if found else (len(text), len(text))
            self._hide(_without_tags(text[begin + 4 : until]))
            return end
        if begin > self.last:
            if text[begin + 1] == "/" and not self.is_html:
                self._write("<")
                return begin + 1
            self._hide(text[begin + 2 :])
            return len(text)
        is_data = text.startswith("<![CDATA[", begin) and any(one.name in _DRAWINGS for one in self.open)
        found_at = text.find("]]>", begin) + 2 if is_data else text.index(">", begin)
        end = found_at + 1 if found_at > begin else len(text)
        self._hide(text[begin + 2 : end])
        return end

    def _tag(self, tag: re.Match[str]) -> int:
        name = tag[2].lower()
        is_end = tag[1] and any(one.name == name for one in self.open)
        if name not in KNOWN and name not in NEVER_SHOWN and not is_end and self._is_no_element(tag):
            return tag.end()
        if name in TABLE_PARTS and not any(one.name in ("table", "template") for one in self.open):
            if not self.look.is_gone:  # no element, outside a table
                self._keep_tag(f"<{tag[1]}{tag[2]}>")
            return tag.end()
        if tag[1]:
            self._close(name, tag)
            return tag.end()
        attributes = _attributes(tag[3]) if tag[3] else {}
        if (at := ended_by(name, [one.name for one in self.open])) is not None:
            self._pop(at)
        if name in LEAVES_DRAWING and self.look.is_bare:
            self._leave_drawing()
        around = self._around(name)
        look = _judged(name, attributes, around) if attributes or around.is_bare or name in _OWN_LOOK else around
        if name in RAW:
            return self._skip(name, tag.end())
        if name in VOID:
            if not look.is_gone and name not in ("link", "meta", "base", "input", "embed", "param", "source", "track"):
                self._keep_tag(_shortened(tag[2], attributes, tag[0]))
            return tag.end()
        if not look.is_gone:
            self._keep_tag(_shortened(tag[2], attributes, tag[0]) if name in KNOWN or not self.is_html else "")
        is_closed = tag[3].endswith("/") and (name in _DRAWINGS or (name not in KNOWN and self._is_in_drawing()))
        if not is_closed:
            self._push(_Open(name, look, attributes))
        return tag.end()

    def _leave_drawing(self) -> None:
        """An element of HTML ends the drawing that it begins in, unless it stands where one may."""
        for at in range(len(self.open) - 1, -1, -1):
            if self.open[at].name in _HOLDS_HTML:
                return
            if self.open[at].name in _DRAWINGS:
                self._pop(at, keeps=False)
                return

    def _around(self, name: str) -> Look:
        """How texts look where an element begins. Of `details` that are closed, only the first summary is shown."""
        if name == "summary" and self.open and self.open[-1].attributes.pop(_CLOSED, None) is not None:
            return self.look._replace(is_gone=False)
        return self.look

    def _is_no_element(self, tag: re.Match[str]) -> bool:
        """Write brackets that no element of HTML stands in: code, a placeholder, an address, or a sentence."""
        if _AUTOLINK.fullmatch(tag[0]):
            self._write(tag[0])
            return True
        if _hides(_attributes(tag[3])) or self._is_in_drawing():
            return False
        if has_prose(f"{tag[2]} {tag[3]}") or any(has_prose(value) for value in _attributes(tag[3]).values()):
            self._hide(tag[0])
        elif not self.is_html:
            self._write(tag[0])
        return True

    def _is_in_drawing(self) -> bool:
        return any(one.name in _DRAWINGS for one in self.open)

    def _skip(self, name: str, position: int) -> int:
        """Pass over an element in which nothing is a tag."""
        end = re.compile(rf"</{name}(?=[\s/>])[^>]*+>", re.IGNORECASE).search(self.text, position)
        if end is None or name == "plaintext":
            self._hide(self.text[position:] if name not in ("script", "style") else "")
            self.is_over = True
            return len(self.text)
        if name not in ("script", "style"):
            self._hide(self.text[position : end.start()])
        return end.end()

    def _push(self, one: _Open) -> None:
        if len(self.open) < _DEEPEST:
            self.open.append(one)
        elif not one.look.is_read:
            self.is_over = True  # what ends it is no longer known

    def _close(self, name: str, tag: re.Match[str]) -> None:
        at = closed_by(name, [one.name for one in self.open])
        if at is None:
            if not self.look.is_gone and (name in KNOWN or not self.is_html):
                self._keep_tag(f"</{tag[2]}>" if name in KNOWN else tag[0])
            return
        is_kept = not self.open[at].look.is_gone and (name in KNOWN or not self.is_html)
        self._pop(at)
        if is_kept:
            self._keep_tag(f"</{tag[2]}>")

    def _pop(self, at: int, *, keeps: bool = True) -> None:
        """Close an element. Such as `b` go on behind its end, and blocks behind the end of such, looking as they do."""
        end = next((place for place in range(at, len(self.open)) if self.open[place].name in MARKERS), len(self.open))
        inside = self.open[at + 1 : end] if keeps else []
        block = len(inside)
        if self.open[at].name in FORMATTING:
            block = next((place for place, one in enumerate(inside) if one.name in SPECIAL), block)
        del self.open[at:]
        for place, one in enumerate(inside):
            if place >= block or one.name in FORMATTING:
                self._push(one._replace(look=_judged(one.name, one.attributes, self.look)))


_USUAL: Final = Look()
_DRAWINGS: Final = frozenset(["svg", "math"])
_HOLDS_HTML: Final = frozenset(["foreignobject", "desc", "title", "annotation-xml"])
_LETTERED: Final = frozenset(["text", "tspan", "textpath", "mi", "mn", "mo", "ms", "mtext"])
"""Elements of drawings and formulas whose texts are shown."""
_INKS: Final = {"font": "color", "basefont": "color", "body": "text", **dict.fromkeys(("text", "tspan", "svg"), "fill")}
"""The attributes that give texts their colour."""
_GROUNDED: Final = frozenset(["body", "table", "marquee", *TABLE_PARTS])
_OWN_LOOK: Final = NEVER_SHOWN | _DRAWINGS | _LETTERED | {"details"}
_CLOSED: Final = "/closed"
"""Beside the attributes of a closed `details` whose summary has not come: no attribute can have this name."""


def _attributes(text: str) -> dict[str, str]:
    """Names and values; of two with one name, the first counts."""
    found: dict[str, str] = {}
    for one in _ATTRIBUTE.finditer(text):
        found.setdefault(one[1].lower(), one[2] or one[3] or one[4] or "")
    return found


def _hides(attributes: dict[str, str]) -> bool:
    return bool(attributes) and (
        not _HIDING.isdisjoint(attributes)
        or attributes.get("aria-hidden", "").strip().lower() == "true"
        or "style" in attributes
    )


def _judged(name: str, attributes: dict[str, str], around: Look) -> Look:
    """How texts look in an element that stands in `around`."""
    gone = around._replace(is_gone=True)
    if name in NEVER_SHOWN and not (name == "dialog" and "open" in attributes):
        return gone
    if not _HIDING.isdisjoint(attributes) or attributes.get("aria-hidden", "").strip().lower() == "true":
        return gone
    if any(_ZERO.fullmatch(attributes.get(side, "")) for side in ("width", "height")):
        return gone
    if name == "input" and attributes.get("type", "").lower() == "hidden":
        return gone
    if name in _DRAWINGS or name in _LETTERED:
        around = around._replace(is_bare=name in _DRAWINGS)
    ink = attributes.get(_INKS.get(name, ""), "")
    ground = attributes.get("bgcolor", "") if name in _GROUNDED else ""
    look = painted(around, ink=_colour(ink), ground=_colour(ground))
    look = looked(attributes["style"], look) if "style" in attributes else look
    if name == "details" and "open" not in attributes and not look.is_gone:
        attributes[_CLOSED] = ""
        return look._replace(is_gone=True)
    return look


_ZERO = re.compile(r"\s*0+(?:\.0*)?\s*(?:px|%)?\s*")


def _colour(value: str) -> str:
    return html.unescape(value).strip().lower()


def _shortened(name: str, attributes: dict[str, str], tag: str) -> str:
    """A tag with nothing but where it leads."""
    if not attributes:
        return tag if tag.endswith((name + ">", name + "/>", name + " />")) else f"<{name}>"
    lead = {"a": "href", "area": "href", "img": "src"}.get(name.lower(), "")
    target = attributes.get(lead, "")
    if target and target[:7].lower() == "mailto:":
        target = target.partition("?")[0]
    return f'<{name} {lead}="{target}">' if target and '"' not in target and is_shown_link(target) else f"<{name}>"


def _without_tags(text: str) -> str:
    return re.sub(r"<[^<>]*+>", "", text)
