"""The rules about the files of a package, and the check of the whole."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.workbench.checks import sample
from workbench.checks.power_platform import check_power_platform
from workbench.checks.power_platform.rulebook import folder_rules

DEFINITION = "apiDefinition.swagger.json"
PRIVATE_KEY = "-----BEGIN " + "PRIVATE KEY-----"
Break = Callable[[Path], object]


def replace(name: str, old: str, new: str) -> Break:
    """Change every occurrence in a text file."""
    return lambda folder: (folder / name).write_text((folder / name).read_text().replace(old, new))


def setting(key: str, value: str) -> Break:
    """Change settings.json."""
    return lambda folder: (folder / "settings.json").write_text(json.dumps({key: value}))


def picture(icon: Image.Image) -> Break:
    """Replace the icon."""
    return lambda folder: icon.save(folder / "icon.png")


def rewrite(name: str, content: str) -> Break:
    """Replace a text file."""
    return lambda folder: (folder / name).write_text(content)


def weigh(name: str, size: int) -> Break:
    """Blow a file up with spaces behind its content."""
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes().ljust(size, b" "))


def single_set(folder: Path) -> None:
    document = sample.multi_auth()
    del document["properties"]["connectionParameterSets"]["values"][1]
    (folder / "apiProperties.multi-auth.json").write_text(json.dumps(document))


def colourful() -> Image.Image:
    icon = sample.icon()
    icon.putpixel((0, 100), (255, 0, 0))
    return icon


CASES: dict[str, Break] = {
    "ArtifactMissing": lambda folder: (folder / "intro.md").unlink(),
    "JsonNotValid": rewrite("settings.json", "{"),
    "DefinitionSizeExceedsMaxAllowed": weigh(DEFINITION, 1_000_000),
    "DefinitionSizeAboveBudget": weigh(DEFINITION, 500_000),
    "PossibleSecret": replace("readme.md", "A key.", PRIVATE_KEY),
    "SettingsKeyNotAllowed": setting("script", "script.csx"),
    "SettingsFileNotFound": setting("icon", "logo.png"),
    "SettingsEnvironmentNotGuid": setting("environment", "Default-1"),
    "SettingsApiVersionNotValid": setting("flowApiVersion", "2020-01-01"),
    "MultiAuthWithoutSets": single_set,
    "IconNotPng": rewrite("icon.png", "GIF89a"),
    "IconSizeNotValid": picture(sample.icon(size=200)),
    "IconNotOpaque": lambda folder: rounded().save(folder / "icon.png"),
    "IconBackgroundNotBrandColor": picture(sample.icon(background="#123456")),
    "IconLogoTooLarge": picture(sample.icon(logo=200)),
    "IconFileTooLarge": weigh("icon.png", 1_000_000),
    "ReadmeSectionMissing": replace("readme.md", "## Prerequisites", "## Before"),
    "ReadmeOperationMissing": replace("readme.md", "### Get a ticket", "### Get one"),
    "IntroSectionMissing": replace("intro.md", "## FAQ", "## Questions"),
    "IntroListsOperations": replace("intro.md", "Some words.", "- Get a ticket"),
    "IntroParagraphNotValid": replace(
        "intro.md", "Work with tickets from your flows. Nothing to install.", sample.DESCRIPTION
    ),
}


def rounded() -> Image.Image:
    icon = sample.icon(mode="RGBA")
    pixel = icon.getpixel((1, 1))
    assert isinstance(pixel, tuple)
    icon.putpixel((1, 1), (*pixel[:3], 0))
    return icon


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return sample.write(tmp_path / "power-platform")


def test_a_good_package_has_no_findings(package: Path) -> None:
    assert check_power_platform(package) == []


def test_every_rule_has_a_case_that_breaks_it() -> None:
    assert folder_rules.rules.keys() == CASES.keys()


@pytest.mark.parametrize("rule", CASES)
def test_a_fault_is_caught_by_its_rule_and_by_no_other(rule: str, package: Path) -> None:
    CASES[rule](package)
    assert {finding.rule for finding in check_power_platform(package)} == {rule}


@pytest.mark.parametrize(
    "opening",
    ["", "One.\n\nTwo.", "So. " * 9],
    ids=["nothing before the first section", "two paragraphs", "nine sentences"],
)
def test_the_introduction_is_one_short_paragraph(opening: str, package: Path) -> None:
    replace("intro.md", "Work with tickets from your flows. Nothing to install.", opening)(package)
    assert [finding.rule for finding in check_power_platform(package)] == ["IntroParagraphNotValid"]


def test_findings_of_every_file_are_named_by_it(package: Path) -> None:
    for name in (DEFINITION, "apiProperties.json", "apiProperties.multi-auth.json"):
        replace(name, "Sample", "Échantillon")(package)
        replace(name, "securestring", "secret")(package)
    files = {finding.file for finding in check_power_platform(package)}
    assert files == {DEFINITION, "apiProperties.json", "apiProperties.multi-auth.json"}


def test_a_definition_that_is_not_json_hides_nothing_else(package: Path) -> None:
    (package / DEFINITION).write_text("[" * 100_000)
    (package / "intro.md").unlink()
    rules = {finding.rule for finding in check_power_platform(package)}
    assert {"JsonNotValid", "ArtifactMissing"} <= rules


def test_an_empty_folder_is_a_list_of_missing_files(tmp_path: Path) -> None:
    findings = check_power_platform(tmp_path)
    assert {finding.rule for finding in findings} == {"ArtifactMissing"}
    assert len(findings) == 6


def test_a_pixel_of_another_colour_at_the_edge_is_seen(package: Path) -> None:
    colourful().save(package / "icon.png")
    rules = {finding.rule for finding in check_power_platform(package)}
    assert "IconBackgroundNotBrandColor" in rules


def test_a_secret_is_never_repeated(package: Path) -> None:
    replace("readme.md", "A key.", "https://x.example.com/run?a=1&sig=" + "S3cr3t" * 5)(package)
    (finding,) = check_power_platform(package)
    assert finding.rule == "PossibleSecret"
    assert not re.search("S3cr3t", str(finding))
