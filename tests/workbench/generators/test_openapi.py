"""The OpenAPI files: what people import, and what the Foundry tool reads."""

import json
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator

from connector.catalog import operations
from connector.operations.operation import Kind
from connector.operations.signature import signature_of
from tests.desk import Desk
from tests.workbench.generators.test_power_platform_extensions import polling, unsubscribing, webhook
from workbench.checks.copilot import check_foundry_openapi
from workbench.generators.examples import example_of
from workbench.generators.failures import FAILURES
from workbench.generators.identity import PLACEHOLDER_HOST
from workbench.generators.openapi import render
from workbench.generators.openapi.dialect import is_for_models, model_name

Json = dict[str, Any]
FILES = render(operations(), PLACEHOLDER_HOST)


def loaded(name: str, files: Any = FILES) -> Json:
    return dict(json.loads(files[f"openapi/{name}"]))


PEOPLE, FOUNDRY = loaded("openapi.json"), loaded("openapi.foundry.json")
EVERY = pytest.mark.parametrize("operation", operations().values(), ids=lambda one: one.id)


def by_id(document: Json) -> dict[str, Json]:
    return {one["operationId"]: one for item in document["paths"].values() for one in item.values()}


def resolved(document: Json, node: Json) -> Json:
    """A node, its reference followed."""
    found = document
    for key in node["$ref"][2:].split("/") if "$ref" in node else ():
        found = found[key]
    return found if "$ref" in node else node


def whole(document: Json, schema: Json) -> Json:
    """A schema that validates on its own."""
    return {**schema, "components": document["components"]}


@pytest.mark.parametrize("document", [PEOPLE, FOUNDRY], ids=["people", "foundry"])
def test_a_file_is_valid_openapi(document: Json) -> None:
    assert document["openapi"] == "3.0.3"
    assert [error.message for error in OpenAPIV30SpecValidator(document).iter_errors()] == []


@EVERY
def test_everything_is_in_the_file_for_people(operation: Any) -> None:
    found = by_id(PEOPLE)[operation.id]

    assert found is PEOPLE["paths"][f"/{operation.path}"][operation.method.lower()]
    assert operation.description in found["description"]
    assert found["tags"] == [operation.group]
    assert {tag["name"] for tag in PEOPLE["tags"]} >= {operation.group}
    body = found.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    taken = {resolved(PEOPLE, one)["name"] for one in found.get("parameters", ())} - {"dd-host"}
    taken |= resolved(PEOPLE, body).get("properties", {}).keys()
    assert taken == {field.name for _, field in signature_of(operation).fields(operation)}


@EVERY
def test_examples_fit_their_schemas(operation: Any) -> None:
    found, example = by_id(PEOPLE)[operation.id], example_of(operation)

    contents = [found[part]["content"] for part in ("requestBody",) if part in found]
    contents += [one["content"] for one in found["responses"].values() if "content" in one]
    for content in contents:
        node = content["application/json"]
        if "example" in node:
            jsonschema.validate(node["example"], whole(PEOPLE, node["schema"]))
    if example.status == operation.status and example.answer:
        answer = found["responses"][str(operation.status)]["content"]["application/json"]["example"]
        assert answer == example.answer


@EVERY
def test_failures_have_the_shape_that_the_app_answers(operation: Any) -> None:
    responses = by_id(PEOPLE)[operation.id]["responses"]
    failures = {int(status): resolved(PEOPLE, one) for status, one in responses.items() if int(status) >= 400}

    assert {409, 424} <= failures.keys() or operation.effects.idempotent
    for status, one in failures.items():
        content = one["content"]["application/json"]
        assert content["schema"] == {"$ref": "#/components/schemas/Error"}
        assert ("Retry-After" in one.get("headers", {})) is FAILURES[status].can_be_repeated


def test_a_real_error_fits_the_error_schema(desk: Desk) -> None:
    error = desk.call("GetTicket", ticketId=99999999)

    jsonschema.validate(error.json, whole(PEOPLE, PEOPLE["components"]["schemas"]["Error"]))


