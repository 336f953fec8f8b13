"""The three rulebooks of a Power Platform package; the modules beside this one fill them.

Rule names are those of Microsoft's Swagger Validator where it has the rule ("Fix Swagger Validator errors" in the
connector documentation, spelling included), and in its style where a reviewer, the designer or Power Fx objects.
"""

from workbench.checks.power_platform.definition import Definition
from workbench.checks.power_platform.folder import Folder
from workbench.checks.power_platform.properties import Properties
from workbench.checks.rules import Faults, RuleBook

definition_rules: RuleBook[Definition] = RuleBook()
properties_rules: RuleBook[Properties] = RuleBook()
folder_rules: RuleBook[Folder] = RuleBook()

rule = definition_rules.rule

__all__ = ["Faults", "definition_rules", "folder_rules", "properties_rules", "rule"]
