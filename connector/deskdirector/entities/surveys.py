"""Answers to surveys, from the CSV export. Its route is published, its columns are not: they are recognised by name."""

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from pydantic import Field

from connector.deskdirector.models import Entity, Page, Timestamp, found

_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("id", "resultid", "responseid", "surveyresultid", "entityid"),
    "answered_at": (
        *("answeredat", "answeredon", "submittedat", "submittedon", "completedat", "completedon", "respondedon"),
        *("createdat", "createdon", "submitted", "completed", "date", "datetime", "timestamp", "time"),
    ),
    "ticket_id": ("ticketid", "ticketnumber", "ticketno", "ticket"),
    "contact": ("contactname", "contact", "client", "clientname", "user", "username", "name"),
    "contact_email": ("contactemail", "email", "emailaddress", "contactemailaddress"),
    "company": ("companyname", "company", "account", "accountname"),
    "member": ("membername", "member", "agent", "agentname", "technician", "assignedto"),
    "score": ("score", "rating", "csat", "nps", "overallrating", "overallscore"),
    "comment": ("comment", "comments", "feedback", "remark"),
}
"""Our fields -> what the column may be called, in lower case, without anything but letters and digits. A guess."""


class SurveyColumn(Entity):
    """One column of an answer, as DeskDirector names it."""

    name: str = Field(description="The name of the column.")
    value: str = Field(description="The value in the column.")


class SurveyAnswer(Entity):
    """What a contact answered to a survey."""

    id: str = Field(description="The id of the answer; derived from its content where DeskDirector gives none.")
    survey_id: int | None = Field(None, description="The id of the survey.")
    answered_at: Timestamp | None = Field(None, description="When it was answered, in UTC.")
    ticket_id: int | None = Field(None, description="The number of the ticket that it is about.")
    contact: str | None = Field(None, description="The name of the contact who answered.")
    contact_email: str | None = Field(None, description="The e-mail address of the contact who answered.")
    company: str | None = Field(None, description="The name of the company.")
    member: str | None = Field(None, description="The name of the member it is about.")
    score: str | None = Field(None, description="The score or rating, as DeskDirector writes it.")
    rating: float | None = Field(None, description="The score as a number, if it begins with one: 4 for 4/5.")
    comment: str | None = Field(None, description="The comment.")
    columns: list[SurveyColumn] = Field(default_factory=list, description="Every column of the export, with its name.")


class SurveyAnswers(Page):
    """A page of answers."""

    results: list[SurveyAnswer] = found(about="The answers, in the order of the export.")


def survey_answers(content: bytes, survey_id: int) -> Iterator[SurveyAnswer]:
    """The answers in a CSV export, in its order; a line that says nothing is passed over."""
    text = content.decode("utf-8-sig", errors="replace")
    rows = csv.reader(io.StringIO(text, newline=""), _dialect(text))
    heading = [name.strip() for name in next(rows, [])]
    for row in rows:
        if any(value.strip() for value in row):
            yield _answer(heading, row, survey_id)


def _dialect(text: str) -> type[csv.Dialect]:
    """Excel's, with the separator that the heading has: a comma, a semicolon or a tab."""
    heading = text.partition("\n")[0]
    separator = max(",;\t", key=heading.count)
    return type("Separated", (csv.excel,), {"delimiter": separator})


def _answer(heading: list[str], row: list[str], survey_id: int) -> SurveyAnswer:
    named = {name: value.strip() for name, value in zip(heading, row, strict=False) if value.strip()}
    folded = {re.sub(r"[^a-z0-9]", "", name.lower()): value for name, value in named.items()}
    values = {ours: next((folded[name] for name in names if name in folded), None) for ours, names in _COLUMNS.items()}
    ticket = values.pop("ticket_id") or ""
    digest = hashlib.sha256("\x1f".join(row).encode(errors="replace")).hexdigest()
    return SurveyAnswer(
        **{
            **values,
            "id": values["id"] or f"row-{digest[:24]}",
            "answered_at": _moment(values["answered_at"] or ""),
            "ticket_id": int(ticket) if ticket.isascii() and ticket.isdecimal() and len(ticket) < 10 else None,
            "survey_id": survey_id,
            "rating": rating_of(values["score"] or ""),
            "columns": [SurveyColumn(name=name, value=value) for name, value in named.items()],
        }
    )


def rating_of(text: str) -> float | None:
    """The number that a score begins with: 4 for 4/5."""
    number = re.match(r"\s*(-?[0-9]{1,9}(?:[.,][0-9]{1,6})?)(?![0-9.,])", text)
    return float(number[1].replace(",", ".")) if number else None


def _moment(text: str) -> str | None:
    """ISO 8601 in UTC; None for any other form, since 7/1 may be January or July."""
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment.replace(tzinfo=None).isoformat() + "Z"
