"""The help desk behind a connection, and who the connection is."""

from pydantic import Field

from connector.deskdirector.models import Changed, Entity, upstream


class Board(Entity):
    """A board (queue) with its statuses."""

    id: int | None = Field(None, description="The id of the board.")
    name: str = Field(description="The name of the board.")
    statuses: list[str] = Field(default_factory=list, description="The names of its statuses.")


class CurrentContact(Entity):
    """A contact as the portal knows the one who signed in."""

    name: str | None = upstream("userName", "name", "fullName", about="The name of the contact.")


class HelpDesk(Changed):
    """Whose connection this is, what the help desk has, and how much is open."""

    site: str = Field(description="The site host.")
    member: str | None = Field(None, description="The name of the connection's member, if known.")
    member_id: int | None = Field(None, description="The id of that member, which 'me' stands for.")
    member_email: str | None = Field(None, description="The e-mail address of that member.")
    contact: str | None = Field(None, description="The name of the connection's contact, if it is one.")
    boards: list[Board] = Field(default_factory=list, description="The boards (queues) with their statuses.")
    priorities: list[str] = Field(default_factory=list, description="The names of the priorities, the highest first.")
    open_tickets: int | None = Field(None, description="How many tickets are open.")
    my_open_tickets: int | None = Field(None, description="How many open tickets that member works on.")
    my_overdue_tickets: int | None = Field(None, description="How many of these are past their due date.")
    not_known: list[str] | None = Field(None, description="What this connection may not see; notice says why.")
