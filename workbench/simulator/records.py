"""The records that a tenant is made of. Dates are ticks, references are ids."""

from dataclasses import dataclass, field
from typing import Any, Literal

Edition = Literal["tokity", "psa"]


@dataclass(slots=True)
class Named:
    """A board, priority, source or request type."""

    id: int
    name: str


@dataclass(slots=True)
class Status:
    """A status belongs to one board."""

    id: int
    name: str
    board_id: int
    is_closed: bool


@dataclass(slots=True)
class Company:
    """A customer (PSA: company, Tokity: account)."""

    id: int
    name: str
    identifier: str
    type: str
    country: str
    phone: str | None
    domains: list[str]
    tags: list[str]
    created_on: int


@dataclass(slots=True)
class UserGroup:
    """A team of one company; `users` maps contact id to role."""

    id: str
    name: str
    company_id: int
    users: dict[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class Contact:
    """A person of a company; the e-mail may be missing, and may belong to several contacts."""

    id: int
    first_name: str
    last_name: str
    email: str | None
    phone: str | None
    company_id: int
    created_on: int
    modified_on: int
    is_active: bool = True
    is_vip: bool = False
    is_manager: bool = False
    is_approver: bool = False
    has_portal_access: bool = True
    tags: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The full name."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(slots=True)
class Member:
    """An agent (ConnectWise: member, Autotask: resource)."""

    id: int
    first_name: str
    last_name: str
    email: str
    role: str
    is_active: bool = True

    @property
    def name(self) -> str:
        """The full name."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(slots=True)
class TimeEntry:
    """Hours on a ticket; ticks and decimal hours."""

    start: int
    end: int
    actual_hours: float
    billed_hours: float


@dataclass(slots=True)
class Attachment:
    """A file of a ticket."""

    id: str
    name: str
    content_type: str
    content: bytes


@dataclass(slots=True)
class SurveyAnswer:
    """What a contact answered to a survey."""

    id: int
    survey_id: int
    ticket_id: int
    contact_id: int
    answered_on: int
    score: int
    comment: str


@dataclass(slots=True)
class Note:
    """A note (Tokity: comment). `author_type` is `member` or `contact`."""

    id: int
    text: str
    is_internal: bool
    created_on: int
    author_id: int
    author_name: str
    author_type: str
    time_entry: TimeEntry | None = None


@dataclass(slots=True)
class Ticket:
    """A ticket; references are ids."""

    id: int
    name: str
    description: str
    board_id: int
    status_id: int
    priority_id: int
    source_id: int
    request_type_id: int
    company_id: int
    contact_id: int | None
    user_group_id: str | None
    created_on: int
    modified_on: int
    entered_by: str
    closed_on: int | None = None
    due_date: int | None = None
    assigned_member_ids: list[int] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    cc: list[str] = field(default_factory=list)
    custom: dict[str, Any] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    task_lists: list["TaskList"] = field(default_factory=list)
    inline_form_ids: list[int] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    wire: bytes | None = None


@dataclass(slots=True)
class TaskTemplate:
    """A list of instructions to start a task list from; it may be tied to companies or a request type."""

    id: str
    name: str
    description: str
    items: list[str]
    is_internal: bool = False
    company_ids: list[int] = field(default_factory=list)
    request_type_id: int | None = None


@dataclass(slots=True)
class Task:
    """One item of a task list."""

    id: str
    name: str
    description: str
    is_done: bool = False


@dataclass(slots=True)
class TaskList:
    """A task list of a ticket; `created_by` and `modified_by` are user ids with names."""

    id: str
    name: str
    items: list[Task]
    created_on: int
    modified_on: int
    created_by: tuple[str, str]
    is_private: bool = False
    is_archived: bool = False

    @property
    def done(self) -> int:
        """How many items are done."""
        return sum(item.is_done for item in self.items)


@dataclass(slots=True)
class EmailTemplate:
    """An e-mail with `{{tokens}}`; `tokens` maps each to its JSON type."""

    id: str
    name: str
    subject: str
    html: str
    tokens: dict[str, str]


@dataclass(slots=True)
class FormField:
    """A question of a form; `choices` maps identifier to name."""

    identifier: str
    name: str
    type: str
    required: bool = False
    choices: dict[str, str] = field(default_factory=dict)
    description: str = ""
    render: str = ""


@dataclass(slots=True)
class Form:
    """A form with its stored results."""

    id: int
    name: str
    description: str
    title_format: str
    fields: list[FormField]
    read_only: bool = False
    results: "dict[int, FormResult]" = field(default_factory=dict)


@dataclass(slots=True)
class FormResult:
    """A submitted form: every answer is a string, several joined with `;`, choices by identifier."""

    id: int
    form_id: int
    ticket_id: int | None
    contact_id: int
    submitted_on: int
    answers: dict[str, str | None]


@dataclass(slots=True)
class Chat:
    """A chat session. `status` is created, handled, missed, completed or callback."""

    id: str
    name: str
    type: str
    status: str
    creator_id: int
    created_on: int
    modified_on: int
    ticket_id: int | None = None
    past_status: list[str] = field(default_factory=list)
    member_ids: list[int] = field(default_factory=list)
    contact_ids: list[int] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    last_message_id: str | None = None
    closed_on: int | None = None


@dataclass(slots=True)
class Notification:
    """A notification in the portal (contact) or in TECH (member)."""

    id: str
    user_id: str
    title: str
    message: str
    created_on: int
    ticket_id: int | None = None


@dataclass(slots=True)
class SyncError:
    """A record that could not be copied from the PSA."""

    id: int
    entity_type: str
    entity_id: int
    message: str
    occurred_on: int
    attempts: int
