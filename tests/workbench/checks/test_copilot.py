"""The rules about a Microsoft 365 Copilot package."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.workbench.checks import copilot_sample as sample
from tests.workbench.checks.edits import Edit, append, drop, edited, put
from workbench.checks.copilot import check_copilot, check_foundry_openapi, check_openapi, check_people_openapi
from workbench.checks.copilot.agents import agent_rules
from workbench.checks.copilot.apis import api_rules, foundry_rules, people_rules
from workbench.checks.copilot.cards import card_rules
from workbench.checks.copilot.manifest import package_rules
from workbench.checks.copilot.plugins import plugin_rules
from workbench.checks.json_reading import nodes

MANIFEST, AGENT, PLUGIN, API = "manifest.json", "declarativeAgent.json", "ai-plugin.json", "openapi.json"
FOUNDRY, CARD = "openapi.foundry.json", "cards/ticket.json"
TEMPLATE = "/functions/0/capabilities/response_semantics/static_template"
READ, WRITE = "/functions/0", "/functions/1"
RUNTIME = "/runtimes/0"
GET, POST = "/paths/~1tickets~1{ticketId}/get", "/paths/~1tickets~1{ticketId}~1notes/post"
NOTE = f"{POST}/requestBody/content/application~1json/schema/properties"
TICKET = "/components/schemas/Ticket/properties"
STARTER = {"title": "Tickets", "text": "Which tickets are there?"}


def local() -> dict[str, Any]:
    """A runtime that needs no OpenAPI file."""
    return {"type": "LocalPlugin", "auth": {"type": "None"}, "spec": {"local_endpoint": "x"}}


# rule -> the file and the edits that break it
CASES: dict[str, tuple[str, tuple[Edit, ...]]] = {
    "ReferencedFileNotFound": (
        PLUGIN,
        (put(f"{READ}/capabilities/response_semantics/static_template/file", "no.json"),),
    ),
    "AppIdNotGuid": (MANIFEST, (put("/id", "sample-desk"),)),
    "AppVersionNotSemantic": (MANIFEST, (put("/version", "one"),)),
    "AppAccentColorNotValid": (MANIFEST, (put("/accentColor", "red"),)),
    "AppTextTooLong": (MANIFEST, (put("/name/short", "S" * 31),)),
    "AppAgentCountNotOne": (MANIFEST, (put("/copilotAgents/declarativeAgents", []),)),
    "AgentVersionNotCurrent": (AGENT, (put("/version", "v1.2"),)),
    "AgentTextMissing": (AGENT, (put("/description", " "),)),
    "AgentTextTooLong": (AGENT, (put("/instructions", "i" * 8001),)),
    "AgentActionCountNotInRange": (AGENT, (put("/actions", []),)),
    "AgentActionIdNotUnique": (AGENT, (append("/actions", {"id": "tickets", "file": PLUGIN}),)),
    "TooManyConversationStarters": (AGENT, (put("/conversation_starters", [STARTER] * 13),)),
    "ConversationStarterEmpty": (AGENT, (put("/conversation_starters/0/text", ""),)),
    "PluginVersionNotCurrent": (PLUGIN, (put("/schema_version", "v2.1"),)),
    "PluginPropertyNotRecognized": (PLUGIN, (put("/colour", "blue"),)),
    "PluginTextTooLong": (PLUGIN, (put("/description_for_human", "d" * 101),)),
    "PluginStringTooLong": (PLUGIN, (put(f"{READ}/description", "d" * 4001),)),
    "PluginModelDescriptionMissing": (PLUGIN, (drop("/description_for_model"),)),
    "PluginNamespaceNotAlphanumeric": (PLUGIN, (put("/namespace", "sample-desk"),)),
    "FunctionNameNotValid": (PLUGIN, (put("/runtimes", [local()]), put(f"{READ}/name", "get-ticket"))),
    "FunctionNameNotUnique": (PLUGIN, (append("/functions", sample.plugin()["functions"][0]),)),
    "FunctionDescriptionMissing": (PLUGIN, (drop(f"{READ}/description"),)),
    "FunctionParametersDeclared": (PLUGIN, (put(f"{READ}/parameters", {"type": "object"}),)),
    "FunctionRuntimeNotOne": (PLUGIN, (append("/runtimes", sample.plugin()["runtimes"][0]),)),
    "FunctionNotInOpenApi": (API, (put(f"{GET}/operationId", "readTicket"),)),
    "RuntimeFunctionUnknown": (PLUGIN, (append(f"{RUNTIME}/run_for_functions", "closeTicket"),)),
    "RuntimeTypeNotValid": (PLUGIN, (put(f"{RUNTIME}/type", "Carrier"),)),
    "RuntimeSpecMissing": (PLUGIN, (drop(f"{RUNTIME}/spec"),)),
    "RuntimeAuthNotValid": (PLUGIN, (drop(f"{RUNTIME}/auth/reference_id"),)),
    "SecurityInfoMissing": (PLUGIN, (drop(f"{READ}/capabilities/security_info"),)),
    "WriteWithoutConfirmation": (PLUGIN, (drop(f"{WRITE}/capabilities/confirmation"),)),
    "ResponseSemanticsNotValid": (PLUGIN, (put(f"{READ}/capabilities/response_semantics/data_path", "results"),)),
    "CardTypeNotValid": (CARD, (drop("/version"),)),
    "CardActionNotSupported": (CARD, (put("/actions", [{"type": "Action.OpenUrl"}]),)),
    "CardFieldNotInAnswer": (CARD, (put("/body/0/text", "${if(exists(colour), concat('title: ', title), '')}"),)),
    "OpenApiVersionNotSupported": (API, (put("/openapi", "3.1.0"),)),
    "ApiTitleMissing": (API, (drop("/info/version"),)),
    "ApiReferenceNotFound": (API, (put(f"{TICKET}/notes/items/$ref", "#/components/schemas/Nothing"),)),
    "ApiDescriptionMissing": (API, (drop("/info/description"),)),
    "ServerNotHttps": (API, (put("/servers/0/url", "http://desk.example.com"),)),
    "ApiOperationIdNotUnique": (
        API,
        (put("/paths/~1other", {"get": sample.openapi()["paths"]["/tickets/{ticketId}"]["get"]}),),
    ),
    "ApiOperationDescriptionMissing": (API, (drop(f"{GET}/description"),)),
    "ApiInputDescriptionMissing": (API, (drop(f"{NOTE}/text/description"),)),
    "ApiOutputSchemaMissing": (API, (drop(f"{GET}/responses/200/content"),)),
    "CompositionNotSupported": (API, (put(f"{TICKET}/title", {"anyOf": [{"type": "string"}]}),)),
    "NestedInputNotSupported": (API, (put(f"{NOTE}/author", {"type": "object", "description": "Who."}),)),
    "CircularReference": (API, (put(f"{TICKET}/parent", {"$ref": "#/components/schemas/Ticket"}),)),
    "SeveralSecuritySchemes": (API, (put("/security", [{"key": []}, {"bearer": []}]),)),
    "ConsequentialNotDeclared": (API, (drop(f"{POST}/x-openai-isConsequential"),)),
    "FoundryOperationIdNotLetters": (FOUNDRY, (put(f"{GET}/operationId", "getTicket2"),)),
    "FoundryKeySchemeNotOne": (FOUNDRY, (put("/components/securitySchemes/other", {"type": "http"}),)),
    "FoundrySecurityBlockMissing": (FOUNDRY, (drop("/security"),)),
    "FoundryKeyIsParameter": (
        FOUNDRY,
        (append(f"{GET}/parameters", {"in": "header", "name": "x-functions-key", "description": "The key."}),),
    ),
}
FILES: dict[str, Callable[[Path], object]] = {
    "PackageFileMissing": lambda folder: (folder / "color.png").unlink(),
    "PackageJsonNotValid": lambda folder: (folder / "extra.json").write_text("[]"),
    "ColorIconNotValid": lambda folder: Image.new("RGB", (96, 96)).save(folder / "color.png"),
    "OutlineIconNotValid": lambda folder: sample.outline(ink="#ff0000").save(folder / "outline.png"),
    "TooManyFunctions": lambda folder: crowd(folder, 11),
    "PluginNamespaceNotUnique": lambda folder: (folder / "ai-plugin-more.json").write_text(json.dumps(sample.plugin())),
}


def crowd(folder: Path, count: int, name: str = PLUGIN) -> None:
    """A plugin and an OpenAPI file with so many functions."""
    plugin, api = sample.plugin(), sample.openapi()
    for letter in "abcdefghijk"[: count - 2]:
        plugin["functions"].append({**plugin["functions"][0], "name": f"get{letter}"})
        api["paths"][f"/{letter}"] = {
            "get": {**api["paths"]["/tickets/{ticketId}"]["get"], "operationId": f"get{letter}"}
        }
    plugin["runtimes"][0]["run_for_functions"] = ["*"]
    plugin["namespace"] += name.removesuffix(".json").replace("-", "")
    (folder / name).write_text(json.dumps(plugin))
    (folder / API).write_text(json.dumps(api))


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return sample.write(tmp_path / "copilot")


def test_a_good_package_has_no_findings(package: Path) -> None:
    assert check_copilot(package) == []


def test_every_rule_has_a_case_that_breaks_it() -> None:
    books = (package_rules, card_rules, agent_rules, plugin_rules, people_rules, api_rules, foundry_rules)
    assert {rule for book in books for rule in book.rules} == CASES.keys() | FILES.keys()


@pytest.mark.parametrize("rule", CASES)
def test_a_fault_is_caught_by_its_rule_and_by_no_other(rule: str, package: Path) -> None:
    name, edits = CASES[rule]
    (package / name).write_text(json.dumps(edited(sample.DOCUMENTS[name](), *edits)))
    assert {finding.rule for finding in check_copilot(package)} == {rule}


@pytest.mark.parametrize("rule", FILES)
def test_a_fault_of_a_file_is_caught_by_its_rule_and_by_no_other(rule: str, package: Path) -> None:
    FILES[rule](package)
    assert {finding.rule for finding in check_copilot(package)} == {rule}


def test_a_toolset_plugin_may_have_more_than_ten_functions(package: Path) -> None:
    crowd(package, 11, "ai-plugin-all.json")
    assert check_copilot(package) == []


def test_a_reference_out_of_the_package_is_no_file_of_it(package: Path) -> None:
    (package.parent / "secret.json").write_text("{}")
    agent = edited(sample.agent(), put("/actions/0/file", "../secret.json"))
    (package / AGENT).write_text(json.dumps(agent))
    assert [finding.rule for finding in check_copilot(package)] == ["ReferencedFileNotFound"]


def test_an_empty_folder_lacks_its_files(tmp_path: Path) -> None:
    assert {finding.rule for finding in check_copilot(tmp_path)} == {"PackageFileMissing"}


def test_documents_can_be_checked_without_a_package() -> None:
    assert check_openapi(sample.openapi()) == []
    assert check_foundry_openapi(sample.openapi()) == []
    assert check_openapi({})


def test_what_only_models_cannot_take_is_no_fault_in_a_file_for_people() -> None:
    document = edited(sample.openapi(), put(f"{NOTE}/author", {"type": "object", "description": "Who."}))
    assert check_people_openapi(document) == []
    assert check_openapi(document)


def test_a_card_inside_the_plugin_is_held_to_the_same_rules(package: Path) -> None:
    inline = {**sample.card(), "actions": [{"type": "Action.OpenUrl"}]}
    (package / PLUGIN).write_text(json.dumps(edited(sample.plugin(), put(TEMPLATE, inline))))
    (finding,) = check_copilot(package)
    assert (finding.rule, finding.file) == ("CardActionNotSupported", PLUGIN)
    assert finding.pointer == f"{TEMPLATE}/actions/0/type"


@given(
    name=st.sampled_from([MANIFEST, AGENT, PLUGIN, API, FOUNDRY, CARD]),
    choice=st.randoms(),
    value=st.sampled_from([None, [], {}, 1, "x", [{}], {"x": []}]),
)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_no_nonsense_in_a_file_makes_a_rule_fall_over(name: str, choice: Any, value: Any, package: Path) -> None:
    document = sample.DOCUMENTS[name]()
    at = choice.choice([pointer for pointer, _ in nodes(document) if pointer])
    (package / name).write_text(json.dumps(edited(document, put(at, value))))
    check_copilot(package)
    (package / name).write_text(json.dumps(sample.DOCUMENTS[name]()))
