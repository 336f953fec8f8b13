"""The Power Platform connector: what makers, the platform and Microsoft's reviewers will see of the catalog."""

import json
import re
import types
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema.validators import validator_for
from openapi_spec_validator import OpenAPIV2SpecValidator

from connector.catalog import operations
from connector.operations.operation import Kind
from tests.workbench.generators.swagger import Json, by_id, nodes, resolved, with_operations
from workbench.checks.power_platform import check_power_platform
from workbench.generators.identity import PLACEHOLDER_HOST
from workbench.generators.power_platform import FOLDER, render

SCHEMAS = Path(__file__).resolve().parents[4] / "shared" / "data" / "schemas"
# Microsoft's own connectors have these; its JSON schemas have not followed.
NOT_IN_THE_SCHEMAS = (
    "x-ms-require-user-confirmation",
    "connectionParameterSets",
    "setconnectionstatustounauthenticated",
)


def test_our_own_checks_have_nothing_to_say(tmp_path: Path) -> None:
    for path, data in render(operations(), PLACEHOLDER_HOST).items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(data)

    assert [str(finding) for finding in check_power_platform(tmp_path / FOLDER)] == []


def test_the_definition_is_valid_swagger(document: Json) -> None:
    assert [error.message for error in OpenAPIV2SpecValidator(document).iter_errors()] == []


@pytest.mark.parametrize(
    ("file", "schema"),
    [
        ("apiDefinition.swagger.json", "powerplatform.apiDefinition.schema.json"),
        ("apiProperties.json", "powerplatform.apiProperties.schema.json"),
        ("apiProperties.multi-auth.json", "powerplatform.apiProperties.schema.json"),
        ("settings.json", "powerplatform.settings.schema.json"),
    ],
)
def test_files_fit_the_schemas_of_microsoft(files: dict[str, bytes], file: str, schema: str) -> None:
    if not (SCHEMAS / schema).exists():
        pytest.skip("Microsoft's schemas are not at hand")
    rules = json.loads((SCHEMAS / schema).read_text())
    rules.pop("id", None)
    problems = [error.message for error in validator_for(rules)(rules).iter_errors(json.loads(files[file]))]

    assert [problem for problem in problems if not any(known in problem for known in NOT_IN_THE_SCHEMAS)] == []


def test_the_definition_stays_small_enough_to_import(files: dict[str, bytes]) -> None:
    assert len(files["apiDefinition.swagger.json"]) < 500_000


def test_the_same_catalog_gives_the_same_bytes(files: dict[str, bytes]) -> None:
    again = render(operations(), PLACEHOLDER_HOST)

    assert {path.removeprefix(f"{FOLDER}/"): data for path, data in again.items()} == files


def test_a_description_of_the_catalog_reaches_makers_and_models() -> None:
    known = operations()["GetTicket"]
    handler = types.FunctionType(known.handler.__code__, known.handler.__globals__, "get_ticket")
    handler.__annotations__ = known.handler.__annotations__
    handler.__module__ = known.handler.__module__
    handler.__doc__ = "Fetch one ticket with everything about it.\n\nIts number is needed."

    changed = by_id(with_operations(replace(known, handler=handler)))["GetTicket"]

    assert changed["description"] == "Fetch one ticket with everything about it."
    assert changed["x-ms-description-for-model"] == "Fetch one ticket with everything about it. Its number is needed."


def test_every_drop_down_gets_its_choices_from_an_operation_that_has_them(document: Json) -> None:
    known = by_id(document)
    found = [node for node in nodes(document) if "x-ms-dynamic-values" in node]

    assert found
    for node in found:
        values, listed = node["x-ms-dynamic-values"], node["x-ms-dynamic-list"]
        answer = resolved(document, known[values["operationId"]]["responses"]["200"]["schema"])
        choice = resolved(document, answer["properties"][values["value-collection"]]["items"])
        assert choice["properties"][values["value-path"]]["type"] == node["type"]
        assert choice["properties"][values["value-title"]]["type"] == "string"
        assert listed["operationId"] == values["operationId"]
        assert (listed["itemsPath"], listed["itemValuePath"], listed["itemTitlePath"]) == (
            values["value-collection"],
            values["value-path"],
            values["value-title"],
        )


