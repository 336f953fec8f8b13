"""The routes that discovery looks for: every assumed row of the table, with what we send there and what we read.

A name alone proves nothing: a route that refuses what we send, or answers nothing that we read, is not ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from connector.deskdirector.endpoint import Endpoint
from connector.deskdirector.endpoints import ENDPOINTS
from connector.deskdirector.field_names import folded

SENT: Mapping[str, tuple[str, ...]] = {
    "ADD_TICKET_NOTE": ("note", "isInternal"),
    "CREATE_TIME_ENTRY": ("note", "isInternal", "startTime", "endTime", "actualHours"),
    "APPROVE_TICKET": ("comment",),
    "DECLINE_TICKET": ("comment",),
    "UPDATE_CONTACT": ("name", "firstName", "lastName", "email", "phone", "tags"),
    "SET_CONTACT_PERMISSIONS": ("isActive", "hasPortalAccess", "isManager", "isApprover", "isVip"),
}
"""Endpoint -> the names in its body (a test compares them with what the catalog sends)."""
QUERIED: Mapping[str, tuple[str, ...]] = {
    "LIST_TICKET_NOTES": ("take", "skip"),
    "CONTACT_USER_KEY": ("expiresIn",),
    "CONTACT_USER_KEY_RIVAL": ("expiresIn",),
    "LIST_DYNAMIC_PRIORITIES": ("term", "ticketId"),
}
"""Endpoint -> what we can give in its query."""
READ: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "ADD_TICKET_NOTE": (("id", "entityId"), ("note", "content", "text"), ("isInternal",)),
    "LIST_TICKET_NOTES": (("id", "entityId"), ("note", "content", "text"), ("isInternal",), ("createdBy", "user")),
    "CREATE_TIME_ENTRY": (("id", "entityId"), ("note", "content"), ("startTime", "timeStart"), ("endTime", "timeEnd")),
    "APPROVE_TICKET": (("id", "entityId"), ("status",), ("name", "summary", "title")),
    "DECLINE_TICKET": (("id", "entityId"), ("status",), ("name", "summary", "title")),
    "UPDATE_CONTACT": (("id", "entityId"), ("name",), ("email", "emailAddress")),
    "SET_CONTACT_PERMISSIONS": (("id", "entityId"), ("name",), ("email", "emailAddress")),
    "REMOVE_TEAM_USER": (),
    "LIST_TICKET_ATTACHMENTS": (("id", "entityId", "fileId"), ("name", "fileName")),
    "GET_TICKET_ATTACHMENT": (),
    "ADD_TICKET_ATTACHMENT": (("id", "entityId", "fileId"), ("name", "fileName")),
    "CONTACT_USER_KEY": (("userKey", "accessToken"),),
    "CONTACT_USER_KEY_RIVAL": (("userKey", "accessToken"),),
}
"""Endpoint -> the properties of its answer that make it what we take it for, each under the names that we read."""
UPLOADS = frozenset({"ADD_TICKET_ATTACHMENT"})
"""Endpoints that are sent a file as a form, not JSON."""


@dataclass(frozen=True, slots=True)
class Target:
    """An endpoint to be found, with folded names."""

    endpoint: Endpoint
    sends: frozenset[str]
    can_give: frozenset[str]
    """What a route may require of its body and its query."""
    reads: tuple[frozenset[str], ...] | None
    """None where nobody has said what makes its answer the right one."""
    is_upload: bool = False


def targets() -> tuple[Target, ...]:
    """The endpoints to be found: the assumed rows of the table."""
    return tuple(_target(endpoint) for endpoint in ENDPOINTS.values() if endpoint.evidence == "assumed")


def _target(endpoint: Endpoint) -> Target:
    sends = frozenset(folded(name) for name in SENT.get(endpoint.name, ()))
    queried = frozenset(folded(name) for name in QUERIED.get(endpoint.name, ()))
    listed = READ.get(endpoint.name)
    reads = None if listed is None else tuple(frozenset(folded(name) for name in names) for names in listed)
    return Target(endpoint, sends, sends | queried, reads, endpoint.name in UPLOADS)
