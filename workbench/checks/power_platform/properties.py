"""apiProperties.json as the rules see it: connection parameters, the sets of them, and policies."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from workbench.checks.json_reading import JsonObject, mapping, pointer, sequence, text, texts
from workbench.checks.power_platform.definition import Definition

# templateId in lower case -> its parameters: required, optional. Source: Microsoft's JSON schema for apiProperties, and
# the certified connectors for setconnectionstatustounauthenticated, which that schema does not know yet.
TEMPLATES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "convertarraytoobject": (
        ("propertyParentPath", "keyWithinCollectionPath", "newPropertyPath"),
        ("propertySubPath", "retainKey"),
    ),
    "convertobjecttoarray": (
        ("propertyParentPath", "newPropertyPath"),
        ("propertySubPath", "keyName", "valueName"),
    ),
    "dynamichosturl": (("urlTemplate",), ()),
    "encodepropertyvalue": (("propertyParentPath", "newPropertyPath"), ()),
    "pollingtrigger": (("triggerConfig", "triggerDataPath"), ()),
    "routerequesttoendpoint": (("newPath",), ("httpMethod",)),
    "setconnectionstatustounauthenticated": (("statusCode",), ()),
    "setheader": (("name", "value"), ("existsAction",)),
    "setproperty": (("newPropertyParentPathTemplate", "newPropertySubPathTemplate", "propertyValuePathTemplate"), ()),
    "setqueryparameter": (("name", "value"), ("existsAction",)),
    "setvaluefromurl": (("parameterTemplate", "parameterValueUrl", "parameterValuePathTemplate"), ("httpMethod",)),
    "stringreplace": (
        ("propertyParentPath", "sourceString", "replacementString", "newPropertyPath"),
        ("propertySubPath",),
    ),
    "stringtoarray": (
        ("propertyParentPath", "delimiterList", "childPropertyName", "newPropertyPath"),
        ("propertySubPath",),
    ),
    "updatenextlink": (("nextLinkPropertyName",), ("nextLinkParentPropertyPath",)),
}
PARAMETER_PREFIX = "x-ms-apimTemplateParameter."
OPERATIONS = "x-ms-apimTemplate-operationName"
SECTION = "x-ms-apimTemplate-policySection"


@dataclass(frozen=True, slots=True)
class ConnectionParameter:
    """One thing that makers are asked for when they connect."""

    pointer: str
    name: str
    node: JsonObject

    @property
    def ui(self) -> JsonObject:
        """How it is shown."""
        return mapping(self.node.get("uiDefinition"))

    @property
    def constraints(self) -> JsonObject:
        """What its box demands."""
        return mapping(self.ui.get("constraints"))

    @property
    def hint(self) -> str:
        """What explains it; parameters of a set keep it in `uiDefinition.schema.description`."""
        return text(self.ui.get("description")) or text(mapping(self.ui.get("schema")).get("description"))


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy template instance."""

    pointer: str
    node: JsonObject

    @property
    def template(self) -> str:
        """Its template's id in lower case; the platform does not mind the case."""
        return text(self.node.get("templateId")).lower()

    @property
    def parameters(self) -> JsonObject:
        """All its parameters, with their full names."""
        return mapping(self.node.get("parameters"))

    @property
    def settings(self) -> dict[str, Any]:
        """The template's own parameters, without the prefix."""
        prefixed = self.parameters.items()
        return {key.removeprefix(PARAMETER_PREFIX): one for key, one in prefixed if key.startswith(PARAMETER_PREFIX)}

    @property
    def operations(self) -> list[str]:
        """The ids of the operations that it is for; none means all."""
        return texts(self.parameters.get(OPERATIONS))


class Properties:
    """One apiProperties document, with the definition that it belongs to."""

    def __init__(self, document: JsonObject, definition: Definition) -> None:
        self.node = mapping(document.get("properties"))
        self.definition = definition

    @cached_property
    def sets(self) -> tuple[tuple[str, JsonObject], ...]:
        """The ways to connect, when there are several: pointer and node."""
        values = sequence(mapping(self.node.get("connectionParameterSets")).get("values"))
        base = "/properties/connectionParameterSets/values"
        return tuple((f"{base}/{index}", mapping(value)) for index, value in enumerate(values))

    @cached_property
    def connection_parameters(self) -> tuple[ConnectionParameter, ...]:
        """Those of the one way to connect, or of all of them."""
        return tuple(self._connection_parameters())

    @cached_property
    def policies(self) -> tuple[Policy, ...]:
        """The policies in the order in which they run."""
        instances = sequence(self.node.get("policyTemplateInstances"))
        base = "/properties/policyTemplateInstances"
        return tuple(Policy(f"{base}/{index}", mapping(node)) for index, node in enumerate(instances))

    def _connection_parameters(self) -> Iterator[ConnectionParameter]:
        places = [("/properties/connectionParameters", self.node.get("connectionParameters"))]
        places += [(f"{at}/parameters", one.get("parameters")) for at, one in self.sets]
        for at, node in places:
            for name, parameter in mapping(node).items():
                yield ConnectionParameter(at + pointer(name), name, mapping(parameter))
