"""What the style of an element does to the texts in it: whether a page shows them, and how.

Some properties hide an element for good, whatever is inside (`display:none`, off the page, cut away); others are
inherited, and an element inside may show itself again (colour, size, `visibility`). Of values that only a browser could
compute, those are taken to hide which no mail needs.
"""

import html
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from connector.serving.hidden.colours import BLACK, CLEAR, WHITE, Colour, colour_of, is_legible


class Look(NamedTuple):
    """How the texts at one place look."""

    is_gone: bool = False
    """Whether nothing inside is shown, however it is styled itself."""
    is_unseen: bool = False
    """Hidden by `visibility`, which an element inside may take back."""
    is_bare: bool = False
    """Whether it is in a drawing, and not in one of the elements whose texts are drawn."""
    ink: Colour | None = BLACK
    ground: Colour | None = WHITE
    size: float = 16.0
    """The height of a letter in pixels."""

    @property
    def is_read(self) -> bool:
        """Whether people can read a text here."""
        shown = not (self.is_gone or self.is_unseen or self.is_bare) and self.size >= _SMALLEST
        return shown and ((self.ink is BLACK and self.ground is WHITE) or is_legible(self.ink, self.ground))


_SMALLEST: Final = 4.0
_FAINT: Final = 0.1
_FAR: Final = 99.0
"""Pixels to the left or above from which on a text leaves its place."""
_BEYOND: Final = 999.0
"""Pixels to the right or below from which on it leaves the page."""
_LONGEST_STYLE: Final = 4000
"""What is longer no person wrote."""
_PIXELS: Final = {
    name: float(pixels)
    for name, pixels in (
        *(("px", 1), ("", 1), ("pt", 4 / 3), ("pc", 16), ("in", 96), ("cm", 37.8), ("mm", 3.78), ("q", 0.945)),
        *(("rem", 16), ("vw", 10), ("vh", 8), ("vmin", 8), ("vmax", 10), ("%", 10)),
    )
}
"""Of a unit; those of the window and of the parent are those of a usual page."""
_OF_FONT: Final = {"em": 1.0, "%": 0.01, "ch": 0.5, "ex": 0.5, "lh": 1.2}
_SIZES: Final = {
    name: float(pixels)
    for name, pixels in (
        *(("xx-small", 9), ("x-small", 10), ("small", 13), ("medium", 16), ("large", 18), ("x-large", 24)),
        *(("xx-large", 32), ("xxx-large", 48), ("initial", 16)),
    )
}
_COMMENT = re.compile(r"/\*(?:[^*]|\*(?!/))*+(?:\*/|$)")
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))", re.DOTALL)
_DECLARATION = re.compile(r"(?<![\w-])([\w-]++)\s*+:((?:[^;\"'(]|\"[^\"]*+\"?|'[^']*+'?|\([^)]*+\)?)*+)")
_LENGTH = re.compile(
    r"(?<![\w.#])([+-]?(?:\d{1,9}\.?\d{0,9}|\.\d{1,9})(?:e[+-]?\d{1,2})?)(px|pt|pc|rem|em|%|vw|vh|vmin|vmax|in|cm|mm|ch|ex|q)?"
)
_COMPUTED = re.compile(r"(?:calc|min|max|clamp|var|env|attr)\(")
_TRANSFORM = re.compile(r"(?<![a-z0-9])([a-z0-9]++)\(([^)]*+)\)?")
_HARMLESS_FILTER = re.compile(r"none|drop-shadow|grayscale|sepia|saturate|progid(?!.*alpha)")
_PLACES: Final = frozenset(
    [
        *("left", "right", "top", "bottom", "inset", "text-indent", "margin", "margin-left", "margin-right"),
        *("margin-top", "margin-bottom", "translate", "letter-spacing", "word-spacing", "inset-inline", "inset-block"),
        *("inset-inline-start", "inset-inline-end", "inset-block-start", "inset-block-end", "margin-inline"),
        *("margin-block", "margin-inline-start", "margin-block-start", "padding-left", "padding-top"),
    ]
)
_EXTENTS: Final = frozenset(
    [
        *("width", "height", "max-width", "max-height", "line-height", "inline-size", "block-size"),
        *("max-inline-size", "max-block-size"),
    ]
)


@lru_cache(maxsize=256)
def looked(style: str, around: Look) -> Look:
    """How texts look inside an element with this style that stands in `around`."""
    if len(style) > _LONGEST_STYLE:
        return around._replace(is_gone=True)
    declared = [*_declarations(style)]
    size = _size(declared, around.size)
    look = around._replace(size=size)
    clips = any(name.startswith("overflow") and value not in ("visible", "auto") for name, value in declared)
    inks = []
    for name, value in declared:
        if _removes(name, value, size, clips=clips):
            return look._replace(is_gone=True)
        if name == "visibility":
            look = look._replace(is_unseen=value in ("hidden", "collapse"))
        elif name in ("background", "background-color"):
            look = look._replace(ground=_ground(value, look.ground))
        elif name in ("color", "-webkit-text-fill-color"):
            inks.append(value)
    return look._replace(ink=_ink(inks, look))


def painted(look: Look, *, ink: str = "", ground: str = "") -> Look:
    """The same for the colours of attributes."""
    if ground:
        look = look._replace(ground=colour_of(ground, look.ground))
    return look._replace(ink=colour_of(ink, CLEAR)) if ink else look


def _declarations(style: str) -> Iterator[tuple[str, str]]:
    """Properties and values, without entities, comments, escapes and what browsers skip."""
    style = _COMMENT.sub("", html.unescape(style)) if "&" in style or "/*" in style else style
    if "\\" in style:
        style = _ESCAPE.sub(_unescaped, style)
    for found in _DECLARATION.finditer(style.lower()):
        yield found[1], " ".join(found[2].partition("!")[0].split())


