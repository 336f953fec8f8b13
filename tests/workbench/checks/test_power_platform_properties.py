"""The rules about apiProperties.json, for one way to connect and for several."""

import pytest

from tests.workbench.checks import sample
from tests.workbench.checks.edits import Edit, drop, edited, put, rename
from workbench.checks.power_platform import check_properties
from workbench.checks.power_platform.rulebook import properties_rules

ROOT = "/properties"
KEY = f"{ROOT}/connectionParameters/apiKey"
SETS = f"{ROOT}/connectionParameterSets"
HEADER = f"{ROOT}/policyTemplateInstances/0"
BROKEN = f"{ROOT}/policyTemplateInstances/1"
PREFIX = "x-ms-apimTemplateParameter."
OAUTH = {"identityProvider": "aad", "redirectUrl": "https://global.consent.azure-apim.net/redirect"}

CASES: dict[str, tuple[Edit, ...]] = {
    "PropertiesKeyNotAllowed": (put(f"{ROOT}/colour", "blue"),),
    "IconBrandColorNotValid": (put(f"{ROOT}/iconBrandColor", "#007ee5"),),
    "PublisherNotValid": (drop(f"{ROOT}/publisher"),),
    "StackOwnerNotValid": (put(f"{ROOT}/stackOwner", "<company>"),),
    "CapabilityNotValid": (put(f"{ROOT}/capabilities", ["flying"]),),
    "ConnectionParametersMissing": (
        put(f"{ROOT}/connectionParameters", {}),
        put(f"{HEADER}/parameters/{PREFIX}value", "x"),
    ),
    "ConnectionParameterNameNotValid": (put(f"{ROOT}/connectionParameters/site host", sample.key_parameter()),),
    "ConnectionParameterTypeNotValid": (put(f"{KEY}/type", "secret"),),
    "ConnectionParameterNotExplained": (drop(f"{KEY}/uiDefinition/description"),),
    "ConnectionConstraintNotString": (put(f"{KEY}/uiDefinition/constraints/required", True),),
    "ConnectionSecretNotSecureString": (put(f"{KEY}/type", "string"),),
    "ConnectionSecretInClearText": (put(f"{KEY}/uiDefinition/constraints/clearText", True),),
    "IdentityProviderNotValid": (
        put(f"{KEY}/type", "oauthSetting"),
        put(f"{KEY}/oAuthSettings", OAUTH | {"identityProvider": "saml"}),
    ),
    "RedirectUrlNotValid": (
        put(f"{KEY}/type", "oauthSetting"),
        put(f"{KEY}/oAuthSettings", OAUTH | {"redirectUrl": "https://example.com"}),
    ),
    "PolicyTemplateNotRecognized": (put(f"{HEADER}/templateId", "sendpigeon"),),
    "PolicyTitleMissing": (drop(f"{HEADER}/title"),),
    "PolicyParameterMissing": (drop(f"{HEADER}/parameters/{PREFIX}value"),),
    "PolicyParameterNotRecognized": (put(f"{HEADER}/parameters/{PREFIX}colour", "blue"),),
    "PolicyParameterNotValid": (put(f"{BROKEN}/parameters/{PREFIX}statusCode", "refused"),),
    "PolicySectionNotValid": (put(f"{HEADER}/parameters/x-ms-apimTemplate-policySection", "Later"),),
    "PolicyOperationNotFound": (put(f"{BROKEN}/parameters/x-ms-apimTemplate-operationName", ["GetNothing"]),),
    "PolicyConnectionParameterNotFound": (put(f"{HEADER}/parameters/{PREFIX}value", "@connectionParameters('key')"),),
    "PolicyUsesEnvironmentVariable": (put(f"{HEADER}/parameters/{PREFIX}value", '@environmentVariables("key")'),),
    "PolicyOverridden": (
        put(f"{HEADER}/parameters/x-ms-apimTemplate-operationName", ["GetTicket"]),
        lambda document: document["properties"]["policyTemplateInstances"].append(sample.policies()[0]),
    ),
    "UnauthenticatedPolicyWithoutTest": (),
}
MULTI_AUTH_CASES: dict[str, tuple[Edit, ...]] = {
    "ConnectionParameterSetNotValid": (put(f"{SETS}/values/1/name", "Tokity"),),
    "ConnectionParameterSetsNotExplained": (drop(f"{SETS}/uiDefinition/description"),),
    "PolicyParameterNotValid": (put(f"{HEADER}/parameters/{PREFIX}existsAction", "perhaps"),),
    "PolicyConnectionParameterNotInSet": (rename(f"{SETS}/values/1/parameters", "apiKey", "secretKey"),),
    "ConnectionSecretNotSecureString": (put(f"{SETS}/values/1/parameters/apiKey/type", "string"),),
}


def test_good_properties_have_no_findings() -> None:
    assert check_properties(sample.properties(), sample.definition()) == []
    assert check_properties(sample.multi_auth(), sample.definition()) == []


def test_every_rule_has_a_case_that_breaks_it() -> None:
    assert properties_rules.rules.keys() == CASES.keys() | MULTI_AUTH_CASES.keys()


@pytest.mark.parametrize("rule", CASES)
def test_a_fault_is_caught_by_its_rule_and_by_no_other(rule: str) -> None:
    definition = sample.definition()
    if rule == "UnauthenticatedPolicyWithoutTest":
        del definition["x-ms-capabilities"]
    findings = check_properties(edited(sample.properties(), *CASES[rule]), definition)
    assert {finding.rule for finding in findings} == {rule}


@pytest.mark.parametrize("rule", MULTI_AUTH_CASES)
def test_a_fault_in_one_of_several_ways_to_connect_is_caught(rule: str) -> None:
    findings = check_properties(edited(sample.multi_auth(), *MULTI_AUTH_CASES[rule]), sample.definition())
    assert {finding.rule for finding in findings} == {rule}


def test_a_set_may_keep_its_hint_in_the_schema() -> None:
    ui = f"{SETS}/values/0/parameters/apiKey/uiDefinition"
    hint = (drop(f"{ui}/description"), put(f"{ui}/schema", {"description": "Created in the admin portal."}))
    assert check_properties(edited(sample.multi_auth(), *hint), sample.definition()) == []


def test_a_set_may_lack_what_a_policy_has_a_default_for() -> None:
    lacking = rename(f"{SETS}/values/1/parameters", "apiKey", "secretKey")
    value = put(f"{HEADER}/parameters/{PREFIX}value", "@connectionParameters('apiKey', 'none')")
    assert check_properties(edited(sample.multi_auth(), lacking, value), sample.definition()) == []


def test_template_names_are_compared_without_regard_to_case() -> None:
    document = edited(sample.properties(), put(f"{HEADER}/templateId", "setHeader"))
    assert check_properties(document, sample.definition()) == []


def test_properties_of_the_wrong_shape_are_reported() -> None:
    assert check_properties({}, sample.definition())
    assert check_properties({"properties": []}, {})
    assert check_properties(edited(sample.properties(), rename("", "properties", "props")), sample.definition())
