"""Task lists of tickets: get, create from templates or texts; find task templates."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.service import Choices
from connector.deskdirector.entities.tasks import TaskList, TaskLists, TaskTemplates
from connector.deskdirector.errors import BadRequest
from connector.operations.field_model import ADVANCED, IMPORTANT
from connector.operations.fields import (
    AdditionalFields,
    CompanyRef,
    Creating,
    Line,
    RequestTypeRef,
    TaskTemplateRef,
    TicketId,
    of_tenant,
)
from connector.operations.input_kinds import HOLDS_COMMAS
from connector.operations.operation import Effects, action, lookup
from connector.operations.paging import FindInput
from connector.operations.recovery import Window
from connector.resolving.lookup_cache import as_choices, listed
from connector.resolving.references import resolve
from connector.resolving.request_bodies import translated

MOST_TASKS = 25
"""Items in one list or template (admin portal notes 1.29)."""
TaskName = Annotated[Line, HOLDS_COMMAS, Field(min_length=1)]


class TaskTemplateFilters(FindInput):
    """Which task templates to find; filters given together must all match."""

    search: Annotated[Line | None, IMPORTANT] = Field(None, description="Part of the name.")
    company: CompanyRef | None = Field(None, description="Only templates for this company, by name or id.")
    request_type: Annotated[RequestTypeRef | None, ADVANCED] = Field(
        None, description="Only templates for this request type, by name or id."
    )
    additional_fields: Annotated[AdditionalFields, of_tenant("FindTicketTaskTemplates")] = None


class NewTaskList(Creating):
    """A task list to be made."""

    templates: Annotated[list[TaskTemplateRef] | None, IMPORTANT] = Field(
        None, max_length=MOST_TASKS, description="The task templates to start from, by name or id."
    )
    name: Line | None = Field(None, description="The name of the list; that of the templates when left out.")
    tasks: Annotated[list[TaskName] | None, IMPORTANT] = Field(
        None, max_length=MOST_TASKS, description=f"What is to be done, one text a task, at most {MOST_TASKS}."
    )
    is_private: Annotated[bool | None, ADVANCED] = Field(
        None, description="Yes to show the list to the service desk only."
    )


@action("FindTicketTaskTemplates", "POST", "find/ticket-task-templates")
async def find_ticket_task_templates(dd: DeskDirector, find: TaskTemplateFilters) -> TaskTemplates:
    """Find task templates by name, company or request type, with the tasks in them.

    Returns one page; give continuation back while hasMore is true. Create ticket tasks takes their ids.
    """
    return find.paged(await dd.fetch(api.FIND_TICKET_TASK_TEMPLATES, TaskTemplates, body=await translated(dd, find)))


@lookup("ListTicketTaskTemplates", "GET", "lookups/ticket-task-templates")
async def list_ticket_task_templates(dd: DeskDirector) -> Choices:
    """List the task templates with their ids; Find ticket task templates shows what is in them."""
    return as_choices(await listed(dd, api.LIST_TICKET_TASK_TEMPLATES))


@action("GetTicketTasks", "GET", "tickets/{ticketId}/tasks")
async def get_ticket_tasks(dd: DeskDirector, ticket_id: TicketId) -> TaskLists:
    """Get the task lists of a ticket, with what is done and what is still open.

    Create ticket tasks adds a list.
    """
    page = await dd.fetch(api.GET_TICKET_TASKS, TaskLists, path={"ticketId": ticket_id})
    page.total = len(page.results)
    return page


async def _made_task_lists(dd: DeskDirector, ticket_id: int, new: NewTaskList, window: Window) -> Sequence[TaskList]:
    """Task lists of the ticket with the name that was given; one without a name goes by its time alone."""
    page = await dd.fetch(api.GET_TICKET_TASKS, TaskLists, path={"ticketId": ticket_id})
    named = [made for made in page.results if not new.name or made.name == new.name]
    return [made for made in named if window.holds(made.created_at, 0)]


@action("CreateTicketTasks", "POST", "tickets/{ticketId}/tasks", effects=Effects.CREATES, recover=_made_task_lists)
async def create_ticket_tasks(dd: DeskDirector, ticket_id: TicketId, new: NewTaskList) -> TaskList:
    """Add a task list to an open ticket, from templates, from texts, or both.

    A ticket can have five lists that are not archived. A repeated call with the same idempotency key returns the first
    list instead of adding a second.
    """
    if not new.templates and not new.tasks:
        raise BadRequest("TasksRequired", "Give 'templates', or the 'tasks' themselves.")
    templates = [await resolve(dd, "task template", template) for template in new.templates or ()]
    body = {
        "templateIds": templates or None,
        "name": new.name,
        "isPrivate": new.is_private,
        "items": [{"name": task} for task in new.tasks] if new.tasks else None,
    }
    filled = {name: value for name, value in body.items() if value is not None}
    return await dd.fetch(api.CREATE_TICKET_TASKS, TaskList, path={"ticketId": ticket_id}, body=filled)