def test_the_connection_is_a_key_and_a_site_that_importers_fill_in() -> None:
    schemes = PEOPLE["components"]["securitySchemes"]
    site = PEOPLE["components"]["parameters"]["SiteHost"]

    assert {one["name"]: one["in"] for one in schemes.values()} == {"dd-api-key": "header", "x-functions-key": "header"}
    assert PEOPLE["security"][0] == {"apiKey": []}
    assert (site["name"], site["in"], site["required"], site["example"]) == ("dd-host", "header", False, "{{siteHost}}")


def test_a_call_that_needs_no_connection_asks_for_none() -> None:
    free = {key for key, one in by_id(PEOPLE).items() if one.get("security") == []}

    assert free == {one.id for one in operations().values() if not signature_of(one).dd}


def test_the_host_is_written_into_the_files() -> None:
    files = render(operations(), "desk.azurewebsites.net")

    assert loaded("openapi.json", files)["servers"] == [{"url": "https://desk.azurewebsites.net/api"}]
    assert not [name for name, content in files.items() if PLACEHOLDER_HOST.encode() in content]


def test_triggers_are_told_as_events_with_what_they_send() -> None:
    catalog = {one.id: one for one in (webhook(), unsubscribing(), polling())}
    document = loaded("openapi.json", render(catalog, PLACEHOLDER_HOST))
    subscribing, asking = by_id(document)["WhenTicketChanges"], by_id(document)["WhenTicketIsNew"]
    event = subscribing["callbacks"]["event"]["{$request.body#/callbackUrl}"]["post"]
    sent = resolved(document, event["requestBody"]["content"]["application/json"]["schema"])

    assert {tuple(one["tags"]) for one in (subscribing, asking, event)} == {("Events",)}
    assert sent["properties"].keys() == {"eventId", "title"}
    assert asking["responses"].keys() >= {"200", "202"}
    assert [error.message for error in OpenAPIV30SpecValidator(document).iter_errors()] == []


def test_foundry_finds_nothing_that_it_cannot_take() -> None:
    assert [str(finding) for finding in check_foundry_openapi(FOUNDRY)] == []
    assert {model_name(one) for one in operations().values() if is_for_models(one)} == by_id(FOUNDRY).keys()


def test_models_get_neither_triggers_nor_plumbing_nor_secrets_nor_a_free_hand() -> None:
    kinds = {one.kind for one in operations().values() if is_for_models(one)}

    assert kinds == {Kind.ACTION, Kind.LOOKUP}
    assert not {"createUserKey", "sendApiRequest", "callAdvancedAction"} & by_id(FOUNDRY).keys()
    assert "idempotencyKey" not in json.dumps(FOUNDRY)


def test_the_values_of_a_choice_are_told_in_words_as_well() -> None:
    period = FOUNDRY["components"]["schemas"]["TimeEntryFilters"]["properties"]["period"]

    assert all(one in period["description"] for one in period["enum"])


def test_the_app_serves_the_file_under_its_own_address(desk: Desk) -> None:
    answer = desk.client.get(f"{desk.url}/api/openapi.json")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {**PEOPLE, "servers": [{"url": f"{desk.url}/api"}]}


def test_who_has_the_file_already_is_not_sent_it_again(desk: Desk) -> None:
    first = desk.client.get(f"{desk.url}/api/openapi.json")
    again = desk.client.get(f"{desk.url}/api/openapi.json", headers={"if-none-match": first.headers["etag"]})
    plain = desk.client.get(f"{desk.url}/api/openapi.json", headers={"accept-encoding": "identity"})

    assert first.headers["cache-control"] == "no-cache"
    assert first.headers["content-encoding"] == "gzip"
    assert (again.status_code, again.content) == (304, b"")
    assert "content-encoding" not in plain.headers
    assert plain.content == first.content
