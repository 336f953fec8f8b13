"""`apiProperties.json`: the connection that makers fill in, and the policies that turn it into headers."""

from connector.naming import title_case
from workbench.generators import identity
from workbench.generators.definitions import JsonObject

SITE_HOST, API_KEY, FUNCTION_KEY = "siteHost", "apiKey", "functionKey"

_HEADERS = {"dd-host": SITE_HOST, "dd-api-key": API_KEY, "x-functions-key": FUNCTION_KEY}
_NO_FUNCTION_KEY = "none"
_HOST_HINT = "The host name of your DeskDirector site, for example support.deskdirector.com"

# Of each set: title, the same inside a sentence, the hint about the key.
_KEY_WAYS = {
    "tokityKey": (
        "Tokity API key",
        "Tokity API key",
        "The base64 text that Admin Portal, Advanced, API Keys shows for a new key; username:password works too",
    ),
    "psaKey": (
        "ConnectWise or Autotask API key",
        "ConnectWise or Autotask API key",
        "The key that Admin Portal, Advanced, Developer Corner shows",
    ),
    "personalToken": (
        "Personal token",
        "personal token",
        "The word Basic, a space and your personal API key from the technician portal; flows then act as you",
    ),
}


def plain() -> JsonObject:
    """One way to connect, which takes a key of every kind."""
    hint = "Your DeskDirector API key: from Admin Portal, Advanced, API Keys (or Developer Corner with a PSA)"
    return _properties({"connectionParameters": _connection(hint)})


def multi_auth() -> JsonObject:
    """A choice of ways to connect, each with its own hint about the key.

    The parameters have the same names in every way, so that the same policies serve all of them.
    """
    ways = [
        {
            "name": name,
            "uiDefinition": {"displayName": title, "description": f"Connect with a {phrase}."},
            "parameters": {key: _in_set(parameter) for key, parameter in _connection(hint).items()},
        }
        for name, (title, phrase, hint) in _KEY_WAYS.items()
    ]
    chooser = {"displayName": "Kind of Key", "description": "The kind of key that you have for DeskDirector."}
    return _properties(
        {
            "connectionParameters": plain()["properties"]["connectionParameters"],
            "connectionParameterSets": {"uiDefinition": chooser, "values": ways},
        }
    )


def _properties(connection: JsonObject) -> JsonObject:
    return {
        "properties": {
            **connection,
            "iconBrandColor": identity.BRAND_COLOR,
            "capabilities": ["actions", "triggers"],
            "policyTemplateInstances": _policies(),
            "publisher": identity.publisher().name,
            "stackOwner": identity.publisher().name,
        }
    }


def _connection(key_hint: str) -> JsonObject:
    function_key_hint = "Only when the app asks for one: its host key or a function key"
    return {
        SITE_HOST: _parameter(SITE_HOST, "string", _HOST_HINT, 1),
        API_KEY: _parameter(API_KEY, "securestring", key_hint, 2),
        # An absent parameter would be null in the policy below; the app ignores the header unless it asks for a key.
        FUNCTION_KEY: _parameter(FUNCTION_KEY, "securestring", function_key_hint, 3)
        | {"defaultValue": _NO_FUNCTION_KEY},
    }


def _in_set(parameter: JsonObject) -> JsonObject:
    """A parameter of a set: there the box shows its hint from the schema (Microsoft's page on multi-auth)."""
    shown = parameter["uiDefinition"]
    schema = {"type": parameter["type"], "description": shown["description"]}
    return {**parameter, "uiDefinition": {**shown, "schema": schema}}


def _parameter(name: str, kind: str, hint: str, position: int) -> JsonObject:
    constraints = {"required": "false" if name == FUNCTION_KEY else "true", "tabIndex": position}
    title = title_case(name)
    return {
        "type": kind,
        "uiDefinition": {"displayName": title, "description": hint, "tooltip": hint, "constraints": constraints},
    }


def _policies() -> list[JsonObject]:
    """Policies without a list of operations hold for all of them."""
    headers = [
        {
            "templateId": "setheader",
            "title": f"Send {title_case(parameter)}",
            "parameters": {
                "x-ms-apimTemplateParameter.name": header,
                "x-ms-apimTemplateParameter.value": f"@connectionParameters('{parameter}')",
                "x-ms-apimTemplateParameter.existsAction": "override",
                "x-ms-apimTemplate-policySection": "Request",
            },
        }
        for header, parameter in _HEADERS.items()
    ]
    broken = {
        "templateId": "setconnectionstatustounauthenticated",
        "title": "Mark the connection unauthenticated",
        "parameters": {"x-ms-apimTemplateParameter.statusCode": 401},
    }
    return [*headers, broken]
