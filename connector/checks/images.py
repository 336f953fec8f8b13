"""What the icon rules need to know of a PNG. Pillow, which also draws our icons, is imported on first use."""

from dataclasses import dataclass
from pathlib import Path

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
    colours = picture.convert("RGB")
    backdrop = Image.new("RGB", picture.size, colours.getpixel((0, 0)))
    box = ImageChops.difference(colours, backdrop).getbbox() or (0, 0, 0, 0)
    pixels = picture.tobytes()
    quads = [pixels[start : start + 4] for start in range(0, len(pixels), 4)]
    edges = [quads[x + y * width] for y in range(height) for x in range(width) if _on_edge(x, y, width, height)]
    return Icon(
        width=width,
        height=height,
        opaque=all(quad[3] == 255 for quad in quads),
        border=frozenset((edge[0], edge[1], edge[2]) for edge in edges),
        drawing=(box[2] - box[0], box[3] - box[1]),
        inks=frozenset((quad[0], quad[1], quad[2]) for quad in quads if quad[3]),
    )


def hexadecimal(colour: Colour) -> str:
    """`(31, 111, 235)` as `#1f6feb`."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _on_edge(x: int, y: int, width: int, height: int) -> bool:
    return x in (0, width - 1) or y in (0, height - 1)
