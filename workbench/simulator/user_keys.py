"""Access tokens for a member or a contact: minutes in, seconds out."""

from typing import Any

from workbench.simulator.auth import DEFAULT_TOKEN_MINUTES, Access, mint
from workbench.simulator.call import Call
from workbench.simulator.contacts import contact_of
from workbench.simulator.people import member_of
from workbench.simulator.records import Contact, Member
from workbench.simulator.router import Routes
from workbench.simulator.shapes import Fields, moment, text, whole
from workbench.simulator.wire import bad_request, forbidden

routes = Routes("/api/v2/user")
USER_KEY: Fields = {"userKey": text("Token"), "expires_in": whole("Seconds"), "expires_on": moment("Expires on")}


@routes.get("/member/{memberId}/userkey", allow=Access.KEY)
def member_user_key(call: Call) -> dict[str, Any]:
    """A member's token (the documented path)."""
    return _minted(call, member_of(call))


@routes.get(
    "/contact/{contactId}/userkey",
    allow=Access.KEY,
    assumed=True,
    moved_to="/api/v2/user/contact/{contactId}/access-token",
    answers=USER_KEY,
)
def contact_user_key(call: Call) -> dict[str, Any]:
    """A contact's token (assumed path)."""
    return _minted(call, contact_of(call))


@routes.get("/client/{contactId}/userkey", allow=Access.KEY, assumed=True, answers=USER_KEY)
def client_user_key(call: Call) -> dict[str, Any]:
    """The other name that the contact's route may have."""
    return _minted(call, contact_of(call))


def _minted(call: Call, user: Member | Contact) -> dict[str, Any]:
    minutes = call.query_number("expiresIn", DEFAULT_TOKEN_MINUTES)
    if minutes < 1:
        raise bad_request(expiresIn="The value '0' is not valid.")
    if not user.is_active:
        raise forbidden(f"{user.name} is not active.")
    return mint(call.tenant, user, minutes)
