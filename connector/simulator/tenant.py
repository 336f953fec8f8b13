"""One tenant's whole state: plain records by id, and the few questions that several handlers ask of it."""

from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from .clock import Clock

Edition = Literal["tokity", "psa"]
Record = TypeVar("Record")


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
    custom: dict[str, Any] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    wire: bytes | None = None


@dataclass(slots=True)
class Tenant:
    """A DeskDirector instance of one edition."""

    edition: Edition
    clock: Clock
    boards: dict[int, Named] = field(default_factory=dict)
    statuses: dict[int, Status] = field(default_factory=dict)
    priorities: dict[int, Named] = field(default_factory=dict)
    sources: dict[int, Named] = field(default_factory=dict)
    request_types: dict[int, Named] = field(default_factory=dict)
    companies: dict[int, Company] = field(default_factory=dict)
    user_groups: dict[str, UserGroup] = field(default_factory=dict)
    contacts: dict[int, Contact] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    tickets: dict[int, Ticket] = field(default_factory=dict)
    tokens: dict[str, tuple[Member | Contact, int]] = field(default_factory=dict)
    last_note_id: int = 500_000

    @property
    def database(self) -> str:
        """The database name that user ids start with."""
        return f"sim_{self.edition}"

    @property
    def api_member(self) -> Member:
        """Who a call with an API key runs as; not among the members that can be found."""
        return Member(1, "DeskDirector", "API", "api@simulator.example", "admin")

    def user_id(self, user: Member | Contact) -> str:
        """`database~c~id` of a contact, `database~m~id` of a member (facts §4.1)."""
        return f"{self.database}~{'c' if isinstance(user, Contact) else 'm'}~{user.id}"

    def statuses_of(self, board_id: int) -> list[Status]:
        """The statuses of a board, its default first."""
        return [status for status in self.statuses.values() if status.board_id == board_id]

    def next_note_id(self) -> int:
        """Note ids are unique in the whole tenant."""
        self.last_note_id += 1
        return self.last_note_id

    def touch(self, ticket: Ticket) -> None:
        """Mark a ticket as changed now."""
        ticket.modified_on = self.clock.now()
        ticket.wire = None

    def forget_rendered_tickets(self) -> None:
        """Drop prepared answers after a change of something that tickets name, such as a contact."""
        for ticket in self.tickets.values():
            ticket.wire = None
