"""Rules about policies: what the gateway does to a call before it reaches the service."""

import re

from workbench.checks.json_reading import is_of_type, mapping, nodes, text
from workbench.checks.power_platform.properties import (
    OPERATIONS,
    PARAMETER_PREFIX,
    SECTION,
    TEMPLATES,
    Policy,
    Properties,
)
from workbench.checks.power_platform.rulebook import Faults, properties_rules

rule = properties_rules.rule

_SECTIONS = {"setheader": ("Request", "Response", "Failure")}
_REFERENCE = re.compile(r"@connectionParameters\('([^']*)'")
_REFERENCE_WITHOUT_DEFAULT = re.compile(r"@connectionParameters\('([^']*)'\)")
_EXISTS_ACTIONS = ("override", "skip", "append")


@rule("PolicyTemplateNotRecognized")
def template(properties: Properties) -> Faults:
    """Use a policy template that the platform offers."""
    for policy in properties.policies:
        if policy.template not in TEMPLATES:
            yield f"{policy.pointer}/templateId", f"The template '{policy.node.get('templateId')}' is not known."


@rule("PolicyTitleMissing", severity="warning")
def title(properties: Properties) -> Faults:
    """Give the policy a title that says what it is for."""
    for policy in properties.policies:
        if not text(policy.node.get("title")):
            yield policy.pointer, f"The policy '{policy.template}' has no title."


@rule("PolicyParameterMissing")
def missing(properties: Properties) -> Faults:
    """Supply the parameter that the template requires, with its prefix."""
    for policy in properties.policies:
        for name in TEMPLATES.get(policy.template, ((), ()))[0]:
            if name not in policy.settings:
                yield f"{policy.pointer}/parameters", f"'{policy.template}' needs '{PARAMETER_PREFIX}{name}'."


@rule("PolicyParameterNotRecognized")
def unknown(properties: Properties) -> Faults:
    """Remove the parameter; the template does not have it."""
    for policy in properties.policies:
        if policy.template in TEMPLATES:
            required, optional = TEMPLATES[policy.template]
            allowed = {OPERATIONS, SECTION, *(PARAMETER_PREFIX + name for name in (*required, *optional))}
            for key in policy.parameters:
                if key not in allowed:
                    yield f"{policy.pointer}/parameters/{key}", f"'{policy.template}' does not take '{key}'."


@rule("PolicyParameterNotValid")
def values(properties: Properties) -> Faults:
    """Give existsAction as override, skip or append, and statusCode as a number from 100 to 599."""
    for policy in properties.policies:
        code = policy.settings.get("statusCode", 200)
        if policy.settings.get("existsAction", "override") not in _EXISTS_ACTIONS:
            yield f"{policy.pointer}/parameters", f"existsAction of '{policy.template}' is none of its three values."
        if not (is_of_type(code, "integer") and 100 <= code <= 599):
            yield f"{policy.pointer}/parameters", f"statusCode of '{policy.template}' is no status code."


@rule("PolicySectionNotValid")
def section(properties: Properties) -> Faults:
    """Run the policy on Request or Response (setheader also on Failure)."""
    for policy in properties.policies:
        allowed = _SECTIONS.get(policy.template, ("Request", "Response"))
        value = policy.parameters.get(SECTION, allowed[0])
        if value not in allowed:
            yield f"{policy.pointer}/parameters/{SECTION}", f"'{policy.template}' cannot run on '{value}'."


@rule("PolicyOperationNotFound")
def operations(properties: Properties) -> Faults:
    """Name operations of the definition."""
    for policy in properties.policies:
        for name in policy.operations:
            if name not in properties.definition.by_id:
                yield f"{policy.pointer}/parameters/{OPERATIONS}", f"There is no operation '{name}'."


@rule("PolicyConnectionParameterNotFound")
def references(properties: Properties) -> Faults:
    """Refer to a declared connection parameter."""
    declared = {parameter.name for parameter in properties.connection_parameters}
    for policy in properties.policies:
        for at, value in nodes(policy.parameters):
            for name in _REFERENCE.findall(text(value)):
                if name not in declared:
                    yield f"{policy.pointer}/parameters{at}", f"There is no connection parameter '{name}'."


@rule("PolicyConnectionParameterNotInSet")
def references_in_sets(properties: Properties) -> Faults:
    """Declare the parameter in every set, or give the reference a default; else it is null for those who chose it."""
    values = [text(value) for policy in properties.policies for _, value in nodes(policy.parameters)]
    wanted = {name for value in values for name in _REFERENCE_WITHOUT_DEFAULT.findall(value)}
    for at, one in properties.sets:
        for name in sorted(wanted - mapping(one.get("parameters")).keys()):
            yield f"{at}/parameters", f"The set '{one.get('name')}' has no '{name}', which a policy needs."


@rule("PolicyUsesEnvironmentVariable")
def environment(properties: Properties) -> Faults:
    """Use a connection parameter; environment variables work in host, basePath and authentication only."""
    for policy in properties.policies:
        for at, value in nodes(policy.parameters):
            if "@environmentVariables" in text(value):
                yield f"{policy.pointer}/parameters{at}", f"'{policy.template}' uses an environment variable."


@rule("PolicyOverridden")
def order(properties: Properties) -> Faults:
    """Move the policy for single operations behind the one for all; the later one wins."""
    for index, policy in enumerate(properties.policies):
        for later in properties.policies[index + 1 :]:
            if policy.operations and not later.operations and _subject(policy) == _subject(later):
                yield policy.pointer, f"A later '{later.template}' for all operations overrides it."


@rule("UnauthenticatedPolicyWithoutTest")
def unauthenticated(properties: Properties) -> Faults:
    """Declare x-ms-capabilities.testConnection; the policy works only with it."""
    capabilities = mapping(properties.definition.document.get("x-ms-capabilities"))
    for policy in properties.policies:
        if policy.template == "setconnectionstatustounauthenticated" and "testConnection" not in capabilities:
            yield policy.pointer, "The definition has no connection test."


def _subject(policy: Policy) -> tuple[str, str, str]:
    """What a policy sets: two policies with the same subject overwrite each other."""
    by_name = text(policy.settings.get("name")).lower()
    return policy.template, by_name, text(policy.parameters.get(SECTION)) or "Request"