def _unescaped(escape: re.Match[str]) -> str:
    code = int(escape[1], 16) if escape[1] else ord(escape[2])
    return chr(code) if code < 0x110000 else ""


def _removes(name: str, value: str, size: float, *, clips: bool) -> bool:
    """Whether a declaration takes the element off the page."""
    if name == "letter-spacing" and any(length <= -size / 3 for length in _lengths(value, size)):
        return True  # one letter over the other
    if name in _PLACES:
        return _is_off_the_page(value, size)
    if name in _EXTENTS:
        return _is_without_extent(name, value, size, clips=clips)
    if name in _REMOVED_BY:
        return value in _REMOVED_BY[name] or (name in _KEPT_BY and value not in _KEPT_BY[name])
    if name in ("opacity", "zoom", "scale"):
        return _is_faint(value)
    if name in ("filter", "-webkit-filter"):
        return not _HARMLESS_FILTER.match(value)
    return name in ("transform", "-webkit-transform", "-ms-transform") and _is_transformed_away(value, size)


_REMOVED_BY: Final[dict[str, tuple[str, ...]]] = {
    "display": ("none",),
    "mso-hide": ("all",),
    "content-visibility": ("hidden",),
    "unicode-bidi": ("bidi-override", "isolate-override"),  # shown in another order than it is read in
    "clip": (),
    "clip-path": (),
    "-webkit-clip-path": (),
    "mask": (),
    "mask-image": (),
    "-webkit-mask-image": (),
    "rotate": (),
    "-webkit-text-security": ("disc", "circle", "square"),
}
_NOTHING: Final = ("none", "auto", "initial", "unset", "inherit", "0", "0deg")
_KEPT_BY: Final = dict.fromkeys(
    ("clip", "clip-path", "-webkit-clip-path", "mask", "mask-image", "-webkit-mask-image", "rotate"), _NOTHING
)


def _lengths(value: str, size: float) -> list[float]:
    """The lengths in a value, in pixels."""
    return [
        float(found[1]) * (_OF_FONT[unit] * size if unit in _OF_FONT and unit != "%" else _PIXELS[unit])
        for found in _LENGTH.finditer(value)
        for unit in (found[2] or "",)
    ]


def _is_off_the_page(value: str, size: float) -> bool:
    return any(length <= -_FAR or length >= _BEYOND for length in _lengths(value, size))


def _is_without_extent(name: str, value: str, size: float, *, clips: bool) -> bool:
    lengths = _lengths(value, size)
    if not lengths:
        return False
    if name == "line-height":
        return clips and max(lengths) <= 0
    return max(lengths) <= 0 or (clips and max(lengths) <= 2)


def _is_faint(value: str) -> bool:
    """Whether a share is next to nothing; one that only a browser can compute is taken for it."""
    numbers = [float(found[1]) / (100 if found[2] == "%" else 1) for found in _LENGTH.finditer(value)]
    return bool(_COMPUTED.search(value)) or any(abs(number) <= _FAINT for number in numbers)


def _is_transformed_away(value: str, size: float) -> bool:
    for name, inside in _TRANSFORM.findall(value):
        numbers = [float(found[1]) for found in _LENGTH.finditer(inside)]
        if name.startswith("translate"):
            if _is_off_the_page(inside.replace("%", "px"), size):  # its own width is not known
                return True
        elif name.startswith("scale"):
            if _is_faint(inside):
                return True
        elif name.startswith("matrix"):
            sides = (0, 3) if name == "matrix" else (0, 5)
            if len(numbers) <= sides[1] or any(abs(numbers[side]) <= _FAINT for side in sides):
                return True
        elif name not in ("rotate", "rotatez", "perspective") and any(abs(number) > 45 for number in numbers):
            return True
    return False


def _size(declared: list[tuple[str, str]], parent: float) -> float:
    """The size of letters: the smallest that is declared."""
    sizes = []
    for name, value in declared:
        if name == "font-size":
            sizes.append(_font_size(value, parent))
        elif name == "font" and (found := _LENGTH.search(value)) is not None:
            first = next((one for one in _LENGTH.finditer(value) if one[2] or not float(one[1])), found)
            sizes.append(_font_size(first[0], parent))
    return min(sizes, default=parent)


def _font_size(value: str, parent: float) -> float:
    if value in _SIZES:
        return _SIZES[value]
    if _COMPUTED.search(value):
        return 0.0
    found = _LENGTH.match(value)
    if found is None:
        return parent
    unit = found[2] or ""
    return float(found[1]) * (_OF_FONT[unit] * parent if unit in _OF_FONT else _PIXELS[unit])


def _ground(value: str, around: Colour | None) -> Colour | None:
    """The ground that a text stands on; None where it may be a picture or is unknown."""
    if "url(" in value or "gradient(" in value:
        return None
    if value in ("none", "initial", "inherit", "unset", "transparent"):
        return around
    words = re.findall(r"[a-z]+\([^)]*\)|[^\s]+", value)
    known = [colour for word in words if (colour := colour_of(word, around)) is not None]
    return known[0] if known else None


def _ink(declared: list[str], look: Look) -> Colour | None:
    """The colour of a text: the first declared that cannot be read, for the order can be a trick, or else the last."""
    colours = [look.ink if value in ("inherit", "unset") else colour_of(value, CLEAR) for value in declared]
    colours = [
        CLEAR if colour is None and "var(" in value else colour for colour, value in zip(colours, declared, strict=True)
    ]
    if not colours:
        return look.ink
    return next((one for one in colours if not is_legible(one, look.ground)), colours[-1])
