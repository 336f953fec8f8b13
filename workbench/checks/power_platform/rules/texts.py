"""Rules about readme.md (for the repository) and intro.md (for the documentation page)."""

import re

from workbench.checks.json_reading import text
from workbench.checks.power_platform import wording
from workbench.checks.power_platform.folder import INTRO, README, Folder
from workbench.checks.power_platform.rulebook import Faults, folder_rules

rule = folder_rules.rule

README_SECTIONS = (
    "Publisher",
    "Prerequisites",
    "Supported Operations",
    "Obtaining Credentials",
    "Known Issues and Limitations",
    "Deployment Instructions",
)
INTRO_SECTIONS = (
    "Prerequisites",
    "How to get credentials",
    "Get started with your connector",
    "Known issues and limitations",
    "Common errors and remedies",
    "FAQ",
)
MAX_SENTENCES = 8

_HEADING = re.compile(r"^#+ +(.+?)[ #]*$", re.MULTILINE)
_LISTED = re.compile(r"^(?:#+|[-*+]|\d+\.|\|) +\**`?(.+?)`?\**[ #|.:]*$", re.MULTILINE)


@rule("ReadmeSectionMissing")
def readme_sections(folder: Folder) -> Faults:
    """Add the section; the template of certified connectors has it."""
    if folder.has(README):
        for section in _missing(folder.text(README), README_SECTIONS):
            yield "", f"There is no section '{section}'.", README


@rule("ReadmeOperationMissing")
def readme_operations(folder: Folder) -> Faults:
    """Describe the operation under a heading that is its summary."""
    headings = set(_HEADING.findall(folder.text(README)))
    for operation in folder.definition.operations if folder.has(README) else ():
        if operation.summary and not operation.internal and operation.summary not in headings:
            yield "", f"There is no heading '{operation.summary}'.", README


@rule("IntroSectionMissing")
def intro_sections(folder: Folder) -> Faults:
    """Add the section; the template of the documentation page has it."""
    if folder.has(INTRO):
        for section in _missing(folder.text(INTRO), INTRO_SECTIONS):
            yield "", f"There is no section '{section}'.", INTRO


@rule("IntroListsOperations")
def intro_operations(folder: Folder) -> Faults:
    """Leave actions and triggers out; the documentation lists them by itself."""
    listed = set(_LISTED.findall(folder.text(INTRO)))
    for operation in folder.definition.operations:
        if operation.summary in listed:
            yield "", f"It lists the operation '{operation.summary}'.", INTRO


@rule("IntroParagraphNotValid")
def intro_paragraph(folder: Folder) -> Faults:
    """Begin with one paragraph of at most eight sentences that says something other than the description."""
    if not folder.has(INTRO):
        return
    opening = _opening(folder.text(INTRO))
    if len(opening) != 1:
        yield "", f"There are {len(opening)} paragraphs before the first section.", INTRO
    elif len(re.findall(r"[.!?](?:\s|$)", opening[0])) > MAX_SENTENCES:
        yield "", f"The first paragraph has more than {MAX_SENTENCES} sentences.", INTRO
    elif wording.same(opening[0], text(folder.definition.info.get("description"))):
        yield "", "The first paragraph repeats the connector's description.", INTRO


def _missing(source: str, sections: tuple[str, ...]) -> list[str]:
    headings = [heading.lower() for heading in _HEADING.findall(source)]
    return [section for section in sections if not any(heading.startswith(section.lower()) for heading in headings)]


def _opening(source: str) -> list[str]:
    """The paragraphs before the first section; a title at the very top is none of them."""
    body = re.sub(r"\A\s*# .*\n", "", source)
    before = re.split(r"^#", body, maxsplit=1, flags=re.MULTILINE)[0]
    return [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", before) if paragraph.strip()]
