"""Everything about a Power Platform connector that a machine can check without Microsoft's closed validator."""

from pathlib import Path

from workbench.checks.finding import Finding
from workbench.checks.json_reading import JsonObject
from workbench.checks.power_platform import rules
from workbench.checks.power_platform.definition import Definition
from workbench.checks.power_platform.folder import DEFINITION, MULTI_AUTH, PROPERTIES, Folder
from workbench.checks.power_platform.properties import Properties
from workbench.checks.power_platform.rulebook import definition_rules, folder_rules, properties_rules

__all__ = ["check_definition", "check_power_platform", "check_properties", "rules"]


def check_power_platform(folder: Path) -> list[Finding]:
    """The findings of a package: definition, properties (both, when there are two), settings, icon, readme, intro."""
    package = Folder(folder)
    findings = folder_rules.check(package)
    if package.has(DEFINITION) and not package.json_problem(DEFINITION):
        findings += definition_rules.check(package.definition, DEFINITION)
    for name in (PROPERTIES, MULTI_AUTH):
        if package.has(name) and not package.json_problem(name):
            findings += properties_rules.check(Properties(package.json(name), package.definition), name)
    return findings


def check_definition(document: JsonObject, file: str = DEFINITION) -> list[Finding]:
    """The findings of a swagger 2.0 definition alone."""
    return definition_rules.check(Definition(document), file)


def check_properties(document: JsonObject, definition: JsonObject, file: str = PROPERTIES) -> list[Finding]:
    """The findings of an apiProperties document, read beside the definition that it belongs to."""
    return properties_rules.check(Properties(document, Definition(definition)), file)
