"""What DeskDirector's editions and versions call the fields of a body: the one table of names.

No public document gives these fields: every tenant publishes its own schemas. We send the name of the first column,
assumed from what flows are seen to use; where a tenant's schema has one of the others instead, that one is sent. The
word pairs are those of the two editions (company and account, board and queue …; vendor's release notes, connectors).
"""

from collections.abc import Mapping
from dataclasses import dataclass

Aliases = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class FieldName:
    """One field: the name that we send, those that other sites have instead, and ours where no rule gives it.

    The rules: a reference `board` is sent as `boardId`, any other field under its own name. `[]` after a
    name marks a list, where a single value has the same name.
    """

    sent: str
    others: tuple[str, ...] = ()
    ours: str = ""


def _name(sent: str, *others: str, ours: str = "") -> FieldName:
    return FieldName(sent, others, ours)


def _reference(*nouns: str) -> FieldName:
    """A reference by any of these nouns: `boardId`, `queueId`, then `boardIds` … (filters take several), `board`."""
    several = [_plural(noun) for noun in nouns]
    ids = [*(f"{noun}Id" for noun in nouns), *(f"{noun}Ids" for noun in nouns), *nouns, *several]
    return FieldName(ids[0], tuple(ids[1:]))


def _plural(noun: str) -> str:
    if noun.endswith("y"):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith("s") else f"{noun}s"


FIELD_NAMES = (
    _name("name", "summary", "title", "subject", ours="title"),
    _name("title", "subject", "summary", "name"),
    _name("description", "details", "initialDescription", "content"),
    _name("message", "content", "body", "text"),
    _name("noteContent", "note", "noteText", "comment", "commentContent", ours="note"),
    _name("noteIsInternal", "isNoteInternal", "noteInternal", "isInternalNote", "commentIsInternal", "isInternal"),
    _reference("board", "queue", "serviceBoard"),
    _reference("status", "ticketStatus"),
    _reference("priority"),
    _reference("source"),
    _reference("requestType", "serviceType"),
    _reference("company", "account", "customer"),
    _reference("contact", "requester", "user"),
    _reference("userGroup", "team", "contactGroup"),
    _name(
        "assignedMemberIds",
        *("assignedAgentIds", "memberIds", "agentIds", "assigneeIds"),
        *("assignedMembers", "assignedAgents", "members", "agents", "assignees"),
        ours="assignedTo[]",
    ),
    _name(
        "memberId",
        *("agentId", "assignedMemberId", "assignedAgentId", "assigneeId", "member", "agent", "assignee"),
        *("assignedMemberIds", "assignedAgentIds", "memberIds", "agentIds"),
        *("assignedMembers", "assignedAgents", "members", "agents"),
        ours="assignedTo",
    ),
    _name("memberIds", "agentIds", "members", "agents", ours="members[]"),
    _name("contactIds", "contacts", ours="contacts[]"),
    _name("ticketId", "ticket"),
    _reference("form"),
    _name("cc", "ccs", "ccEmails", "ccAddresses", "ccRecipients", "copyTo"),
    _name("tags", "labels"),
    _name("tag", "tags", "label", "labels"),
    _name("dueDate", "dueAt", "dueOn", "dueDateTime", ours="dueAt"),
    _name("search", "keyword", "keywords", "term", "searchTerm", "searchText", "query"),
    _name("take", "limit", "top", "pageSize"),
    _name("skip", "offset", ours="continuation"),
    _name("isClosed", "closed"),
    _name("createdAfter", "createdFrom", "createdSince", "createdOnOrAfter", "startTime", "startDate"),
    _name("createdBefore", "createdTo", "createdUntil", "createdOnOrBefore", "endTime", "endDate"),
    _name("updatedAfter", "modifiedAfter", "updatedFrom", "modifiedFrom", "updatedSince", "modifiedSince"),
    _name("updatedBefore", "modifiedBefore", "updatedTo", "modifiedTo", "updatedUntil", "modifiedUntil"),
    _name("dueAfter", "dueFrom", "dueSince", "dueOnOrAfter"),
    _name("dueBefore", "dueTo", "dueUntil", "dueOnOrBefore"),
    _name("firstName", "givenName"),
    _name("lastName", "surname", "familyName"),
    _name("email", "emailAddress", "primaryEmail", "mail"),
    _name("phone", "phoneNumber", "mobile"),
    _name("isVip", "vip"),
    _name("isActive", "active"),
    _name("templateIds", "taskTemplateIds", "templates", "taskTemplates", ours="templates[]"),
    _name("items", "tasks", "taskItems", ours="tasks[]"),
    _name("isPrivate", "private"),
    _name("function", ours="action"),
)
_ID = "Id"
_SENT = {row.ours: row.sent for row in FIELD_NAMES if row.ours}
_OURS = {sent: ours.removesuffix("[]") for ours, sent in _SENT.items()}

ALIASES: Aliases = {row.sent: row.others for row in FIELD_NAMES if row.others}
"""The name that we send -> those that other sites have instead."""
OF_PEOPLE: Aliases = {**ALIASES, "name": ("fullName", "displayName")}
"""Of contacts: what is a ticket's title elsewhere is a person's job title here."""


def sent_name(ours: str, *, is_reference: bool = False, is_list: bool = False) -> str:
    """The name that we send for a field of ours: `board` -> `boardId`, `title` -> `name`."""
    special = _SENT.get(f"{ours}[]" if is_list else ours)
    return special or (ours + _ID if is_reference else ours)


def our_name(sent: str) -> str:
    """Our name for a field that is sent under `sent`: `boardId` -> `board`, `dueDate` -> `dueAt`."""
    return _OURS.get(sent) or sent.removesuffix(_ID)


def folded(name: str) -> str:
    """A name without its casing and underscores: DeskDirector matches keys in any case."""
    return name.replace("_", "").casefold()
