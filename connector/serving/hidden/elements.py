"""What HTML's elements are to a reader, and how one ends another. Source: the HTML standard, its tree construction."""

from typing import Final

NEVER_SHOWN: Final = frozenset(
    [
        *("script", "style", "template", "head", "title", "noscript", "noembed", "noframes", "object", "datalist"),
        *("iframe", "canvas", "audio", "video", "dialog", "rp", "textarea", "xmp", "plaintext", "progress", "meter"),
        *("applet", "frameset", "desc", "metadata", "annotation", "annotation-xml", "defs", "symbol", "clippath"),
        *("mask", "marker", "pattern", "mphantom", "bdo", "portal", "fencedframe"),
        *("select", "option", "optgroup"),
    ]
)
"""Those of SVG and MathML too. `bdo` shows letters in another order than they are read in."""
RAW: Final = frozenset(
    ["script", "style", "title", "noscript", "noembed", "noframes", "iframe", "textarea", "xmp", "plaintext"]
)
"""Elements in which nothing is a tag but their own end."""
VOID: Final = frozenset(
    [
        *("area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input", "keygen"),
        *("link", "meta", "param", "source", "track", "wbr"),
    ]
)
FORMATTING: Final = frozenset(
    ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"]
)
"""Elements that go on behind the end of one that they stand in."""
SCOPE: Final = frozenset(
    ["applet", "caption", "table", "td", "th", "marquee", "object", "template", "svg", "math", "select"]
)
"""What the end tag of an element outside does not end."""
_BLOCKS: Final = frozenset(
    [
        *("address", "article", "aside", "blockquote", "center", "details", "dialog", "dir", "div", "dl", "fieldset"),
        *("figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "main"),
        *("menu", "nav", "ol", "p", "pre", "search", "section", "summary", "ul", "listing", "hr"),
    ]
)
SPECIAL: Final = (
    _BLOCKS
    | SCOPE
    | frozenset(
        [
            *("body", "button", "colgroup", "dd", "dt", "html", "iframe", "li", "noscript", "select", "tbody"),
            *("tfoot", "thead", "tr", "textarea", "title", "xmp"),
        ]
    )
)
"""What the end tag of an ordinary element does not end."""
ENDS_OF_ITEMS: Final = SPECIAL - {"address", "div", "p"}
KNOWN: Final = (
    SPECIAL
    | FORMATTING
    | VOID
    | (NEVER_SHOWN - {"desc", "metadata", "symbol", "mask", "marker", "pattern", "defs"})
    | frozenset(
        [
            *("abbr", "acronym", "b", "bdi", "cite", "data", "del", "dfn", "ins", "kbd", "label", "legend", "map"),
            *("mark", "optgroup", "option", "output", "picture", "q", "rb", "rt", "rtc", "ruby", "samp", "slot"),
            *("span", "sub", "sup", "time", "var"),
        ]
    )
)
"""The elements of HTML. Other words in angle brackets may be code, placeholders or addresses."""
TELLING: Final = frozenset(name for name in KNOWN if len(name) > 1) - {"data", "time", "object", "source", "label"} | {
    "p"
}
"""Those whose tags say that a text is HTML."""

MARKERS: Final = frozenset(["td", "th", "caption", "applet", "object", "marquee", "template"])
"""Elements out of which no formatting goes on."""
TABLE_PARTS: Final = frozenset(["caption", "col", "colgroup", "tbody", "td", "tfoot", "th", "thead", "tr"])
"""Elements that there are in tables only."""
LEAVES_DRAWING: Final = frozenset(
    [
        *("b", "big", "blockquote", "body", "br", "center", "code", "dd", "div", "dl", "dt", "em", "embed", "h1", "h2"),
        *("h3", "h4", "h5", "h6", "head", "hr", "i", "img", "li", "listing", "menu", "meta", "nobr", "ol", "p", "pre"),
        *("ruby", "s", "small", "span", "strong", "strike", "sub", "sup", "table", "tt", "u", "ul", "var"),
    ]
)
"""Elements that end a drawing or a formula in which they begin."""

_P_ENDS: Final = SCOPE | {"button"}
_TABLE: Final = frozenset(["table", "template", "select"])
_ENDED_BY: Final[dict[str, tuple[frozenset[str], frozenset[str]]]] = {
    **dict.fromkeys(_BLOCKS, (frozenset(["p"]), _P_ENDS)),
    "li": (frozenset(["li"]), ENDS_OF_ITEMS - {"li"}),
    **dict.fromkeys(("dd", "dt"), (frozenset(["dd", "dt"]), ENDS_OF_ITEMS - {"dd", "dt"})),
    **dict.fromkeys(("td", "th"), (frozenset(["td", "th"]), _TABLE)),
    "tr": (frozenset(["tr", "td", "th"]), _TABLE),
    **dict.fromkeys(("tbody", "thead", "tfoot"), (frozenset(["tr", "tbody", "thead", "tfoot"]), _TABLE)),
    "option": (frozenset(["option"]), SPECIAL),
}


def ended_by(name: str, open_names: list[str]) -> int | None:
    """Which of the open elements, outermost first, the beginning of another of this name ends."""
    if name not in _ENDED_BY:
        return None
    ends, stops = _ENDED_BY[name]
    found = None
    for at in range(len(open_names) - 1, -1, -1):
        if open_names[at] in ends:
            found = at
            if name not in ("tr", "tbody", "thead", "tfoot"):
                break
        elif open_names[at] in stops:
            break
    return found if name not in ("li", "dd", "dt") else _with_p(found, open_names)


def _with_p(found: int | None, open_names: list[str]) -> int | None:
    """An item ends the paragraph around it too."""
    around = ended_by("p", open_names[:found])
    return found if around is None else around


def closed_by(name: str, open_names: list[str]) -> int | None:
    """Which of the open elements an end tag of this name closes; None when it closes nothing."""
    stops = _stops_of(name)
    for at in range(len(open_names) - 1, -1, -1):
        if open_names[at] == name:
            return at
        if open_names[at] in stops:
            return None
    return None


def _stops_of(name: str) -> frozenset[str]:
    if name in ("table", "svg", "math", "template", "body", "html"):
        return frozenset(["template"]) - {name}
    if name in ("td", "th", "tr", "tbody", "thead", "tfoot", "caption"):
        return frozenset(["table", "template"])
    if name == "p":
        return _P_ENDS
    if name == "li":
        return SCOPE | {"ol", "ul"}
    return SCOPE if name in SPECIAL or name in FORMATTING else SPECIAL
