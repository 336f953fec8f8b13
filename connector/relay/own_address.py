"""Our own address, where DeskDirector posts events to.

A registration is shared, so its address must not be what one caller wrote into a Host header: that would send the
events of all to a host of the caller's.
"""

import os
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from connector.deskdirector.errors import Forbidden
from connector.settings import Settings, in_azure


def own_address(settings: Settings, called_at: str, environment: Mapping[str, str] = os.environ) -> str:
    """The setting; else the name that Azure gave the app; else, on one machine, the loopback address it is called at.

    Raises `Forbidden` when the app is called by any other name.
    """
    if settings.public_url:
        return settings.public_url
    given = environment.get("WEBSITE_HOSTNAME", "")
    if given and in_azure(environment):
        return f"https://{given}"
    if _is_loopback(called_at):
        return called_at
    raise Forbidden(
        "AddressNotAllowed",
        "Events cannot be sent to the address that this app was called at; the operator sets CONNECTOR_PUBLIC_URL to "
        "the address at which DeskDirector reaches it.",
    )


def _is_loopback(origin: str) -> bool:
    try:
        parts = urlsplit(origin)
        name, port = parts.hostname or "", parts.port  # reading a port that none can have raises
        return port != 0 and (name == "localhost" or ip_address(name).is_loopback)
    except ValueError:
        return False
