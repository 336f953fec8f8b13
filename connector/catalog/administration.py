"""For administrators: errors of the synchronisation with the PSA, access tokens for other software."""

from typing import Annotated

from pydantic import Field

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.content import content_of, fitted
from connector.deskdirector.entities.administration import SyncErrors, UserKey
from connector.deskdirector.models import read
from connector.operations.field_model import IMPORTANT
from connector.operations.fields import ActingMember, Input, Person
from connector.operations.operation import Effects, action
from connector.resolving.on_behalf_of import as_member
from connector.resolving.references import someone

LONGEST_MINUTES = 24 * 60
MOST_ERRORS = 500


class KeyRequest(Input):
    """A key to be made."""

    user: Annotated[Person, IMPORTANT] = Field(
        min_length=1, description="The person to create it for: an e-mail address, a name, contact:ID or member:ID."
    )
    minutes: int = Field(
        60, ge=1, le=LONGEST_MINUTES, description="How many minutes it is valid for, at most 1440 (a day)."
    )


@action("GetSyncErrors", "GET", "sync-errors", visibility="advanced")
async def get_sync_errors(
    dd: DeskDirector,
    take: Annotated[int, Field(ge=1, le=MOST_ERRORS, description="The largest number of results to return.")] = 100,
    on_behalf_of: ActingMember = None,
) -> SyncErrors:
    """Get the errors of the synchronisation with the PSA: what could not be synchronised, and why.

    It needs an API key with administration rights, or a member who is an administrator.
    """
    reply = await dd.call(api.GET_SYNC_ERRORS, user=await as_member(dd, on_behalf_of))
    errors = reply.read(SyncErrors)
    content = content_of(reply.json())
    if not errors.results and "results" not in content:
        errors.content = fitted(content)[0]
    errors.total = errors.total or len(errors.results)
    errors.results = errors.results[:take]
    return errors


@action("CreateUserKey", "POST", "user-keys", effects=Effects.UPDATES, visibility="advanced")
async def create_user_key(dd: DeskDirector, request: KeyRequest) -> UserKey:
    """Create an access token with which other software can act as a contact or member for a limited time.

    The result is a secret: its holder acts as that person. Operations that take onBehalfOf do not need it; they
    create their own. Each call creates another token.
    """
    user = await someone(dd, request.user)
    key = read(UserKey, await dd.make_user_key(user, request.minutes))
    key.user = f"{user.kind}:{user.id}"
    return key
