"""Which HTTP functions signing in adds: no part of the generated table, since they are there only when it is on."""

from typing import Final

from connector.serving.function_table import ANONYMOUS, HttpFunction

RESOURCE: Final = ".well-known/oauth-protected-resource"
OAUTH_FUNCTIONS: Final = (
    HttpFunction("OauthAuthorize", "authorize", ("GET", "POST"), ANONYMOUS),
    HttpFunction("OauthRegister", "register", ("POST", "OPTIONS"), ANONYMOUS),
    HttpFunction("OauthRevoke", "revoke", ("POST", "OPTIONS"), ANONYMOUS),
    HttpFunction("OauthServer", ".well-known/oauth-authorization-server", ("GET", "OPTIONS"), ANONYMOUS),
    HttpFunction("OauthResource", RESOURCE, ("GET", "OPTIONS"), ANONYMOUS),
    HttpFunction("OauthResourceAt", f"{RESOURCE}/{{*path}}", ("GET", "OPTIONS"), ANONYMOUS),
    HttpFunction("OauthToken", "token", ("POST", "OPTIONS"), ANONYMOUS),
)
