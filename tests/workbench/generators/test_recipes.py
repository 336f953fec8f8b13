"""Recipes: their flows fit the connector, their packages are complete, and their steps run against a proven site."""

import copy
import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

import pytest

from connector.catalog import operations
from tests.desk import ROOT, Desk
from tests.workbench.generators.flow_player import Player
from workbench.checks.flows import check_flow
from workbench.generators.power_platform import solution
from workbench.generators.recipes import recipes
from workbench.generators.recipes.cloud_flow import cloud_flow
from workbench.generators.recipes.logic_app import logic_app
from workbench.generators.recipes.model import Call, Event, Flow, Recipe, operation_of, steps_of
from workbench.generators.recipes.package import logic_apps, solution_files

Json = dict[str, Any]
FLOWS = [(recipe, flow) for recipe in recipes() for flow in recipe.flows]
NAMES = [flow.name for _, flow in FLOWS]
WRITES = ("Add", "Remove", "Update", "Close", "Reopen", "Create", "Set", "Approve", "Decline")


@pytest.fixture(scope="module")
def swagger() -> Json:
    """The committed definition of the connector."""
    path = ROOT / "connector" / "definition" / "power-platform" / "apiDefinition.swagger.json"
    return dict(json.loads(path.read_text()))


def test_there_are_fifteen() -> None:
    assert [recipe.number for recipe in recipes()] == list(range(1, 16))


@pytest.mark.parametrize(("recipe", "flow"), FLOWS, ids=NAMES)
def test_a_flow_fits_the_connector(recipe: Recipe, flow: Flow, swagger: Json) -> None:
    assert check_flow(cloud_flow(recipe, flow), swagger, solution.API) == []


@pytest.mark.parametrize(("recipe", "flow"), FLOWS, ids=NAMES)
def test_a_flow_that_waits_for_what_it_writes_says_what_stops_it(recipe: Recipe, flow: Flow) -> None:
    writes = any(isinstance(step, Call) and step.operation.startswith(WRITES) for step in steps_of(flow.steps))
    assert not (isinstance(flow.trigger, Event) and writes) or flow.guard


def _actions(flow: Json) -> Json:
    return dict(flow["properties"]["definition"]["actions"])


MISTAKES: dict[str, Callable[[Json], None]] = {
    "there is no operation": lambda flow: _host(flow).update(operationId="GetTickets"),
    "takes no": lambda flow: _inputs(flow)["parameters"].update(ticket=1),
    "needs": lambda flow: _inputs(flow)["parameters"].clear(),
    "is no step beside it": lambda flow: _actions(flow)["Get_ticket"].update(runAfter={"Nothing": ["Succeeded"]}),
    "the trigger has no": lambda flow: _inputs(flow)["parameters"].update(
        ticketId="@triggerOutputs()?['body/ticket_id']"
    ),
    "there is no step": lambda flow: _inputs(flow)["parameters"].update(ticketId="@outputs('Got_ticket')?['body/id']"),
    "the answer of Get_ticket has no": lambda flow: _actions(flow)["Nobody_works_on_it"].update(
        expression={"equals": ["@empty(outputs('Get_ticket')?['body/members'])", True]}
    ),
    "there is no parameter": lambda flow: _inputs(flow)["parameters"].update(ticketId="@parameters('Nope')"),
    "waits for itself": lambda flow: _actions(flow)["Get_ticket"].update(runAfter={"Get_ticket": ["Succeeded"]}),
}


def _inputs(flow: Json) -> Json:
    return dict(_actions(flow)["Get_ticket"])["inputs"]  # type: ignore[no-any-return]


def _host(flow: Json) -> Json:
    return _inputs(flow)["host"]  # type: ignore[no-any-return]


@pytest.mark.parametrize("sentence", MISTAKES)
def test_a_planted_mistake_is_found(sentence: str, swagger: Json) -> None:
    recipe, flow = next((recipe, flow) for recipe, flow in FLOWS if flow.name == "TellThoseWhoWork")
    wrong = copy.deepcopy(cloud_flow(recipe, flow))
    MISTAKES[sentence](wrong)
    assert any(sentence in problem for problem in check_flow(wrong, swagger, solution.API))


