"""A bulk call: the dry run, and the run of its plan, each ticket once."""

import json
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from connector.deskdirector import endpoints as api
from connector.deskdirector.body_schemas import Body
from connector.deskdirector.client import DeskDirector, User
from connector.deskdirector.entities.bulk import BulkOutcome, BulkTicket
from connector.deskdirector.entities.tickets import Ticket
from connector.deskdirector.errors import (
    BadGateway,
    Conflict,
    ConnectorError,
    Forbidden,
    NotFound,
    OutcomeUnknown,
    Unauthorized,
    Unprocessable,
)
from connector.operations.confirmation import Kept, Part, Plans
from connector.operations.recovery import Window
from connector.resolving.bulk_plans import STOPPING, Job, Plan, Step, as_data, failed, planned, read_plan
from connector.resolving.recovery import made_notes
from connector.resolving.references import someone
from connector.resolving.ticket_differences import differing, state_of
from connector.resolving.ticket_notes import change_with_note, write_note
from connector.resolving.ticket_selection import TicketSelection
from connector.runtime import together

Remember = Callable[[DeskDirector, int, str], Awaitable[None]]
"""Called for each note before it is written, so that no flow answers to our own."""
Found = tuple[Sequence[int], int | None, bool]
"""The numbers of tickets, how many there are in all, and whether there are more."""


@dataclass
class Bulk:
    """One bulk operation for one caller."""

    dd: DeskDirector
    plans: Plans
    purpose: str
    remember: Remember
    find: Callable[[], Awaitable[Found]]
    """Finds the tickets of the filters."""
    stopped_by: ConnectorError | None = field(default=None, init=False)

    async def answer(self, requested: TicketSelection, make_job: Callable[[], Awaitable[Job]]) -> BulkOutcome:
        """The dry run, or the run."""
        if requested.token:
            return await self._confirmed(requested, requested.token)
        requested.check()
        job = await make_job()
        ids, total, has_more = (
            await self.find() if requested.ticket_ids is None else (requested.ticket_ids, None, False)
        )
        plan = await planned(self.dd, job, ids, requested.fingerprint)
        plan.total, plan.has_more = total if total is not None else len(plan.steps), has_more
        kept = await self.plans.keep(self.purpose, plan.written())
        if requested.is_dry_run:
            return _outcome(plan, kept, [step.result for step in plan.steps])
        return await self._run(plan, kept, just_read=True)

    async def _confirmed(self, requested: TicketSelection, token: str) -> BulkOutcome:
        plan = read_plan(await self.plans.recall(self.purpose, token))
        if requested.dry_run or not requested.repeats(plan.asked):
            raise Unprocessable(
                "ConfirmationDiffers",
                "The token runs what its dry run showed; send it alone, or leave it out to see what other inputs "
                "would change.",
            )
        return await self._run(plan, Kept(token.strip(), self.plans.expiry_of(token)))

    async def _run(self, plan: Plan, kept: Kept, *, just_read: bool = False) -> BulkOutcome:
        """Carry the plan out; `just_read`: its tickets were read in this very call, so they are not read again."""
        results = await together(*(self._result(plan, kept.token, step, just_read) for step in plan.steps))
        if self.stopped_by and not any(result["state"] in ("changed", "unclear") for result in results):
            raise self.stopped_by
        outcome = _outcome(plan, kept, results, is_dry_run=False)
        if self.stopped_by:
            outcome.notice = f"The run ended early: {self.stopped_by.message} A call with the token does the rest."
        return outcome

    async def _result(self, plan: Plan, token: str, step: Step, just_read: bool) -> dict[str, Any]:
        """What became of one ticket. Those under way are finished when another is refused, no new one is begun."""
        if step.result["state"] != "wouldChange":
            return step.result
        result = BulkTicket.model_validate(step.result)
        if self.stopped_by:
            result.state = "notDone"
            return as_data(result, self.stopped_by)
        one = copy(self.dd)  # with a mind of its own about what may have been created
        work = _Ticket(one, plan, step, result, self.remember, just_read)
        try:
            part = Part(str(result.id), work.done, lambda: one.may_have_created, work.found_done)
            body = await self.plans.once(token, part)
        except ConnectorError as problem:
            if problem.status in STOPPING:
                self.stopped_by = self.stopped_by or problem
            return _not_yet(result, problem) if problem.code == "RepeatInProgress" else failed(result, problem)
        finally:
            self.dd.may_have_created |= one.may_have_created
        content: dict[str, Any] = json.loads(body)
        return content


