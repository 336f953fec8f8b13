"""Where the events of an inbound request come from."""

from functools import lru_cache
from typing import Final

from connector.deskdirector.sites import Site, check_site
from connector.relay.event_sources import FAMILIES, EventSource
from connector.relay.normalise import Origin
from connector.relay.relay import Relay
from connector.settings import Settings
from connector.storage.records import Registration

KEPT: Final = 1_000


def origin_of(relay: Relay, registration: Registration, received_at: float, request_id: str = "") -> Origin:
    """Where the events of an inbound request come from."""
    source = _source(registration.source_key)
    return Origin(
        registration_id=registration.id,
        family=FAMILIES[source.family],
        event_type=source.event_type,
        site=_site(registration.site, relay.settings),
        request_id=request_id,
        received_at=received_at,
    )


@lru_cache(KEPT)
def _source(key: str) -> EventSource:
    return EventSource.of(key)


@lru_cache(KEPT)
def _site(name: str, settings: Settings) -> Site:
    return check_site(name, settings)
