"""The parts that inputs are made of: texts, ids, references that take an id or a name."""

import math
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from connector.naming import camel
from connector.operations.field_model import ADVANCED, DynamicSchema, Reference

_PRINTABLE = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"

Line = Annotated[str, StringConstraints(max_length=1000, pattern=_PRINTABLE)]
"""A text of one line's worth, without control characters."""
Text = Annotated[str, StringConstraints(max_length=200_000, pattern=_PRINTABLE)]
"""A long text; HTML and line breaks are passed on as they are."""
IdOrName = Annotated[str, Field(coerce_numbers_to_str=True), StringConstraints(max_length=1000, pattern=_PRINTABLE)]
"""What a reference takes; an id may come as a number too, as models and Logic Apps write it."""
Tag = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_PRINTABLE)]
"""One tag."""


def _sendable(content: Any) -> Any:
    """JSON has no NaN and no infinity, though parsers take them."""
    values = content.values() if isinstance(content, dict) else content if isinstance(content, list) else ()
    for value in values:
        _sendable(value)
    if isinstance(content, float) and not math.isfinite(content):
        raise ValueError("a number in it is not finite")
    return content


Content = Annotated[dict[str, Any], AfterValidator(_sendable)]
"""An object whose fields only the tenant knows."""

_OwnName = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_PRINTABLE)]
AdditionalFields = Annotated[
    dict[_OwnName, Any] | None,
    AfterValidator(_sendable),
    ADVANCED,
    Field(max_length=350, description="Fields that only this site has, by the names that it gives them."),
]
"""The tenant's own fields beside ours; give it the mark `of_tenant`."""


def of_tenant(operation: str, **needs: str) -> DynamicSchema:
    """The schema of the additional fields of an operation; `needs` are fields beside it that decide which there are."""
    return DynamicSchema("GetAdditionalFieldsSchema", (("operation", f"={operation}"), *needs.items()))


def _utc(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("give a date and time such as 2026-12-31T17:00:00Z") from None
    return moment.replace(tzinfo=None).isoformat() + "Z"


Moment = Annotated[
    str, StringConstraints(max_length=40), AfterValidator(_utc), Field(json_schema_extra={"format": "date-time"})
]
"""ISO 8601, passed on in UTC with `Z`; a date alone is its midnight, a missing zone is UTC."""

_ID = Field(ge=1, le=2_147_483_647)
_LONG_ID = Field(ge=1, le=2**63 - 1, json_schema_extra={"format": "int64"})
TicketId = Annotated[int, _ID, Field(description="The number of the ticket; Find tickets and Create ticket give it.")]
ContactId = Annotated[int, _ID, Field(description="The id of the contact; Find contacts gives it.")]
CompanyId = Annotated[int, _ID, Field(description="The id of the company; Find companies gives it.")]
MemberId = Annotated[int, _ID, Field(description="The id of the member; Find members gives it.")]
ResultId = Annotated[int, _LONG_ID, Field(description="The id of the form result; Find form results gives it.")]
SessionId = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, pattern=_PRINTABLE),
    Field(description="The id of the chat session; a chat event or a webhook of the chat gives it."),
]

BoardRef = Annotated[IdOrName, Reference("ListBoards", "board")]
StatusRef = Annotated[IdOrName, Reference("ListStatuses", "status", needs=(("board", "board"),))]
PriorityRef = Annotated[IdOrName, Reference("ListPriorities", "priority")]
SourceRef = Annotated[IdOrName, Reference("ListSources", "source")]
RequestTypeRef = Annotated[IdOrName, Reference("ListRequestTypes", "request type")]
CompanyRef = Annotated[IdOrName, Reference("ListCompanies", "company")]
ContactRef = Annotated[IdOrName, Reference("", "contact", needs=(("company", "company"),))]
MemberRef = Annotated[IdOrName, Reference("ListMembers", "member")]
UserGroupRef = Annotated[IdOrName, Reference("ListCompanyTeams", "user group", needs=(("company", "company"),))]
FormRef = Annotated[IdOrName, Reference("ListForms", "form")]
TaskTemplateRef = Annotated[IdOrName, Reference("ListTicketTaskTemplates", "task template")]
EmailTemplateRef = Annotated[IdOrName, Reference("ListEmailTemplates", "e-mail template")]

_ACTING_MEMBER = (
    "The member to do it as, by e-mail address, name or id; needed when the connection is an API key for no one in "
    "particular."
)
ActingMember = Annotated[MemberRef | None, ADVANCED, Field(description=_ACTING_MEMBER)]
"""`onBehalfOf` where only a member will do."""


class Input(BaseModel):
    """What an operation takes as its JSON body: flat, camelCase, unknown fields are an error with a hint.

    A null means that the field is not given: flows send it for whatever was empty in an earlier step.
    """

    model_config = ConfigDict(
        defer_build=True, extra="forbid", alias_generator=camel, str_strip_whitespace=True, hide_input_in_errors=True
    )
    elsewhere: ClassVar[frozenset[str]] = frozenset()
    """Fields that only another endpoint knows than the one that takes the rest."""

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, given: Any) -> Any:
        if not isinstance(given, dict) or None not in given.values():
            return given
        known = {info.alias for info in cls.model_fields.values()}
        return {name: value for name, value in given.items() if value is not None or name not in known}


class QueryInput(Input):
    """A group of query parameters that several operations have in common."""


class Creating(Input):
    """The body of an operation that must not happen twice."""

    idempotency_key: Annotated[Line | None, ADVANCED] = Field(
        None,
        description="Any text that is the same when the same request is repeated; a repeat then gets the first answer. "
        "Left out, repeats of the same flow run are recognised by themselves.",
    )
