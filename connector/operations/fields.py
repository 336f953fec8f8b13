"""The parts that inputs are made of: texts, ids, references that take an id or a name."""

from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, StringConstraints

from connector.naming import camel
from connector.operations.field_model import ADVANCED, DynamicSchema, Reference
from connector.operations.input_kinds import HOLDS_COMMAS, KEY, OWN_FIELDS, TICKET_NUMBER

Line = Annotated[str, StringConstraints(max_length=1000)]
"""A text of one line's worth."""
Text = Annotated[str, StringConstraints(max_length=200_000), HOLDS_COMMAS]
"""A long text; HTML and line breaks are passed on as they are."""
KeyText = Annotated[str, KEY, StringConstraints(max_length=1000)]
"""An id, a key or a name: it stands for something, so it is never cleaned."""
IdOrName = KeyText
"""What a reference takes; an id may come as a number too, as models and Logic Apps write it."""
Person = KeyText
"""A contact or a member: an e-mail address, a name, `contact:ID` or `member:ID`."""
Tag = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""One tag."""


Content = dict[str, Any]
"""An object whose fields only the tenant knows."""

_OwnName = Annotated[str, StringConstraints(min_length=1, max_length=200)]
AdditionalFields = Annotated[
    dict[_OwnName, Any] | None,
    ADVANCED,
    OWN_FIELDS,
    Field(max_length=350, description="Fields that only this site has, by its own names for them."),
]
"""The tenant's own fields beside ours; give it the mark `of_tenant`."""


def of_tenant(operation: str, **needs: str) -> DynamicSchema:
    """The schema of the additional fields of an operation; `needs` are fields beside it that decide which there are."""
    return DynamicSchema("GetAdditionalFieldsSchema", (("operation", f"={operation}"), *needs.items()))


Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
"""ISO 8601, read into UTC with `Z`; a date alone is its midnight, a missing zone is UTC."""

_ID = Field(ge=1, le=2_147_483_647)
_LONG_ID = Field(ge=1, le=2**63 - 1, json_schema_extra={"format": "int64"})
TicketId = Annotated[
    int, _ID, TICKET_NUMBER, Field(description="The number of the ticket; Find tickets and Create ticket give it.")
]
ContactId = Annotated[int, _ID, Field(description="The id of the contact; Find contacts gives it.")]
CompanyId = Annotated[int, _ID, Field(description="The id of the company; Find companies gives it.")]
MemberId = Annotated[int, _ID, Field(description="The id of the member; Find members gives it.")]
ResultId = Annotated[int, _LONG_ID, Field(description="The id of the form result; Find form results gives it.")]
SessionId = Annotated[
    str,
    KEY,
    StringConstraints(min_length=1, max_length=200),
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
BoardRefs = Annotated[IdOrName, Reference("ListBoards", "board", several=True)]
StatusRefs = Annotated[IdOrName, Reference("ListStatuses", "status", needs=(("board", "board"),), several=True)]
PriorityRefs = Annotated[IdOrName, Reference("ListPriorities", "priority", several=True)]
CompanyRefs = Annotated[IdOrName, Reference("ListCompanies", "company", several=True)]
ContactRefs = Annotated[IdOrName, Reference("", "contact", needs=(("company", "company"),), several=True)]
MemberRefs = Annotated[IdOrName, Reference("ListMembers", "member", several=True)]
UserGroupRef = Annotated[IdOrName, Reference("ListCompanyTeams", "user group", needs=(("company", "company"),))]
FormRef = Annotated[IdOrName, Reference("ListForms", "form")]
TaskTemplateRef = Annotated[IdOrName, Reference("ListTicketTaskTemplates", "task template")]
EmailTemplateRef = Annotated[IdOrName, Reference("ListEmailTemplates", "e-mail template")]

_ACTING_MEMBER = (
    "The member to act as, by e-mail address, name or id; needed when the API key does not belong to a member."
)
ActingMember = Annotated[MemberRef | None, ADVANCED, Field(description=_ACTING_MEMBER)]
"""`onBehalfOf` where only a member will do."""


class Input(BaseModel):
    """What an operation takes as its JSON body: flat, camelCase; `reading.read` makes one of what a client sends."""

    model_config = ConfigDict(
        defer_build=True, extra="forbid", alias_generator=camel, str_strip_whitespace=True, hide_input_in_errors=True
    )
    elsewhere: ClassVar[frozenset[str]] = frozenset()
    """Fields that only another endpoint knows than the one that takes the rest."""
    takes_relative_dates: ClassVar[bool] = False
    """Whether a moment may be `-7d` or `monday`."""


ClearName = Annotated[str, KEY, StringConstraints(min_length=1, max_length=200)]
"""The name of a field to empty, ours or one that only the site has."""
CLEAR = "The names of the fields to empty; a blank value does not empty a field. A site may refuse some."


class Changes(Input):
    """What to change on something; what is left out, or blank, stays as it is.

    A field that may be emptied is named in `clear`, which the model declares as a list of choices.
    """

    _notices: list[str] = PrivateAttr(default_factory=list)

    @property
    def notices(self) -> list[str]:
        """A remark on the request."""
        return self._notices

    def note_that_nothing_changes(self) -> None:
        """Have the answer say that it is the unchanged object."""
        fields = "clear" if "clear" in type(self).model_fields else ""
        way_out = f"; to empty a field, name it in '{fields}'" if fields else ""
        self._notices.append(f"Nothing was changed: no field had a value that is not blank{way_out}.")


class QueryInput(Input):
    """A group of query parameters that several operations have in common."""


class Creating(Input):
    """The body of an operation that must not happen twice."""

    idempotency_key: Annotated[KeyText | None, ADVANCED] = Field(
        None,
        description="A text that identifies this request: a repeat with the same key gets the first result "
        "instead of doing it again. When left out, repeats within the same flow run are recognised "
        "automatically.",
    )
