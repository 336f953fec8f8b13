"""Rules about icon.png, as reviewers apply them."""

from workbench.checks.images import hexadecimal
from workbench.checks.json_reading import mapping, text
from workbench.checks.power_platform.folder import ICON, PROPERTIES, Folder
from workbench.checks.power_platform.rulebook import Faults, folder_rules

rule = folder_rules.rule

SIZE = 230
MAX_LOGO = 160
MAX_BYTES = 1_000_000


@rule("IconNotPng")
def png(folder: Folder) -> Faults:
    """Save the icon as PNG."""
    if folder.has(ICON) and not folder.icon:
        yield "", "The icon is not a PNG.", ICON


@rule("IconSizeNotValid")
def size(folder: Folder) -> Faults:
    """Make the icon 230 by 230 pixels."""
    if folder.icon and (folder.icon.width, folder.icon.height) != (SIZE, SIZE):
        yield "", f"The icon is {folder.icon.width} by {folder.icon.height} pixels.", ICON


@rule("IconNotOpaque")
def opaque(folder: Folder) -> Faults:
    """Fill the background; reviewers refuse transparent icons."""
    if folder.icon and not folder.icon.opaque:
        yield "", "The icon has transparent pixels.", ICON


@rule("IconBackgroundNotBrandColor")
def background(folder: Folder) -> Faults:
    """Fill the icon to its very edge with iconBrandColor."""
    brand = text(mapping(folder.json(PROPERTIES).get("properties")).get("iconBrandColor")).lower()
    others = [hexadecimal(colour) for colour in (folder.icon.border if folder.icon else ())]
    if brand and any(colour != brand for colour in others):
        yield "", f"The edge of the icon is {', '.join(sorted(others)[:3])}, the brand colour is {brand}.", ICON


@rule("IconLogoTooLarge", severity="warning")
def logo(folder: Folder) -> Faults:
    """Draw the logo within 160 by 160 pixels."""
    if folder.icon and max(folder.icon.drawing) > MAX_LOGO:
        yield "", f"The logo is {folder.icon.drawing[0]} by {folder.icon.drawing[1]} pixels.", ICON


@rule("IconFileTooLarge")
def weight(folder: Folder) -> Faults:
    """Keep the icon under 1 MB."""
    if folder.has(ICON) and (folder.path / ICON).stat().st_size >= MAX_BYTES:
        yield "", "The icon has 1 MB or more.", ICON
