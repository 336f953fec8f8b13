"""Which tickets a bulk operation works on, and whether it only says what it would do."""

import hashlib
import json
from typing import Annotated, ClassVar, Final

from pydantic import Field

from connector.deskdirector.errors import BadRequest
from connector.operations.derived_fields import taken_from, with_fields_of
from connector.operations.field_model import ADVANCED, IMPORTANT
from connector.operations.fields import Input, KeyText, TicketId
from connector.operations.paging import FindInput
from connector.resolving.ticket_inputs import TicketFilters

MOST_TICKETS: Final = 50
OF_A_PAGE: Final = frozenset({*FindInput.model_fields, "sort", "include_last_note"})
"""What a find takes that is no filter."""
_SELECTION: Final = frozenset({"ticket_ids", "where"})
_OF_THE_CALL: Final = frozenset({"dry_run", "token", "idempotency_key"})


@with_fields_of(TicketFilters, OF_A_PAGE, place="where")
class TicketWhere(Input):
    """The filters of Find tickets; filters given together must all match."""

    takes_relative_dates: ClassVar[bool] = True


class TicketSelection(Input):
    """Tickets by number or by filters, and the brake."""

    ticket_ids: Annotated[list[TicketId] | None, IMPORTANT] = Field(
        None, max_length=MOST_TICKETS, description=f"The numbers of the tickets, at most {MOST_TICKETS}."
    )
    where: Annotated[TicketWhere | None, ADVANCED] = Field(
        None,
        description="The tickets that match these filters, instead of ticketIds: the same as those of Find tickets, "
        "e.g. board, status, isClosed, updatedBefore.",
    )
    dry_run: Annotated[bool | None, IMPORTANT] = Field(
        None,
        description="Yes to return what would change, with a token, and change nothing. When left out: yes with"
        " filters, no with ticketIds.",
    )
    token: Annotated[KeyText | None, IMPORTANT] = Field(
        None, description="The token of a dry run, to make the changes that it showed; nothing else is needed with it."
    )

    @property
    def changes_nothing(self) -> bool:
        """Whether the idempotency guard is not asked: a dry run is new each time, a token guards itself."""
        return self.token is not None or self.is_dry_run

    @property
    def is_dry_run(self) -> bool:
        """Whether it only says what it would do."""
        return self.ticket_ids is None if self.dry_run is None else self.dry_run

    @property
    def filters(self) -> TicketFilters:
        """The filters as Find tickets takes them."""
        return taken_from(self.where or TicketWhere(), TicketFilters, take=MOST_TICKETS)

    @property
    def says_nothing(self) -> bool:
        """Whether a token came alone."""
        return not self.model_dump(exclude_defaults=True, exclude=set(_OF_THE_CALL))

    @property
    def fingerprint(self) -> str:
        """Stands for what was asked, then for the changes alone; without the times of filters: some are relative."""
        moments = {name for name, info in TicketWhere.model_fields.items() if "date-time" in str(info)}
        left_out: dict[str, bool | set[str]] = {**dict.fromkeys(_OF_THE_CALL, True), "where": moments}
        given = self.model_dump(mode="json", exclude_defaults=True, exclude=left_out)
        changes = {name: value for name, value in given.items() if name not in _SELECTION}
        return "".join(
            hashlib.sha256(json.dumps(part, sort_keys=True).encode()).hexdigest()[:32] for part in (given, changes)
        )

    def repeats(self, fingerprint: str) -> bool:
        """Whether it asks for the same as a dry run did; which tickets it was about need not be said again."""
        if self.says_nothing:
            return True
        if self.ticket_ids is None and self.where is None:
            return self.fingerprint[32:] == fingerprint[32:]
        return self.fingerprint[:32] == fingerprint[:32]

    def check(self) -> None:
        """Raise `BadRequest` unless it says in one way which tickets, and keeps to the brake."""
        if (self.ticket_ids is None) == (self.where is None):
            raise BadRequest("TicketsRequired", "Give 'ticketIds', or filters in 'where', and not both.")
        if self.ticket_ids is None and self.dry_run is False:
            raise BadRequest(
                "DryRunRequired",
                "With filters, first see what would change: leave 'dryRun' out, then call again with the 'token' that "
                "is answered.",
            )
