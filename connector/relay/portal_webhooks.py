"""Webhooks that a person sets up on a page of the admin portal, since no public call does: an address and a secret.

The operator adds one here by name, gets the address and the secret, and pastes both there. Flows then wait for it by
name. Where DeskDirector makes the secret itself (forms), the operator pastes that one here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from connector.deskdirector.errors import BadRequest, NotFound
from connector.deskdirector.sites import check_site
from connector.relay.event_sources import EventSource
from connector.relay.registrations import change, is_listening, new_token
from connector.relay.relay import Relay
from connector.relay.subscriptions import end
from connector.relay.webhook_calls import inbound_url
from connector.storage.records import Registration, RegistrationSecrets, RegistrationState, registration_id

FAMILY: Final = "webhook"
MAX_NAME: Final = 100
SECRET_LENGTHS: Final = range(16, 257)


@dataclass(frozen=True, slots=True)
class PortalWebhook:
    """What to paste into the portal. The address is as secret as the secret."""

    name: str
    url: str = field(repr=False)
    secret: str = field(repr=False)


def source_of(name: str) -> EventSource:
    """The event source of this webhook; names are compared without regard to case."""
    return EventSource(FAMILY, name.strip().casefold())


async def add(relay: Relay, site: str, name: str, base: str, secret: str = "") -> PortalWebhook:
    """Add the webhook, or give it a new secret: its address stays, and the old secret is valid for a while.

    Without a `secret` one is made.
    """
    if not 0 < len(name.strip()) <= MAX_NAME or not name.isprintable():
        raise BadRequest("WebhookNameInvalid", f"A webhook's name has 1 to {MAX_NAME} characters, e.g. new-tickets.")
    if secret and not (len(secret) in SECRET_LENGTHS and secret.isprintable()):
        shortest, longest = SECRET_LENGTHS[0], SECRET_LENGTHS[-1]
        sentence = f"A webhook's secret has {shortest} to {longest} printable characters; leave it out to get one."
        raise BadRequest("WebhookSecretInvalid", sentence)
    site = check_site(site, relay.settings).name
    key = source_of(name).key
    identity = registration_id(site, key)
    secret = secret or new_token()[:32]
    now = relay.clock()

    def changed(current: Registration) -> Registration:
        token = current.secrets.token if is_listening(current) else new_token()
        secrets = RegistrationSecrets(token, webhook_secret=secret)
        before = current.secrets.webhook_secret
        if is_listening(current) and before not in ("", secret):
            until = now + relay.settings.secret_overlap_hours * 3600
            secrets = replace(secrets, previous_webhook_secret=before, previous_until=until)
        return replace(current, state=RegistrationState.ACTIVE, since=now, address=base, trouble="", secrets=secrets)

    saved = await change(relay, identity, changed)
    if saved is None:
        fresh = Registration(identity, site, key, RegistrationState.ENDED, now, created_at=now)
        saved = await relay.store.registrations.save(changed(fresh))
        relay.remember(saved)
    return PortalWebhook(source_of(name).event_type, inbound_url(base, identity, saved.secrets.token), secret)


async def names(relay: Relay, site: str) -> Sequence[str]:
    """The webhooks of a site that are listening, by name."""
    registrations = await relay.store.registrations.list(site=check_site(site, relay.settings).name)
    sources = [EventSource.of(registration.source_key) for registration in registrations if is_listening(registration)]
    return sorted(source.event_type for source in sources if source.family == FAMILY)


async def remove(relay: Relay, site: str, name: str) -> None:
    """Refuse what it posts from now on, and end its subscriptions."""
    identity = registration_id(check_site(site, relay.settings).name, source_of(name).key)
    ended = await change(
        relay, identity, lambda current: replace(current, state=RegistrationState.ENDED, since=relay.clock())
    )
    if ended is None:
        raise NotFound("WebhookNotFound", f"There is no webhook '{name}' for {site}.")
    for subscription in await relay.store.subscriptions.list(registration_id=identity):
        await end(relay, subscription.id, "its webhook was removed")
