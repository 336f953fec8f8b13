"""Where the events of an inbound request come from."""

from connector.deskdirector.sites import check_site
from connector.relay.event_sources import FAMILIES, EventSource
from connector.relay.normalise import Origin
from connector.relay.relay import Relay
from connector.storage.records import Registration


def origin_of(relay: Relay, registration: Registration, received_at: float, request_id: str = "") -> Origin:
    """Where the events of an inbound request come from."""
    source = EventSource.of(registration.source_key)
    return Origin(
        registration_id=registration.id,
        family=FAMILIES[source.family],
        event_type=source.event_type,
        site=check_site(registration.site, relay.settings),
        request_id=request_id,
        received_at=received_at,
    )
