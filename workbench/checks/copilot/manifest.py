"""Rules about the package as a whole: its files, the app manifest, the icons."""

import re
from collections.abc import Iterator

from workbench.checks.copilot.package import MANIFEST, Package
from workbench.checks.images import Icon, NotAPngError, read_icon
from workbench.checks.json_reading import follow, mapping, nodes, pointer, sequence, text
from workbench.checks.rules import Faults, RuleBook

package_rules: RuleBook[Package] = RuleBook()
rule = package_rules.rule

COLOR_ICON, OUTLINE_ICON = "color.png", "outline.png"
LIMITS = {
    "/name/short": 30,
    "/name/full": 100,
    "/description/short": 80,
    "/description/full": 4000,
    "/developer/name": 32,
}
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_VERSION = re.compile(r"\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_WHITE = (255, 255, 255)


@rule("PackageFileMissing")
def files(package: Package) -> Faults:
    """Add the file to the root of the package."""
    for name in (MANIFEST, COLOR_ICON, OUTLINE_ICON):
        if not package.has(name):
            yield "", f"The file '{name}' is missing.", name


@rule("PackageJsonNotValid")
def json_files(package: Package) -> Faults:
    """Correct the JSON; nothing in the file can be checked before."""
    for name, problem in package.problems.items():
        yield "", problem, name


@rule("ReferencedFileNotFound")
def references(package: Package) -> Faults:
    """Add the file to the package, or correct the reference."""
    for file, at, name in _references(package):
        if name and "://" not in name and not package.has(name):
            yield at, f"The file '{name}' does not exist.", file


@rule("AppIdNotGuid")
def app_id(package: Package) -> Faults:
    """Give the app an id of its own, a GUID."""
    if package.manifest and not _GUID.fullmatch(text(package.manifest.get("id"))):
        yield "/id", f"'{package.manifest.get('id')}' is not a GUID.", MANIFEST


@rule("AppVersionNotSemantic")
def app_version(package: Package) -> Faults:
    """Write the version as three numbers, 1.0.0; a change of the package needs a higher one."""
    if package.manifest and not _VERSION.fullmatch(text(package.manifest.get("version"))):
        yield "/version", f"The version is '{package.manifest.get('version')}'.", MANIFEST


@rule("AppAccentColorNotValid")
def accent_color(package: Package) -> Faults:
    """Write the accent color as # and six hexadecimal digits; the manifest must have one."""
    if package.manifest and not _COLOR.fullmatch(text(package.manifest.get("accentColor"))):
        yield "/accentColor", f"The accent color is '{package.manifest.get('accentColor')}'.", MANIFEST


@rule("AppTextTooLong")
def app_texts(package: Package) -> Faults:
    """Shorten the text: name 30 (full 100), description 80 (full 4000), developer 32 characters."""
    for at, limit in LIMITS.items():
        if len(text(follow(package.manifest, at))) > limit:
            yield at, f"The text is longer than {limit} characters.", MANIFEST


@rule("AppAgentCountNotOne")
def one_agent(package: Package) -> Faults:
    """List exactly one declarative agent."""
    listed = sequence(mapping(package.manifest.get("copilotAgents")).get("declarativeAgents"))
    if package.manifest and len(listed) != 1:
        yield "/copilotAgents/declarativeAgents", f"There are {len(listed)} declarative agents.", MANIFEST


@rule("ColorIconNotValid")
def color_icon(package: Package) -> Faults:
    """Save color.png as a PNG of 192 by 192 pixels."""
    if package.has(COLOR_ICON):
        icon = _icon(package, COLOR_ICON)
        if not icon or (icon.width, icon.height) != (192, 192):
            yield "", "The color icon is not a PNG of 192 by 192 pixels.", COLOR_ICON


@rule("OutlineIconNotValid")
def outline_icon(package: Package) -> Faults:
    """Save outline.png as a PNG of 32 by 32 pixels, white on a transparent background."""
    if package.has(OUTLINE_ICON):
        icon = _icon(package, OUTLINE_ICON)
        if not icon or (icon.width, icon.height) != (32, 32):
            yield "", "The outline icon is not a PNG of 32 by 32 pixels.", OUTLINE_ICON
        elif icon.opaque or icon.inks - {_WHITE}:
            yield "", "The outline icon is not white on a transparent background.", OUTLINE_ICON


def _references(package: Package) -> Iterator[tuple[str, str, str]]:
    """Every place that names a file: the file it is in, pointer, the name."""
    for key, usual in (("color", COLOR_ICON), ("outline", OUTLINE_ICON)):
        name = text(mapping(package.manifest.get("icons")).get(key))
        if name != usual:  # the usual ones are asked for in any case
            yield MANIFEST, f"/icons/{key}", name
    for index, agent in enumerate(sequence(mapping(package.manifest.get("copilotAgents")).get("declarativeAgents"))):
        yield MANIFEST, f"/copilotAgents/declarativeAgents/{index}/file", text(mapping(agent).get("file"))
    for name, document in package.agents.items():
        for index, action in enumerate(sequence(document.get("actions"))):
            yield name, f"/actions/{index}/file", text(mapping(action).get("file"))
    for name, plugin in package.plugins.items():
        for at, runtime in plugin.runtimes:
            yield name, f"{at}/spec/url", text(mapping(runtime.get("spec")).get("url"))
        for at, node in nodes(plugin.document.get("functions")):
            for key in ("static_template", "mcp_tool_description"):
                inner = mapping(mapping(node).get(key)).get("file")
                yield name, f"/functions{at}{pointer(key, 'file')}", text(inner)


def _icon(package: Package, name: str) -> Icon | None:
    try:
        return read_icon(package.path / name)
    except NotAPngError:
        return None
