"""What became of many tickets in one call."""

from typing import Literal

from pydantic import Field

from connector.deskdirector.models import Changed, Entity, Timestamp

State = Literal["wouldChange", "changed", "unchanged", "failed", "notDone", "unclear"]


class BulkTicket(Entity):
    """One ticket of a bulk call."""

    id: int = Field(description="The number of the ticket.")
    title: str | None = Field(None, description="What the ticket is about, in a line.")
    state: State = Field(
        description="What became of it: wouldChange (dry run), changed, unchanged (is so already), failed, notDone "
        "(the run ended before it) or unclear (look at it)."
    )
    changes: list[str] = Field(default_factory=list, description='Each change, e.g. "status: New -> Closed".')
    error: str | None = Field(None, description="Why it failed or was not done, in a sentence.")
    error_code: str | None = Field(None, description="The code of that error.")
    url: str | None = Field(None, description="A link to the ticket in the client portal.")


class BulkOutcome(Changed):
    """What a bulk call did, or would do, with each ticket."""

    is_dry_run: bool = Field(description="Yes when nothing was written: it says what would be.")
    token: str = Field(description="Runs exactly this; of a run, a repeat with it does only what is not done yet.")
    token_expires_at: Timestamp = Field(description="Until when the token is good, in UTC.")
    total: int | None = Field(None, description="How many tickets match in all, where the site says.")
    has_more: bool = Field(False, description="Whether more tickets match than one call takes.")
    changed: int = Field(0, description="How many were changed; in a dry run, how many would be.")
    unchanged: int = Field(0, description="How many are so already.")
    failed: int = Field(0, description="How many failed, or are unclear.")
    not_done: int = Field(0, description="How many were not begun, since the run ended early.")
    results: list[BulkTicket] = Field(default_factory=list, description="The tickets, one each.")
    notice: str | None = Field(None, description="What there is to say about the whole.")
