"""The icon: a white ticket with a bolt, on the brand colour. Drawn by signed distances, so any size has clean edges.

Requirements: square, opaque RGB, 230 pixels, background exactly the brand colour, logo at most 160 pixels. Microsoft
365 wants an outline as well: white on nothing.
"""

import math
import struct
import zlib
from collections.abc import Sequence
from functools import cache

from workbench.generators.identity import BRAND_COLOR

SIZE = 230
_RGB, _RGBA = 2, 6

_Point = tuple[float, float]
# In units of the icon's width, the centre at (0, 0).
_TICKET_HALF = (0.34, 0.23)
_CORNER = 0.045
_NOTCH = 0.062
_BOLT: Sequence[_Point] = ((0.03, -0.17), (-0.11, 0.03), (-0.01, 0.03), (-0.03, 0.17), (0.11, -0.03), (0.01, -0.03))


@cache
def icon(size: int = SIZE) -> bytes:
    """The icon as a PNG file of `size` times `size` pixels."""
    brand = bytes.fromhex(BRAND_COLOR.removeprefix("#"))
    shades = {level: bytes(round(part + (255 - part) * level / 255) for part in brand) for level in range(256)}
    rows = (b"\0" + b"".join(shades[_whiteness(x, y, size)] for x in range(size)) for y in range(size))
    return _png(size, b"".join(rows), _RGB)


@cache
def outline(size: int) -> bytes:
    """The logo in white on transparent ground, as large as fits, as a PNG file of `size` times `size` pixels."""
    ink = b"\xff\xff\xff"
    rows = (
        b"\0" + b"".join(ink + bytes((_whiteness(x, y, size, 2 * _TICKET_HALF[0]),)) for x in range(size))
        for y in range(size)
    )
    return _png(size, b"".join(rows), _RGBA)


def _whiteness(column: int, row: int, size: int, shown: float = 1.0) -> int:
    """0 to 255: how much of the pixel the logo covers. The picture has the `shown` part of the icon's width."""
    x, y = ((column + 0.5) / size - 0.5) * shown, ((row + 0.5) / size - 0.5) * shown
    size = round(size / shown)
    ticket = _coverage(_ticket(x, y) * size)
    return round(255 * ticket * (1 - _coverage(_polygon(_BOLT, x, y) * size))) if ticket else 0


def _coverage(distance: float) -> float:
    return min(1.0, max(0.0, 0.5 - distance))


def _ticket(x: float, y: float) -> float:
    """The distance to a rounded rectangle with a notch in its left and right edge; negative inside."""
    beyond_x, beyond_y = abs(x) - _TICKET_HALF[0] + _CORNER, abs(y) - _TICKET_HALF[1] + _CORNER
    outside = math.hypot(max(beyond_x, 0), max(beyond_y, 0)) + min(max(beyond_x, beyond_y), 0) - _CORNER
    return max(outside, _NOTCH - math.hypot(abs(x) - _TICKET_HALF[0], y))


def _polygon(corners: Sequence[_Point], x: float, y: float) -> float:
    """The distance to a polygon; negative inside."""
    nearest, inside = math.inf, False
    for (ax, ay), (bx, by) in zip(corners, [*corners[1:], corners[0]], strict=True):
        edge_x, edge_y = bx - ax, by - ay
        along = min(1.0, max(0.0, ((x - ax) * edge_x + (y - ay) * edge_y) / (edge_x**2 + edge_y**2)))
        nearest = min(nearest, math.hypot(x - ax - along * edge_x, y - ay - along * edge_y))
        if (ay > y) != (by > y) and x < ax + edge_x * (y - ay) / edge_y:
            inside = not inside
    return -nearest if inside else nearest


def _png(size: int, scanlines: bytes, colour_type: int) -> bytes:
    header = struct.pack(">IIBBBBB", size, size, 8, colour_type, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(scanlines, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
