"""What a person imports: one solution with the flows of all recipes, and a Logic Apps definition for each flow.

The solution holds no connector (a flow and a custom connector in one solution import badly: public issues of
Microsoft's own tools); it refers to the one that the connector's own solution brings.
"""

import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from connector.operations.operation import Operation
from workbench.generators import identity
from workbench.generators.archive import zipped
from workbench.generators.json_text import as_json
from workbench.generators.power_platform import solution
from workbench.generators.recipes.cloud_flow import DESKDIRECTOR, api_id, cloud_flow, connectors_of, reference_name
from workbench.generators.recipes.logic_app import logic_app
from workbench.generators.recipes.model import Flow, Recipe, Setting

SOLUTION: Final = "Recipes.zip"
_WORKFLOW, _VARIABLE = 29, 380


def package(operations: Mapping[str, Operation], folder: Path, host: str) -> str:
    """Write the solution and the Logic Apps definitions below `folder`; what is left for a person to do."""
    del operations, host
    from workbench.generators.recipes import FOLDER, recipes

    target = folder / FOLDER
    target.mkdir(parents=True, exist_ok=True)
    (target / SOLUTION).write_bytes(zipped(solution_files(recipes())))
    for path, content in logic_apps(recipes()).items():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_bytes(content)
    return (
        f"Recipes, in {target}: import {SOLUTION} after the connector, choose the connections and the environment "
        "variables, then turn the flows on. The folder logic-apps has one definition a flow."
    )


def solution_files(recipes: Iterable[Recipe]) -> dict[str, bytes]:
    """The files of the solution: flows, connection references, environment variables."""
    flows = [(recipe, flow) for recipe in recipes for flow in recipe.flows]
    settings = {setting.name: setting for recipe, _ in flows for setting in recipe.settings}
    files = {_file(flow): as_json(cloud_flow(recipe, flow)) for recipe, flow in flows}
    files |= {_variable_file(setting): _variable(setting) for setting in settings.values()}
    connectors = dict.fromkeys(connector for _, flow in flows for connector in connectors_of(flow))
    components = [(_WORKFLOW, f'id="{{{_id(flow)}}}"') for _, flow in flows]
    components += [(_VARIABLE, f'schemaName="{solution.PREFIX}_{name}"') for name in settings]
    workflows = "".join(solution.flow_xml(_id(flow), flow.name, _file(flow)) for _, flow in flows)
    references = "".join(_reference(connector) for connector in connectors)
    return solution.solution_files(
        "Recipes", files, components, f"<connectionreferences>{references}</connectionreferences>", workflows
    )


def logic_apps(recipes: Iterable[Recipe]) -> dict[str, bytes]:
    """One definition for each flow of the recipes that Logic Apps can run."""
    return {
        f"logic-apps/{recipe.slug}/{flow.name}.json": as_json(logic_app(recipe, flow))
        for recipe in recipes
        if "Logic Apps" in recipe.platforms
        for flow in recipe.flows
    }


def _id(flow: Flow) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{solution.NAME}/recipes/{flow.name}"))


def _file(flow: Flow) -> str:
    return f"Workflows/{flow.name}-{_id(flow).upper()}.json"


def _reference(connector: str) -> str:
    own = f"<customconnectorid><connectorid>{solution.CONNECTOR_ID}</connectorid></customconnectorid>"
    title = identity.TITLE if connector == DESKDIRECTOR else connector
    return (
        f'<connectionreference connectionreferencelogicalname="{reference_name(connector)}">'
        f"<connectionreferencedisplayname>{escape(title)}</connectionreferencedisplayname>"
        f"<connectorid>{api_id(connector)}</connectorid>{own if connector == DESKDIRECTOR else ''}"
        "<iscustomizable>1</iscustomizable><promptingbehavior>0</promptingbehavior>"
        "<statecode>0</statecode><statuscode>1</statuscode></connectionreference>"
    )


def _variable_file(setting: Setting) -> str:
    return f"environmentvariabledefinitions/{solution.PREFIX}_{setting.name}/environmentvariabledefinition.xml"


def _variable(setting: Setting) -> bytes:
    title, about = escape(setting.title), escape(setting.about)
    return (
        f'<?xml version="1.0" encoding="utf-8"?><environmentvariabledefinition '
        f'schemaname="{solution.PREFIX}_{setting.name}"><defaultvalue>{escape(setting.default)}</defaultvalue>'
        f'<description default="{about}"><label description="{about}" languagecode="1033" /></description>'
        f'<displayname default="{title}"><label description="{title}" languagecode="1033" /></displayname>'
        "<introducedversion>1.0.0.0</introducedversion><iscustomizable>1</iscustomizable><isrequired>0</isrequired>"
        "<secretstore>0</secretstore><type>100000000</type></environmentvariabledefinition>"
    ).encode()
