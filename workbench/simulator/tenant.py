"""One tenant's whole state: plain records by id, and the few questions that several handlers ask of it."""

from dataclasses import dataclass, field

from workbench.simulator.clock import Clock
from workbench.simulator.event_types import EventKind, all_events
from workbench.simulator.hooks import AdvancedSubscription, PendingEvent, Webhook, Workflow
from workbench.simulator.profiles import Profile
from workbench.simulator.records import (
    Chat,
    Company,
    Contact,
    Edition,
    EmailTemplate,
    Form,
    Member,
    Named,
    Notification,
    Status,
    SurveyAnswer,
    SyncError,
    TaskTemplate,
    Ticket,
    UserGroup,
)


@dataclass(slots=True)
class Tenant:
    """A DeskDirector instance of one edition."""

    edition: Edition
    clock: Clock
    profile: Profile
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
    task_templates: dict[str, TaskTemplate] = field(default_factory=dict)
    email_templates: dict[str, EmailTemplate] = field(default_factory=dict)
    forms: dict[int, Form] = field(default_factory=dict)
    chats: dict[str, Chat] = field(default_factory=dict)
    notifications: list[Notification] = field(default_factory=list)
    survey_answers: list[SurveyAnswer] = field(default_factory=list)
    sync_errors: list[SyncError] = field(default_factory=list)
    workflows: dict[str, Workflow] = field(default_factory=dict)
    webhooks: dict[str, Webhook] = field(default_factory=dict)
    advanced_subscriptions: dict[str, AdvancedSubscription] = field(default_factory=dict)
    pending_events: dict[str, PendingEvent] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    office_is_open: bool = True
    last_number: int = 500_000

    @property
    def database(self) -> str:
        """The database name that user ids start with."""
        return f"sim_{self.edition}"

    @property
    def api_member(self) -> Member:
        """Who a call with an API key runs as; not among the members that can be found."""
        return Member(1, "DeskDirector", "API", "api@simulator.example", "admin")

    def event_id(self, event_kind: EventKind) -> str:
        """The id of an event that this tenant offers, or nothing."""
        event_type = all_events(self.profile).get(event_kind)
        return event_type.id if event_type else ""

    def user_id(self, user: Member | Contact) -> str:
        """`database~c~id` of a contact, `database~m~id` of a member."""
        return f"{self.database}~{'c' if isinstance(user, Contact) else 'm'}~{user.id}"

    def statuses_of(self, board_id: int) -> list[Status]:
        """The statuses of a board, its default first."""
        return [status for status in self.statuses.values() if status.board_id == board_id]

    def next_number(self) -> int:
        """A number that nothing else in this tenant has: for notes, hooks and the like."""
        self.last_number += 1
        return self.last_number

    def next_name(self, prefix: str) -> str:
        """The same as a text id."""
        return f"{prefix}-{self.next_number()}"

    def touch(self, ticket: Ticket) -> None:
        """Mark a ticket as changed now."""
        ticket.modified_on = self.clock.now()
        ticket.wire = None

    def forget_rendered_tickets(self) -> None:
        """Drop prepared answers after a change of something that tickets name, such as a contact."""
        for ticket in self.tickets.values():
            ticket.wire = None
