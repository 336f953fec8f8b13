"""Task lists of tickets and their templates. Shape: TicketTaskList of the Tech connector; its items are unpublished."""

from typing import Any

from pydantic import ConfigDict, Field

from connector.deskdirector.models import Entity, Page, Timestamp, found, hidden, name_of, required, upstream
from connector.deskdirector.sites import Site


class Task(Entity):
    """One item of a task list or template."""

    name: str | None = upstream("name", "title", "instruction", "text", about="What is to be done.")
    is_done: bool | None = upstream("isDone", "done", "isCompleted", "completed", about="Whether it is done.")


class TaskList(Entity):
    """A list of tasks on a ticket."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    id: str = required("id", "entityId", about="The id of the task list.")
    name: str | None = upstream("name", "title", about="The name of the task list.")
    is_private: bool | None = upstream("isPrivate", about="Whether only the service desk sees it.")
    is_archived: bool | None = upstream("isArchived", about="Whether it is archived.")
    done: int | None = upstream("progress.done", about="How many of its tasks are done.")
    total: int | None = upstream("progress.total", about="How many tasks it has.")
    open_tasks: list[str] = Field(default_factory=list, description="What is still to be done.")
    done_tasks: list[str] = Field(default_factory=list, description="What has been done.")
    created_at: Timestamp | None = upstream("createdOn", "createdAt", about="When it was created, in UTC.")
    created_by: str | None = name_of("createdBy", about="The name of the person who created it.")
    updated_at: Timestamp | None = upstream("modifiedOn", "updatedAt", about="When it was last changed, in UTC.")
    updated_by: str | None = name_of("modifiedBy", "updatedBy", about="The name of the person who last changed it.")

    items: list[Task] = hidden("items", "tasks", "taskItems")

    def complete(self, _site: Site) -> None:
        """Sort the tasks by whether they are done."""
        self.fill(
            open_tasks=[item.name for item in self.items if item.name and not item.is_done],
            done_tasks=[item.name for item in self.items if item.name and item.is_done],
        )


class TaskLists(Page):
    """All task lists of a ticket."""

    results: list[TaskList] = found(about="The task lists.")


class TaskTemplate(Entity):
    """A list of tasks to start a task list from."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    id: str = required("id", "entityId", about="The id of the template.")
    name: str | None = upstream("name", "title", about="The name of the template.")
    description: str | None = upstream("description", about="What it is for.")
    is_internal: bool | None = upstream("isInternal", "isPrivate", about="Whether its lists are for the desk only.")
    task_names: list[str] = Field(default_factory=list, description="The tasks in it, in order.")
    tags: list[str] = Field(default_factory=list, description="Its tags.")

    items: list[Any] = hidden("items", "tasks", "taskItems")

    def complete(self, _site: Site) -> None:
        """Flatten the tasks, which are texts or objects."""
        names = (item.get("name") if isinstance(item, dict) else item for item in self.items)
        self.fill(task_names=[name for name in names if isinstance(name, str)])


class TaskTemplates(Page):
    """A page of task templates."""

    results: list[TaskTemplate] = found(about="The task templates found.")
