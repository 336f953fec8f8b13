"""The checks against what the vendor and Microsoft publish, when it is at hand."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.workbench.checks import copilot_sample, sample
from tests.workbench.checks.edits import edited, put
from workbench.checks.diff import changes
from workbench.checks.json_reading import names
from workbench.checks.json_schema import schema_errors
from workbench.checks.power_platform import check_definition, check_properties

DATA = Path(__file__).parents[4] / "shared" / "data"
SCHEMAS = DATA / "schemas"
CONNECTOR, TECH = "deskdirector-connector-1.9", "deskdirector-tech-connector-1.0"
DEFINITION_SCHEMA = SCHEMAS / "powerplatform.apiDefinition.schema.json"
PROPERTIES_SCHEMA = SCHEMAS / "powerplatform.apiProperties.schema.json"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the vendor's files are not here")


def load(folder: str, name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((DATA / folder / name).read_text())
    return document


def rules(folder: str) -> Counter[str]:
    return Counter(finding.rule for finding in check_definition(load(folder, "apiDefinition.swagger.json")))


def test_the_vendors_certified_connector_has_the_nine_faults_that_certification_lets_pass() -> None:
    found = rules(CONNECTOR)
    assert found["ParameterSummaryRequired"] == found["ParameterDescriptionRequired"] == 4
    assert found["OperationDescriptionSameAsSummary"] == 1
    assert found["ResponseSchemaOnlyDynamic"] == 22 + 4  # actions, and its triggers


def test_what_certification_would_have_refused_is_not_found_in_certified_connectors() -> None:
    for folder in (CONNECTOR, TECH):
        findings = check_definition(load(folder, "apiDefinition.swagger.json"))
        refused = {finding.rule for finding in findings if finding.severity == "error"}
        assert refused <= {"ParameterSummaryRequired", "ParameterDescriptionRequired"}


def test_the_vendors_second_connector_has_none_of_the_common_faults() -> None:
    common = names(
        "ParameterSummaryRequired ParameterDescriptionRequired OperationDescriptionSameAsSummary "
        "OperationDescriptionNotSentence SchemaDefinitionSetIncorrectly DynamicListExtensionMissing "
        "OperationIdNotPascalCase TriggerHintMissing OperationHasManyResponsesWithSchema PathParameterMissingEncoding "
        "EmptyResponseSchema ConnectorMetadataPropertiesMissing NotificationUrlNotRequired DefaultResponseHasSchema "
        "InvalidNextLinkNameValue TestConnectionMissing"
    )
    assert not rules(TECH).keys() & common


def test_the_vendors_properties_are_nearly_free_of_faults() -> None:
    found = {
        folder: [
            finding.rule
            for finding in check_properties(
                load(folder, "apiProperties.json"), load(folder, "apiDefinition.swagger.json")
            )
        ]
        for folder in (CONNECTOR, TECH)
    }
    assert found == {CONNECTOR: [], TECH: ["StackOwnerNotValid", "ConnectionSecretInClearText"]}


def test_a_vendors_definition_does_not_differ_from_itself() -> None:
    document = load(CONNECTOR, "apiDefinition.swagger.json")
    assert changes(document, document) == []


@pytest.mark.parametrize("folder", [CONNECTOR, TECH])
def test_certified_files_pass_microsofts_schemas(folder: str) -> None:
    assert schema_errors(load(folder, "apiDefinition.swagger.json"), DEFINITION_SCHEMA) == []
    assert schema_errors(load(folder, "apiProperties.json"), PROPERTIES_SCHEMA) == []


def test_the_sample_passes_microsofts_schemas() -> None:
    assert schema_errors(sample.definition(), DEFINITION_SCHEMA) == []
    assert schema_errors(sample.properties(), PROPERTIES_SCHEMA) == []
    assert schema_errors(sample.multi_auth(), PROPERTIES_SCHEMA) == []
    assert schema_errors(copilot_sample.plugin(), SCHEMAS / "copilot.plugin-2.4.schema.json") == []
    assert schema_errors(copilot_sample.agent(), SCHEMAS / "copilot.declarative-agent-1.8.schema.json") == []


def test_a_schema_of_the_wrong_draft_is_still_enforced() -> None:
    plugin = edited(copilot_sample.plugin(), put("/schema_version", "v9"))
    assert schema_errors(plugin, SCHEMAS / "copilot.plugin-2.4.schema.json") == ["/schema_version: 'v2.4' was expected"]


def test_an_objection_names_the_place() -> None:
    (objection,) = schema_errors(edited(sample.definition(), put("/info/nickname", "x")), DEFINITION_SCHEMA)
    assert objection.startswith("/info: ")
