"""What DeskDirector's editions and versions call the fields of a body.

No public document gives these fields: every tenant publishes its own schemas. We send the names of the first column,
assumed from what flows are seen to use; where a tenant's schema has one of the others instead, that one is sent. The
word pairs are those of the two editions (company and account, board and queue …; vendor's release notes, connectors).
"""

from collections.abc import Mapping

Aliases = Mapping[str, tuple[str, ...]]

ALIASES: Aliases = {
    "name": ("summary", "title", "subject"),
    "title": ("subject", "summary", "name"),
    "description": ("details", "initialDescription", "content"),
    "message": ("content", "body", "text"),
    "noteContent": ("note", "noteText", "comment", "commentContent"),
    "noteIsInternal": ("isNoteInternal", "noteInternal", "isInternalNote", "commentIsInternal", "isInternal"),
    "boardId": ("queueId", "board", "queue", "serviceBoardId"),
    "statusId": ("status", "ticketStatusId"),
    "priorityId": ("priority",),
    "sourceId": ("source",),
    "requestTypeId": ("serviceTypeId", "requestType", "serviceType"),
    "companyId": ("accountId", "customerId", "company", "account", "customer"),
    "contactId": ("contact", "requesterId", "requester"),
    "userGroupId": ("teamId", "contactGroupId", "userGroup", "team", "contactGroup"),
    "assignedMemberIds": (
        *("assignedAgentIds", "memberIds", "agentIds", "assigneeIds"),
        *("assignedMembers", "assignedAgents", "members", "agents", "assignees"),
    ),
    "memberId": (
        *("agentId", "assignedMemberId", "assignedAgentId", "assigneeId", "member", "agent", "assignee"),
        *("assignedMemberIds", "assignedAgentIds", "memberIds", "agentIds"),
        *("assignedMembers", "assignedAgents", "members", "agents"),
    ),
    "memberIds": ("agentIds", "members", "agents"),
    "contactIds": ("contacts",),
    "ticketId": ("ticket",),
    "tags": ("labels",),
    "tag": ("tags", "label", "labels"),
    "dueDate": ("dueAt", "dueOn", "dueDateTime"),
    "search": ("keyword", "keywords", "term", "searchTerm", "searchText", "query"),
    "take": ("limit", "top", "pageSize"),
    "skip": ("offset",),
    "isClosed": ("closed",),
    "createdAfter": ("createdFrom", "createdSince", "createdOnOrAfter"),
    "createdBefore": ("createdTo", "createdUntil", "createdOnOrBefore"),
    "updatedAfter": ("modifiedAfter", "updatedFrom", "modifiedFrom", "updatedSince", "modifiedSince"),
    "updatedBefore": ("modifiedBefore", "updatedTo", "modifiedTo", "updatedUntil", "modifiedUntil"),
    "firstName": ("givenName",),
    "lastName": ("surname", "familyName"),
    "email": ("emailAddress", "primaryEmail", "mail"),
    "phone": ("phoneNumber", "mobile"),
    "isVip": ("vip",),
    "isActive": ("active",),
    "templateIds": ("taskTemplateIds", "templates", "taskTemplates"),
    "items": ("tasks", "taskItems"),
    "isPrivate": ("private",),
}

OF_PEOPLE: Aliases = {**ALIASES, "name": ("fullName", "displayName")}
"""Of contacts: what is a ticket's title elsewhere is a person's job title here."""


def folded(name: str) -> str:
    """A name without its casing and underscores: DeskDirector matches keys in any case."""
    return name.replace("_", "").casefold()