def test_the_solution_is_complete_and_has_no_connector() -> None:
    files = solution_files(recipes())
    customizations = ET.fromstring(files["customizations.xml"])
    workflows = [node.findtext("JsonFileName", "").lstrip("/") for node in customizations.iter("Workflow")]
    declared = {node.get("connectionreferencelogicalname") for node in customizations.iter("connectionreference")}
    used = {
        reference["connection"]["connectionReferenceLogicalName"]
        for path in workflows
        for reference in json.loads(files[path])["properties"]["connectionReferences"].values()
    }
    roots = list(ET.fromstring(files["solution.xml"]).iter("RootComponent"))

    assert not list(customizations.iter("Connector"))
    assert sorted(workflows) == sorted(path for path in files if path.startswith("Workflows/"))
    assert used == declared
    assert len([root for root in roots if root.get("type") == "29"]) == len(workflows) == len(FLOWS)
    variables = {root.get("schemaName") for root in roots if root.get("type") == "380"}
    assert {path.split("/")[1] for path in files if path.startswith("environmentvariable")} == variables
    assert [ET.fromstring(content).tag for path, content in files.items() if path.endswith("definition.xml")]


def test_every_variable_of_a_flow_is_in_the_solution() -> None:
    files = solution_files(recipes())
    for path, content in files.items():
        if path.startswith("Workflows/"):
            parameters = json.loads(content)["properties"]["definition"]["parameters"]
            names = [
                parameter["metadata"]["schemaName"] for parameter in parameters.values() if "metadata" in parameter
            ]
            assert all(
                f"environmentvariabledefinitions/{name}/environmentvariabledefinition.xml" in files for name in names
            )


@pytest.mark.parametrize(
    ("recipe", "flow"),
    [(r, f) for r, f in FLOWS if "Logic Apps" in r.platforms],
    ids=lambda one: getattr(one, "name", ""),
)
def test_a_logic_app_calls_routes_of_the_connector(recipe: Recipe, flow: Flow, swagger: Json) -> None:
    definition = logic_app(recipe, flow)["definition"]
    calls = [step for step in steps_of(flow.steps) if isinstance(step, Call)]
    text = json.dumps(definition)
    for call in calls:
        operation = operation_of(call)
        assert operation.method.lower() in swagger["paths"][f"/{operation.path}"]
        assert f"/{operation.path.partition('{')[0]}" in text
    assert "triggerOutputs" not in text
    assert all(f"parameters('{setting.name}')" in text or setting.name in text for setting in recipe.settings)


def test_the_packages_are_the_same_bytes_each_time() -> None:
    assert solution_files(recipes()) == solution_files(recipes())
    assert logic_apps(recipes()) == logic_apps(recipes())


# What starts each flow in the test: fields of the event or item, from a seeded ticket.
PLAYED = [
    "OpenThread", "FollowNotes", "TellAssigned", "TellThoseWhoWork", "FollowUp", "RaiseVip", "WarnBeforeDue",
    "AskForTime", "CallBack", "MailToTicket", "RemindThenClose", "ForgetReminder", "WeeklyReport",
]  # fmt: skip
SETTINGS = {"Board": "Support", "WaitingStatus": "Waiting on Customer", "Company": "201", "Priority": "High"}
REFUSED = {
    # What a proven site does not offer, by the code that says so.
    "ListTicketNotes": "RouteNotFound",
    "FindTimeEntries": "UserKeyRefused",
}


@pytest.mark.parametrize("desk", ["proven"], indirect=True)
@pytest.mark.parametrize("name", PLAYED)
def test_the_steps_run_against_a_proven_site(name: str, desk: Desk) -> None:
    recipe, flow = next((recipe, flow) for recipe, flow in FLOWS if flow.name == name)
    ticket = next(one for one in desk.tenant.tickets.values() if one.closed_on is None and one.contact_id)
    member = next(iter(desk.tenant.members))
    trigger = {
        "id": ticket.id, "ticketId": ticket.id, "eventId": "event-1", "title": ticket.name, "contact": "Alex",
        "noteText": "Still broken", "noteAuthor": "Alex", "noteIsInternal": False, "assignedToIds": [member],
        "rating": 1.0, "status": "missed", "creator": "Alex", "creatorId": ticket.contact_id,
        "from": "new.person@contoso.example", "subject": "Printer", "bodyPreview": "Broken",
        "internetMessageId": "<m@x>",
    }  # fmt: skip
    if name == "CallBack":
        trigger["ticketId"] = None

    def call(operation: str, given: Json) -> Json:
        answer = desk.call(operation, **{key: value for key, value in given.items() if value is not None})
        if answer.status >= 400:
            assert REFUSED.get(operation) == answer.code, (operation, given, answer.json)
            return {"results": [], "refused": True}
        return dict(answer.json)

    played = Player(cloud_flow(recipe, flow), trigger, SETTINGS, call, lambda _, __: {"id": "message-1"}).run()

    assert played
    assert {operations()[one].id for one in played} == set(played)
