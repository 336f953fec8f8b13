"""The three rulebooks of a Power Platform package; the modules beside this one fill them.

Rule names are those of Microsoft's Swagger Validator where it has the rule ("Fix Swagger Validator errors" in the
connector documentation, spelling included), and in its style where a reviewer, the designer or Power Fx objects.
"""

from ..rules import Faults, RuleBook
from .definition import Definition
from .folder import Folder
from .properties import Properties

definition_rules: RuleBook[Definition] = RuleBook()
properties_rules: RuleBook[Properties] = RuleBook()
folder_rules: RuleBook[Folder] = RuleBook()

rule = definition_rules.rule

__all__ = ["Faults", "definition_rules", "folder_rules", "properties_rules", "rule"]
