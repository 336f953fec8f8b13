"""Which tickets a bulk operation works on, and whether it only says what it would do."""

import hashlib
import json
from typing import Annotated, Final

from pydantic import Field

from connector.deskdirector.errors import BadRequest
from connector.operations.derived_fields import WHERE, filtered_by, filters_in
from connector.operations.field_model import IMPORTANT
from connector.operations.fields import Input, KeyText, TicketId
from connector.operations.paging import FindInput
from connector.resolving.ticket_inputs import TicketFilters

MOST_TICKETS: Final = 50

_OF_THE_CALL: Final = frozenset({"dry_run", "token", "idempotency_key"})


class TicketSelection(Input):
    """Tickets by number or by filters, and the brake."""

    ticket_ids: Annotated[list[TicketId] | None, IMPORTANT] = Field(
        None, max_length=MOST_TICKETS, description=f"The numbers of the tickets, at most {MOST_TICKETS}."
    )
    dry_run: Annotated[bool | None, IMPORTANT] = Field(
        None,
        description="Yes to answer what would change and a token, without changing anything; left out, yes with "
        "filters, no with ticketIds.",
    )
    token: Annotated[KeyText | None, IMPORTANT] = Field(
        None, description="The token of a dry run, to do what it showed; nothing else is needed with it."
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
    def filters(self) -> TicketFilters | None:
        """The filters that it sets."""
        return filters_in(self, TicketFilters, take=MOST_TICKETS)

    @property
    def says_nothing(self) -> bool:
        """Whether a token came alone."""
        return not self.model_dump(exclude_defaults=True, exclude=set(_OF_THE_CALL))

    @property
    def fingerprint(self) -> str:
        """Stands for what was asked; a moment of a filter may be a relative one, which is another at each call."""
        moments = {
            name
            for name, info in type(self).model_fields.items()
            if name.startswith(WHERE) and "date-time" in str(info.metadata)
        }
        given = self.model_dump(mode="json", exclude_defaults=True, exclude={*_OF_THE_CALL, *moments})
        return hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()[:32]

    def check(self) -> None:
        """Raise `BadRequest` unless it says in one way which tickets, and keeps to the brake."""
        if (self.ticket_ids is None) == (self.filters is None):
            raise BadRequest("TicketsRequired", "Give 'ticketIds', or filters such as 'whereBoard', and not both.")
        if self.ticket_ids is None and self.dry_run is False:
            raise BadRequest(
                "DryRunRequired",
                "With filters, first see what would change: leave 'dryRun' out, then call again with the 'token' that "
                "is answered.",
            )


selects_tickets = filtered_by(TicketFilters, {*FindInput.model_fields, "sort"})
"""Decorates a `TicketSelection` so that it has the filters of Find tickets."""
