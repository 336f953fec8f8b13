"""Unmanaged Dataverse solutions, as Power Platform exports them: one with the connector, one with a flow that uses it.

A solution is a zip of `[Content_Types].xml`, `solution.xml` (what is in it), `customizations.xml` (the components) and
the files that those name, under `Connector/` and `Workflows/`.
"""

import re
import uuid
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

from connector.operations.operation import Operation
from connector.operations.signature import signature_of
from workbench.generators import identity
from workbench.generators.definitions import JsonObject
from workbench.generators.json_text import as_json

PREFIX = "dda"
NAME = f"{PREFIX}_{re.sub('[^a-z0-9]', '', identity.TITLE.lower())}"
CONNECTION = f"{NAME}_connection"
FLOW = "TryTheConnection"

# Dataverse's numbers for kinds of components, and how a component of that kind is identified.
_CONNECTOR_TYPE, _WORKFLOW_TYPE = 372, 29
CONNECTOR_ID = str(uuid.uuid5(uuid.NAMESPACE_URL, NAME))
_CONNECTOR = (_CONNECTOR_TYPE, f'id="{{{CONNECTOR_ID}}}" schemaName="{NAME}"')
_FLOW_ID = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{NAME}/{FLOW}"))
API = f"/providers/Microsoft.PowerApps/apis/shared_{NAME.replace('_', '-5f')}"
"""In an environment an underscore of the name is written `-5f`; a hash follows that only the environment knows."""
DEFINITION_SCHEMA = (
    "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#"
)
_MANIFEST = 'version="9.2.0.0" SolutionPackageVersion="9.2" languagecode="1033" generatedBy="CrmLive"'
_ADDRESSES = (
    "<Addresses><Address><AddressNumber>1</AddressNumber></Address>"
    "<Address><AddressNumber>2</AddressNumber></Address></Addresses>"
)
_EMPTY_COMPONENTS = (
    "<FieldSecurityProfiles /><Templates /><EntityMaps /><EntityRelationships /><OrganizationSettings /><optionsets />"
    "<CustomControls /><EntityDataProviders />"
)
# The settings of a cloud flow (category 5) that is switched off until its connection is chosen.
_FLOW_SETTINGS = {
    "Type": 1, "Subprocess": 0, "Category": 5, "Mode": 0, "Scope": 4, "OnDemand": 0, "TriggerOnCreate": 0,
    "TriggerOnDelete": 0, "AsyncAutodelete": 0, "SyncWorkflowLogOnFailure": 0, "StateCode": 0, "StatusCode": 1,
    "RunAs": 1, "IsTransacted": 1, "IntroducedVersion": "1.0.0.0", "IsCustomizable": 1, "BusinessProcessType": 0,
    "IsCustomProcessingStepAllowedForOtherPublishers": 1, "ModernFlowType": 0, "PrimaryEntity": "none",
}  # fmt: skip

Files = dict[str, bytes]


def connector_solution(definition: bytes, properties: JsonObject, icon: bytes) -> Files:
    """The solution that holds the connector alone."""
    files = _connector_files(definition, properties, icon)
    return solution_files("Connector", files, [_CONNECTOR], _connector_xml(files))


def flow_solution(definition: bytes, properties: JsonObject, icon: bytes, operations: Mapping[str, Operation]) -> Files:
    """The solution with a flow that a person starts to try the connector, and the connector that it needs."""
    file = f"Workflows/{FLOW}-{_FLOW_ID.upper()}.json"
    connector = _connector_files(definition, properties, icon)
    components = [_CONNECTOR, (_WORKFLOW_TYPE, f'id="{{{_FLOW_ID}}}"')]
    files = {**connector, file: as_json(_flow(_harmless(operations)))}
    return solution_files(
        "Flow", files, components, _connector_xml(connector) + _reference_xml(), flow_xml(_FLOW_ID, FLOW, file)
    )


def _connector_files(definition: bytes, properties: JsonObject, icon: bytes) -> Files:
    return {
        f"Connector/{NAME}_openapidefinition.json": definition,
        f"Connector/{NAME}_connectionparameters.json": as_json(properties["connectionParameters"]),
        f"Connector/{NAME}_policytemplateinstances.json": as_json(properties["policyTemplateInstances"]),
        f"Connector/{NAME}_iconblob.Png": icon,
    }


def _harmless(operations: Mapping[str, Operation]) -> str:
    """An operation that makers see, that changes nothing and that needs no input."""
    return next(
        operation.id
        for operation in operations.values()
        if operation.is_offered
        and not operation.is_trigger
        and operation.effects.read_only
        and not any(field.required for _, field in signature_of(operation).fields(operation))
    )


