"""What a 401 means: a key that opens nothing, a route that refuses it, or a user who is needed."""

from typing import Protocol

from connector.deskdirector import endpoints as api
from connector.deskdirector import errors, upstream_errors
from connector.deskdirector.authorization import is_connector_surface, schemes_of
from connector.deskdirector.connection import DD_ACCESS_TOKEN, Connection
from connector.deskdirector.endpoint import Endpoint
from connector.deskdirector.sites import Site
from connector.deskdirector.upstream_reasons import message_of
from connector.deskdirector.user_keys import User
from connector.settings import Settings


class Asking(Protocol):
    """The part of `DeskDirector` that is needed here."""

    @property
    def connection(self) -> Connection:
        """Whose key was refused."""

    @property
    def settings(self) -> Settings:
        """The settings of the app."""

    @property
    def site(self) -> Site:
        """The site that refused it."""

    async def is_accepted(self, test: Endpoint) -> bool:
        """Whether the key opens this route, which tests connections."""
        ...


def lacks_user(connection: Connection, endpoint: Endpoint, user: User | None) -> bool:
    """Whether an API key was sent where DeskDirector needs a user."""
    return user is None and endpoint.auth in ("member", "contact") and connection.scheme != DD_ACCESS_TOKEN


async def refusal(dd: Asking, endpoint: Endpoint, user: User | None, content: bytes) -> errors.ConnectorError:
    """The error for this refusal. Only a key that no surface accepts breaks the whole connection."""
    reason = message_of(content, dd.connection.redact)
    if user is not None:
        sentence = f"DeskDirector refused to let {user.kind} {user.id} do this."
        return errors.Forbidden("UserKeyRefused", upstream_errors.quoting(sentence, reason))
    if lacks_user(dd.connection, endpoint, user):
        sentence = f"DeskDirector does this for a {endpoint.auth}, not for an API key: name one in onBehalfOf"
        sentence += ", or connect with a personal access token." if endpoint.auth == "member" else "."
        return errors.Forbidden("UserNeeded", upstream_errors.quoting(sentence, reason))
    tried = " and as ".join(schemes_of(dd.connection, endpoint, dd.settings))
    if await _is_accepted_elsewhere(dd, endpoint):
        advice = "it may need a user: name one in onBehalfOf where the operation has it."
        if is_connector_surface(endpoint):
            advice = "it accepts only an API key, and this is a member's personal access token."
        elif endpoint.auth == "key":
            advice = "check the key's permissions in DeskDirector."
        sentence = f"{endpoint.method} {endpoint.path} does not accept this API key, sent as {tried}; {advice}"
        return errors.Forbidden("RouteRefusesKey", upstream_errors.quoting(sentence, reason))
    sentence = (
        f"DeskDirector refused the API key, sent as {tried}; make sure that it belongs to {dd.site.name}. "
        "The operator can force a scheme with CONNECTOR_KEY_SCHEME (basic or ddapi)."
    )
    if dd.connection.scheme == DD_ACCESS_TOKEN:
        sentence += " This key looks like a user's access token, which is no API key."
    return errors.Unauthorized("ApiKeyRefused", upstream_errors.quoting(sentence, reason))


async def opens_nothing(dd: Asking, endpoint: Endpoint) -> bool:
    """Whether a refused key opens the connection test neither; one route's refusal is no reason to block others."""
    if not dd.settings.refused_seconds or endpoint.path == api.TEST_CONNECTION.path:
        return True
    return not is_connector_surface(endpoint) or not await dd.is_accepted(api.TEST_CONNECTION)


async def _is_accepted_elsewhere(dd: Asking, endpoint: Endpoint) -> bool:
    """Whether the key opens the connector surface, or if that is what refused it, the Tech surface."""
    return await dd.is_accepted(api.COPILOT_TEST_CONNECTION if is_connector_surface(endpoint) else api.TEST_CONNECTION)