def _not_yet(result: BulkTicket, problem: ConnectorError) -> dict[str, Any]:
    """A ticket that another call with the same token is changing: a later call has its outcome."""
    result.state = "notDone"
    sentence = "Another call with this token is at this ticket; call again with the token to see what became of it."
    return as_data(result, Conflict(problem.code, sentence))


@dataclass(frozen=True)
class _Ticket:
    """The work on one ticket."""

    dd: DeskDirector
    plan: Plan
    step: Step
    result: BulkTicket
    remember: Remember
    just_read: bool

    async def done(self) -> bytes:
        """Do it, unless the ticket is another one than the dry run saw."""
        if not self.just_read:
            ticket = await self._read()
            if not self.plan.note and not differing(ticket, self.step.body):
                return self._written("unchanged")
            if state_of(ticket) != self.step.seen:
                raise Conflict(
                    "TicketChanged",
                    "The ticket was changed since the dry run, so nothing was done with it; look at it, then make a "
                    "new dry run.",
                )
        with _unclear_when_unreadable():
            await self._write()
        return self._written("changed")

    async def found_done(self, begun_at: float) -> bytes | None:
        """After an attempt that broke off: what is missing is done, unless nothing shows whether the note was written.

        A change can be made twice; a note is looked for where the site lists notes.
        """
        left = differing(await self._read(), self.step.body)
        if self.plan.note and not await self._has_note(self.plan.note.text, begun_at):
            return self._written("changed") if self.step.body and not left else None
        if left:
            body = Body(left, self.plan.called)
            with _unclear_when_unreadable():
                await self.dd.fetch(api.UPDATE_TICKET, Ticket, path={"ticketId": self.result.id}, body=body)
        return self._written("changed")

    async def _has_note(self, text: str, begun_at: float) -> bool:
        try:
            return bool(await made_notes(self.dd, self.result.id, text, Window(begun_at, time.time())))
        except (NotFound, Forbidden, Unauthorized):
            return False

    async def _read(self) -> Ticket:
        return await self.dd.fetch(api.GET_TICKET, Ticket, path={"ticketId": self.result.id})

    async def _write(self) -> None:
        number, body, note = self.result.id, Body(self.step.body, self.plan.called), self.plan.note
        if note is None:
            await self.dd.fetch(api.UPDATE_TICKET, Ticket, path={"ticketId": number}, body=body)
            return
        user: User | None = await someone(self.dd, note.user) if note.user else None
        await self.remember(self.dd, number, note.text)
        if body:
            await change_with_note(self.dd, number, body, note.text, is_internal=note.is_internal, user=user)
        else:
            await write_note(self.dd, number, note.text, is_internal=note.is_internal, user=user)

    def _written(self, state: str) -> bytes:
        result = self.result.model_copy(update={"state": state})
        return json.dumps(as_data(result), ensure_ascii=False).encode()


@contextmanager
def _unclear_when_unreadable() -> Iterator[None]:
    """An answer to a write that cannot be read does not say that nothing was written."""
    try:
        yield
    except BadGateway as problem:
        raise OutcomeUnknown(
            "OutcomeUnknown",
            f"The ticket may have been changed all the same; a call with the token looks. {problem.message}",
            details=problem.details,
        ) from None


def _outcome(plan: Plan, kept: Kept, results: Sequence[dict[str, Any]], *, is_dry_run: bool = True) -> BulkOutcome:
    states = [result["state"] for result in results]
    outcome = BulkOutcome(
        is_dry_run=is_dry_run,
        token=kept.token,
        token_expires_at=kept.expires_at,
        total=plan.total,
        has_more=plan.has_more,
        changed=states.count("changed") + states.count("wouldChange"),
        unchanged=states.count("unchanged"),
        failed=states.count("failed") + states.count("unclear"),
        not_done=states.count("notDone"),
        results=[BulkTicket.model_validate(result) for result in results],
    )
    if plan.has_more:
        outcome.notice = f"More tickets match than the {len(plan.steps)} here; narrow the filters, or do these first."
    return outcome
