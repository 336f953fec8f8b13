"""What the icon rules need to know of a PNG. Pillow, which also draws our icons, is imported on first use."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from PIL.Image import Image

Colour = tuple[int, int, int]


class NotAPngError(ValueError):
    """The file is not a PNG that can be read."""


@dataclass(frozen=True, slots=True)
class Icon:
    """A picture: pixels are counted, colours are red, green, blue from 0 to 255."""

    width: int
    height: int
    opaque: bool
    border: frozenset[Colour]
    """The colours of the outermost pixels."""
    drawing: tuple[int, int]
    """Width and height of the smallest box around everything that has not the colour of the top left corner."""
    inks: frozenset[Colour]
    """The colours of the pixels that are not wholly transparent."""


def read_icon(path: Path) -> Icon:
    """Read a PNG; raise `NotAPngError` when it is none."""
    from PIL import Image, ImageChops, UnidentifiedImageError

    try:
        with Image.open(path, formats=["PNG"]) as file:
            picture = file.convert("RGBA")
    except (UnidentifiedImageError, OSError, SyntaxError) as problem:
        raise NotAPngError(f"{path.name} is not a PNG.") from problem
    width, height = picture.size
    plain = picture.convert("RGB")
    backdrop = Image.new("RGB", picture.size, plain.getpixel((0, 0)))
    left, top, right, bottom = ImageChops.difference(plain, backdrop).getbbox() or (0, 0, 0, 0)
    edges = ((0, 0, width, 1), (0, height - 1, width, height), (0, 0, 1, height), (width - 1, 0, width, height))
    used = _colours(picture)
    return Icon(
        width=width,
        height=height,
        opaque=all(alpha == 255 for *_, alpha in used),
        border=frozenset((red, green, blue) for edge in edges for red, green, blue, _ in _colours(picture.crop(edge))),
        drawing=(right - left, bottom - top),
        inks=frozenset((red, green, blue) for red, green, blue, alpha in used if alpha),
    )


def hexadecimal(colour: Colour) -> str:
    """`(31, 111, 235)` as `#1f6feb`."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _colours(picture: "Image") -> list[tuple[int, int, int, int]]:
    """The different colours of an RGBA picture."""
    counted = picture.getcolors(maxcolors=picture.width * picture.height) or []
    return [colour for _, colour in cast("list[tuple[int, tuple[int, int, int, int]]]", counted)]