def test_a_drop_down_is_narrowed_by_the_input_beside_it(document: Json) -> None:
    status = document["definitions"]["NewTicket"]["properties"]["status"]

    assert status["x-ms-dynamic-values"]["parameters"] == {"board": {"parameter": "board"}}
    assert status["x-ms-dynamic-list"]["parameters"] == {"board": {"parameterReference": "body/board"}}


def test_a_list_of_references_has_its_drop_down_on_the_items(document: Json) -> None:
    assigned = document["definitions"]["NewTicket"]["properties"]["assignedTo"]

    assert assigned["items"]["x-ms-dynamic-list"]["operationId"] == "ListMembers"
    assert "x-ms-dynamic-list" not in assigned


def test_every_action_answers_static_fields(document: Json) -> None:
    for operation in operations().values():
        if operation.kind is Kind.ACTION:
            answer = by_id(document)[operation.id]["responses"][str(operation.status)]["schema"]
            assert resolved(document, answer)["properties"], operation.id


def test_writes_ask_for_confirmation_and_reads_do_not(document: Json) -> None:
    asks = {key: one.get("x-ms-require-user-confirmation") for key, one in by_id(document).items()}

    assert (asks["GetTicket"], asks["FindTickets"]) == (False, False)
    assert (asks["CreateTicket"], asks["UpdateTicket"], asks["AddTicketNote"]) == (True, True, True)


def test_makers_meet_what_they_need_first_and_plumbing_last(document: Json) -> None:
    ticket = document["definitions"]["NewTicket"]

    assert next(iter(ticket["properties"])) == "title"
    assert ticket["required"] == ["title"]
    prominence = [node.get("x-ms-visibility") for node in ticket["properties"].values()]
    assert prominence == sorted(prominence, key=["important", None, "advanced", "internal"].index)
    assert ticket["properties"]["idempotencyKey"]["x-ms-visibility"] == "advanced"


def test_finds_are_paged_by_a_link_that_makers_do_not_see(document: Json) -> None:
    find = by_id(document)["FindTickets"]
    page = resolved(document, find["responses"]["200"]["schema"])["properties"]

    assert find["x-ms-pageable"] == {"nextLinkName": "nextLink"}
    assert page["nextLink"]["x-ms-visibility"] == "internal"
    assert page["results"]["items"] == {"$ref": "#/definitions/Ticket"}
    assert find["parameters"][0]["required"] is False


def test_failures_are_described_without_schemas(document: Json) -> None:
    for one in by_id(document).values():
        assert "default" in one["responses"]
        assert not [code for code, answer in one["responses"].items() if code[0] != "2" and "schema" in answer]
    assert {"409", "424"} <= by_id(document)["CreateTicket"]["responses"].keys()
    assert "409" not in by_id(document)["GetTicket"]["responses"]


def test_texts_carry_no_address_and_no_foreign_letters(document: Json) -> None:
    texts = [str(node["description"]) for node in nodes(document) if isinstance(node.get("description"), str)]

    assert [text for text in texts if "://" in text or not text.isascii()] == []


def test_a_revision_joins_the_family_of_the_first() -> None:
    known = operations()["GetTicket"]
    second = replace(known, id="GetTicket_V2", path="tickets/{ticketId}/details", title="Get ticket (V2)")

    document = by_id(with_operations(second))

    assert document["GetTicket"]["x-ms-api-annotation"] == {
        "family": "GetTicket",
        "revision": 1,
        "status": "Production",
    }
    assert document["GetTicket_V2"]["x-ms-api-annotation"] == {
        "family": "GetTicket",
        "revision": 2,
        "status": "Production",
    }


def test_models_read_the_names_and_values_that_they_use(document: Json) -> None:
    """Makers read titles and yes or no; a model calls `find_tickets` and gets `false`."""
    titles = "|".join(one.title for one in operations().values() if not one.is_trigger and " " in one.title)
    for name, operation in by_id(document).items():
        # A description may begin with the words of its own title.
        text = operation.get("x-ms-description-for-model", "")[1:]
        assert not re.search(rf"\b(?:{titles})\b", text), name
        assert not re.search(r"\b([Yy]es|[Nn]o) (to|for|when|with)\b|\bis (yes|no)[.;,]|yes/no", text), name
