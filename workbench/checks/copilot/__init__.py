"""What Microsoft's schemas for a Microsoft 365 Copilot package do not hold: limits, and whether its files agree."""

from pathlib import Path

from workbench.checks.copilot.agents import agent_rules
from workbench.checks.copilot.apis import api_rules, foundry_rules, people_rules
from workbench.checks.copilot.cards import card_rules
from workbench.checks.copilot.manifest import package_rules
from workbench.checks.copilot.package import Api, Package
from workbench.checks.copilot.plugins import plugin_rules
from workbench.checks.finding import Finding
from workbench.checks.json_reading import JsonObject

__all__ = ["check_copilot", "check_foundry_openapi", "check_openapi", "check_people_openapi"]


def check_copilot(folder: Path) -> list[Finding]:
    """The findings of a package: app manifest, icons, agent, plugins, OpenAPI files.

    An OpenAPI file with "foundry" in its name is held to the rules of the Foundry tool as well.
    """
    package = Package(folder)
    findings = package_rules.check(package) + card_rules.check(package)
    for name, agent in package.agents.items():
        findings += agent_rules.check(agent, name)
    for name, plugin in package.plugins.items():
        findings += plugin_rules.check(plugin, name)
    for name, api in package.apis.items():
        findings += check_openapi(api.document, name)
        findings += foundry_rules.check(api, name) if "foundry" in name.lower() else []
    return findings


def check_people_openapi(document: JsonObject, file: str = "openapi.json") -> list[Finding]:
    """The findings of one OpenAPI 3 document that people and their tools read."""
    return people_rules.check(Api(document), file)


def check_openapi(document: JsonObject, file: str = "openapi.json") -> list[Finding]:
    """The findings of one OpenAPI 3 document that models read, those for people included."""
    return check_people_openapi(document, file) + api_rules.check(Api(document), file)


def check_foundry_openapi(document: JsonObject, file: str = "openapi.foundry.json") -> list[Finding]:
    """The findings of the variant for the Foundry OpenAPI tool, the general ones included."""
    return check_openapi(document, file) + foundry_rules.check(Api(document), file)
