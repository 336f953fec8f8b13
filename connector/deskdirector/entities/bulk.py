"""What became of many tickets in one call."""

from typing import Literal

from pydantic import Field

from connector.deskdirector.models import Changed, Entity, Timestamp

State = Literal["wouldChange", "changed", "unchanged", "failed", "notDone", "unclear"]


class BulkTicket(Entity):
    """One ticket of a bulk call."""

    id: int = Field(description="The number of the ticket.")
    title: str | None = Field(None, description="What the ticket is about, in one line.")
    state: State = Field(
        description="The outcome: wouldChange (dry run), changed, unchanged (nothing to change), failed, "
        "notDone (the run ended before it) or unclear (check it)."
    )
    changes: list[str] = Field(default_factory=list, description='Each change, e.g. "status: New -> Closed".')
    error: str | None = Field(None, description="Why it failed or was not done, in a sentence.")
    error_code: str | None = Field(None, description="The code of that error.")
    url: str | None = Field(None, description="A link to the ticket in the client portal.")


class BulkOutcome(Changed):
    """What a bulk call did, or would do, with each ticket."""

    is_dry_run: bool = Field(description="Yes when nothing was changed: the results are what would change.")
    token: str = Field(
        description="Give it to make exactly these changes; a repeat with it does only what is not done yet."
    )
    token_expires_at: Timestamp = Field(description="When the token expires, in UTC.")
    total: int | None = Field(None, description="How many tickets match in all, if the site says so.")
    has_more: bool = Field(False, description="Whether more tickets match than one call takes.")
    changed: int = Field(0, description="How many tickets were changed; in a dry run, how many would be.")
    unchanged: int = Field(0, description="How many tickets had nothing to change.")
    failed: int = Field(0, description="How many tickets failed, or are unclear.")
    not_done: int = Field(0, description="How many tickets were not started, because the run ended early.")
    results: list[BulkTicket] = Field(default_factory=list, description="One result for each ticket.")
    notice: str | None = Field(None, description="A remark on the whole run.")
