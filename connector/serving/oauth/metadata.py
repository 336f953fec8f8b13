"""Where everything is: the protected resource's metadata (RFC 9728) and the authorization server's (RFC 8414)."""

from typing import Any
from urllib.parse import urlsplit

from connector.operations.request import Request
from connector.serving.oauth.addresses import MCP, SCOPES, WELL_KNOWN, is_mcp, origin_of, scopes_of
from connector.serving.oauth.answers import OAuthError, answered
from connector.serving.oauth.clients import METHODS
from connector.serving.response import Response
from connector.settings import Settings


async def protected_resource(request: Request, settings: Settings) -> Response:
    """Of the address that the client was given: path and query come back as they stand in it, or clients refuse it."""
    parts = urlsplit(request.url)
    path = parts.path.removeprefix(WELL_KNOWN) or MCP
    if not is_mcp(path):
        raise OAuthError("not_found", f"There is no protected resource at {path[:100]}; it is {MCP}.", status=404)
    origin = origin_of(request, settings)
    return answered(
        {
            "resource": f"{origin}{path}{f'?{parts.query}' if parts.query else ''}",
            "resource_name": "DeskDirector",
            "authorization_servers": [origin],
            "scopes_supported": list(scopes_of(path)),
            "bearer_methods_supported": ["header"],
        }
    )


async def authorization_server(request: Request, settings: Settings) -> Response:
    """The endpoints; they stand at the root, where clients of the oldest revision look for them too."""
    origin = origin_of(request, settings)
    document: dict[str, Any] = {
        "issuer": origin,
        "authorization_endpoint": f"{origin}/authorize",
        "token_endpoint": f"{origin}/token",
        "registration_endpoint": f"{origin}/register",
        "revocation_endpoint": f"{origin}/revoke",
        "scopes_supported": [*SCOPES, "offline_access"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": list(METHODS),
        "revocation_endpoint_auth_methods_supported": list(METHODS),
        "client_id_metadata_document_supported": True,
        "authorization_response_iss_parameter_supported": True,
    }
    return answered(document)