def _flow(operation_id: str) -> JsonObject:
    api_name = API.rpartition("/")[2]
    host = {"connectionName": api_name, "operationId": operation_id, "apiId": API}
    action = {
        "runAfter": {},
        "type": "OpenApiConnection",
        "inputs": {"host": host, "parameters": {}, "authentication": "@parameters('$authentication')"},
    }
    button = {"type": "Request", "kind": "Button", "inputs": {"schema": {"type": "object", "properties": {}}}}
    reference = {
        "runtimeSource": "embedded",
        "connection": {"connectionReferenceLogicalName": CONNECTION},
        "api": {"name": api_name, "logicalName": NAME},
    }
    definition = {
        "$schema": DEFINITION_SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": {
            "$connections": {"defaultValue": {}, "type": "Object"},
            "$authentication": {"defaultValue": {}, "type": "SecureObject"},
        },
        "triggers": {"manual": button},
        "actions": {operation_id: action},
    }
    properties = {"connectionReferences": {api_name: reference}, "definition": definition}
    return {"properties": properties, "schemaVersion": "1.0.0.0"}


def solution_files(
    kind: str, files: Files, components: Iterable[tuple[int, str]], parts: str, workflows: str = ""
) -> Files:
    """A whole solution: its manifest and components around `files`."""
    title = f"{identity.TITLE} {kind}"
    customizations = (
        f"<Entities /><Roles /><Workflows>{workflows}</Workflows>{_EMPTY_COMPONENTS}{parts}"
        "<Languages><Language>1033</Language></Languages>"
    )
    return {
        "[Content_Types].xml": _content_types(files),
        "solution.xml": _xml(_manifest(title, components), _MANIFEST),
        "customizations.xml": _xml(customizations),
        **files,
    }


def _manifest(title: str, components: Iterable[tuple[int, str]]) -> str:
    roots = "".join(f'<RootComponent type="{kind}" {key} behavior="0" />' for kind, key in components)
    publisher = identity.publisher().name
    return (
        f"<SolutionManifest><UniqueName>{_word(title)}</UniqueName>{_named(title)}<Descriptions />"
        f"<Version>{identity.version()}.0</Version><Managed>0</Managed>"
        f"<Publisher><UniqueName>{_word(publisher)}</UniqueName>{_named(publisher)}<Descriptions />"
        f'<EMailAddress>{escape(identity.publisher().email)}</EMailAddress><SupportingWebsiteUrl xsi:nil="true" />'
        f"<CustomizationPrefix>{PREFIX}</CustomizationPrefix>"
        f"<CustomizationOptionValuePrefix>10000</CustomizationOptionValuePrefix>{_ADDRESSES}</Publisher>"
        f"<RootComponents>{roots}</RootComponents><MissingDependencies /></SolutionManifest>"
    )


def _connector_xml(files: Files) -> str:
    kinds = {re.sub(r".*_|\..*", "", path): path for path in files}
    paths = "".join(f"<{kind}>/{path}</{kind}>" for kind, path in kinds.items())
    return (
        f"<Connectors><Connector><connectorid>{CONNECTOR_ID}</connectorid>"
        f"<description>{escape(identity.DESCRIPTION)}</description><displayname>{escape(identity.TITLE)}</displayname>"
        f"<iconbrandcolor>{identity.BRAND_COLOR}</iconbrandcolor><name>{NAME}</name>"
        f"<connectortype>1</connectortype>{paths}</Connector></Connectors>"
    )


def _reference_xml() -> str:
    """The connection, chosen when the flow is imported; `customconnectorid` ties it to the packaged connector."""
    return (
        f"<connectionreferences><connectionreference connectionreferencelogicalname={_quoted(CONNECTION)}>"
        f"<connectionreferencedisplayname>{escape(identity.TITLE)}</connectionreferencedisplayname>"
        f"<connectorid>{API}</connectorid>"
        f"<customconnectorid><connectorid>{CONNECTOR_ID}</connectorid></customconnectorid>"
        "<iscustomizable>1</iscustomizable><promptingbehavior>0</promptingbehavior>"
        "<statecode>0</statecode><statuscode>1</statuscode></connectionreference></connectionreferences>"
    )


def flow_xml(flow_id: str, name: str, file: str) -> str:
    """The entry of a flow that is off until its connection is chosen."""
    settings = "".join(f"<{name}>{value}</{name}>" for name, value in _FLOW_SETTINGS.items())
    return (
        f'<Workflow WorkflowId="{{{flow_id}}}" Name={_quoted(name)}><JsonFileName>/{file}</JsonFileName>{settings}'
        f"{_named(name)}</Workflow>"
    )


def _content_types(files: Files) -> bytes:
    kinds = sorted({"xml", *(path.rpartition(".")[2] for path in files)})
    types = "".join(f'<Default Extension="{kind}" ContentType="application/octet-stream" />' for kind in kinds)
    namespace = "http://schemas.openxmlformats.org/package/2006/content-types"
    return f'<?xml version="1.0" encoding="utf-8"?><Types xmlns="{namespace}">{types}</Types>'.encode()


def _xml(inside: str, attributes: str = "") -> bytes:
    namespace = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    opening = " ".join(part for part in ("<ImportExportXml", attributes, namespace) if part)
    return f'<?xml version="1.0" encoding="utf-8"?>{opening}>{inside}</ImportExportXml>'.encode()


def _named(title: str) -> str:
    return f'<LocalizedNames><LocalizedName description={_quoted(title)} languagecode="1033" /></LocalizedNames>'


def _quoted(value: str) -> str:
    return '"' + escape(value, {'"': "&quot;"}) + '"'


def _word(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", text)
