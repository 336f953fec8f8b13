"""Forms and what people answered. Shapes: a production script that calls the v2 routes, and the vendor's articles."""

from typing import Annotated

from pydantic import Field

from connector.deskdirector.models import Entity, Page, Timestamp, found, hidden, id_of, name_of, required, upstream
from connector.deskdirector.sites import Site

LongId = Annotated[int, Field(json_schema_extra={"format": "int64"})]
"""Form results are numbered beyond 32 bits (certified connector v1.9)."""


class FormChoice(Entity):
    """A choice of a question."""

    id: str | None = upstream("identifier", "id", about="The identifier.")
    name: str | None = upstream("name", about="The choice as people read it.")


class FormField(Entity):
    """A question of a form."""

    identifier: str = required("identifier", "id", "name", about="The identifier: the name of its answer in a result.")
    name: str | None = upstream("name", "title", about="The question as people read it.")
    type: str | None = upstream("type", about="The kind of question, e.g. short_text, single_choice or date.")
    is_required: bool | None = upstream("required", "isRequired", about="Whether it must be answered.")
    description: str | None = upstream("description", about="The explanation under the question.")
    choice_names: list[str] = Field(default_factory=list, description="The choices as people read them.")
    choice_ids: list[str] = Field(default_factory=list, description="The identifiers of the choices.")

    options: list[FormChoice] = hidden("choices", "options")

    def complete(self, _site: Site) -> None:
        """Flatten the choices."""
        self.fill(
            choice_names=[option.name for option in self.options if option.name],
            choice_ids=[option.id for option in self.options if option.id],
        )


class FormSection(Entity):
    """A part of a form; forms have their fields either at the top or in sections."""

    fields_in_it: list[FormField] = hidden("fields")


class Form(Entity):
    """A form that contacts fill in."""

    id: int = required("entityId", "id", "formId", about="The id of the form.")
    name: str | None = upstream("name", "title", about="The name of the form.")
    description: str | None = upstream("description", about="What the form is for.")
    title_format: str | None = upstream("titleFormat", about="How the title of its tickets is composed.")
    is_read_only: bool | None = upstream(
        "readOnly", "isReadOnly", about="Whether it is built in and cannot be changed."
    )
    results: list[FormField] = Field(default_factory=list, description="The questions, in order.")

    top_fields: list[FormField] = hidden("fields")
    sections: list[FormSection] = hidden("sections")

    def complete(self, site: Site) -> None:
        """Gather the questions of all sections."""
        self.results = [*self.top_fields, *(one for section in self.sections for one in section.fields_in_it)]
        for question in self.results:
            question.complete(site)


class FormSubmission(Entity):
    """One form that was filled in, without its answers."""

    id: LongId = required("entityId", "id", "resultId", about="The id of the form result; Get form result takes it.")
    ticket: str | None = name_of("ticket", about="The title of the ticket that it created.")
    ticket_id: int | None = id_of("ticket", about="The number of the ticket that it created.")
    contact: str | None = name_of(
        "contact", "createdBy", "submittedBy", about="The name of the contact who filled it in."
    )
    contact_id: int | None = id_of(
        "contact", "createdBy", "submittedBy", about="The id of the contact who filled it in."
    )
    submitted_at: Timestamp | None = upstream(
        "submittedAt", "submittedOn", "createdAt", "createdOn", about="When it was submitted, in UTC."
    )


class FormSubmissions(Page):
    """A page of form results."""

    results: list[FormSubmission] = found(about="The form results found.")


class FormResultHead(Entity):
    """A form result without its answers, which depend on the form."""

    id: LongId | None = upstream("id", "entityId", "resultId", about="The id of the form result.")
    form_id: int | None = id_of("form", about="The id of the form.")
    form: str | None = name_of("form", about="The name of the form.")
    ticket_id: int | None = id_of("ticket", about="The number of the ticket that it created.")
    contact: str | None = name_of("submittedBy", "contact", about="The name of the contact who filled it in.")
    contact_id: int | None = id_of("submittedBy", "contact", about="The id of the contact who filled it in.")
    submitted_at: Timestamp | None = upstream("submittedAt", "submittedOn", about="When it was submitted, in UTC.")


class TicketForm(Entity):
    """A form that was put on a ticket."""

    ticket_id: int = Field(description="The number of the ticket.")
    form_id: int = Field(description="The id of the form.")
