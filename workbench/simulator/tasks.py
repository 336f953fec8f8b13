"""Task lists of tickets and the templates they start from."""

from typing import Any

from workbench.simulator.auth import Access
from workbench.simulator.call import Call
from workbench.simulator.clock import wire
from workbench.simulator.filters import fits, read_filters
from workbench.simulator.people import find_answer, mentions
from workbench.simulator.records import Task, TaskList, TaskTemplate, Ticket
from workbench.simulator.router import Routes
from workbench.simulator.service import listed
from workbench.simulator.shapes import Fields, flag, many, moment, read, record, reference, text, whole
from workbench.simulator.tenant import Tenant
from workbench.simulator.ticket_shapes import PAGING, PROGRESS
from workbench.simulator.tickets import ticket_of
from workbench.simulator.wire import CONNECTOR, bad_request, conflict

routes = Routes(CONNECTOR)
MAX_ITEMS = 25
MAX_ACTIVE_LISTS = 5

_ITEM: Fields = {"id": text("Id"), "name": text("Name"), "description": text("Description"), "isDone": flag("Is done")}
TASK_LIST: Fields = {
    "id": text("Id"),
    "name": text("Name"),
    "isPrivate": flag("Is private"),
    "isArchived": flag("Is archived"),
    "progress": PROGRESS,
    "items": many(record("Item", _ITEM), "Items"),
    "createdOn": moment("Created on"),
    "createdBy": reference("Created by", key="string"),
    "modifiedOn": moment("Modified on"),
    "modifiedBy": reference("Modified by", key="string"),
}
_NEW_ITEM: Fields = {"name": text("Name", required=True), "description": text("Description")}
CREATE: Fields = {
    "name": text("Name"),
    "templateIds": many(text("Template", picker="ListTicketTaskTemplates"), "Templates"),
    "items": many(record("Item", _NEW_ITEM), "Items"),
    "isPrivate": flag("Is private"),
}
TEMPLATE: Fields = {
    "id": text("Id"),
    "name": text("Name"),
    "description": text("Description"),
    "isInternal": flag("Is internal"),
    "items": many(text("Item"), "Items"),
    "companies": many(reference("Company"), "Companies"),
    "requestType": reference("Request type"),
}
FIND_TEMPLATES: Fields = {
    "search": text("Search"),
    "companyId": whole("Company", picker="ListCompanies"),
    "requestTypeId": whole("Request type", picker="ListRequestTypes"),
    "isInternal": flag("Is internal"),
    **PAGING,
}


def task_list_object(tasks: TaskList, *, items: bool = True) -> dict[str, Any]:
    """A TicketTaskList; the copilot surface leaves the items out."""
    author = {"id": tasks.created_by[0], "name": tasks.created_by[1]}
    described: dict[str, Any] = {
        "id": tasks.id,
        "name": tasks.name,
        "isPrivate": tasks.is_private,
        "isArchived": tasks.is_archived,
        "progress": {"done": tasks.done, "total": len(tasks.items)},
        "createdOn": wire(tasks.created_on),
        "createdBy": author,
        "modifiedOn": wire(tasks.modified_on),
        "modifiedBy": author,
    }
    if items:
        described["items"] = [
            {"id": item.id, "name": item.name, "description": item.description, "isDone": item.is_done}
            for item in tasks.items
        ]
    return described


def _template_object(tenant: Tenant, template: TaskTemplate) -> dict[str, Any]:
    kind = template.request_type_id
    return {
        "id": template.id,
        "name": template.name,
        "description": template.description,
        "isInternal": template.is_internal,
        "items": template.items,
        "companies": [{"id": key, "name": tenant.companies[key].name} for key in template.company_ids],
        "requestType": None if kind is None else {"id": kind, "name": tenant.request_types[kind].name},
    }


@routes.get("/ticket-task-templates", allow=Access.STAFF)
def list_templates(call: Call) -> dict[str, Any]:
    """Templates, for pickers."""
    return listed(call.tenant.task_templates.values())


@routes.post("/ticket-task-templates/find", allow=Access.STAFF, reads=True)
def find_templates(call: Call) -> dict[str, Any]:
    """Templates by name, and by the company or request type that they are for."""
    values = read_filters(call.tenant.profile, FIND_TEMPLATES, call.body)
    company, kind = values.get("companyId"), values.get("requestTypeId")
    results = [
        _template_object(call.tenant, template)
        for template in call.tenant.task_templates.values()
        if mentions(values.get("search"), template.name, template.description)
        and (not template.company_ids or any(fits(company, key) for key in template.company_ids))
        and (template.request_type_id is None or fits(kind, template.request_type_id))
        and values.get("isInternal") in {None, template.is_internal}
    ]
    return find_answer(results, values)


@routes.get("/tickets/{ticketId}/tasks", allow=Access.STAFF)
def get_tasks(call: Call) -> dict[str, Any]:
    """All task lists of a ticket."""
    lists = [task_list_object(tasks) for tasks in ticket_of(call).task_lists]
    return {"results": lists, "totalResults": len(lists)}


@routes.post("/tickets/{ticketId}/tasks", allow=Access.STAFF)
def create_tasks(call: Call) -> dict[str, Any]:
    """One task list, from templates, from scratch, or both together."""
    tenant, ticket = call.tenant, ticket_of(call)
    values = read(CREATE, call.body)
    items = _asked_items(tenant, values)
    if not items:
        raise bad_request(items="A template or an item is required.")
    if len(items) > MAX_ITEMS:
        raise bad_request(items=f"A task list holds at most {MAX_ITEMS} items.")
    _check_room(ticket)
    author = call.caller.user or tenant.api_member
    templates = [tenant.task_templates[key].name for key in values.get("templateIds") or []]
    now = tenant.clock.now()
    tasks = TaskList(
        tenant.next_name("list"),
        values.get("name") or ", ".join(templates) or "Tasks",
        items,
        now,
        now,
        (tenant.user_id(author), author.name),
        is_private=bool(values.get("isPrivate")),
    )
    with call.simulator.events.watching(tenant, ticket):
        ticket.task_lists.append(tasks)
        tenant.touch(ticket)
    return task_list_object(tasks)


def _asked_items(tenant: Tenant, values: dict[str, Any]) -> list[Task]:
    items = []
    for key in values.get("templateIds") or []:
        if key not in tenant.task_templates:
            raise bad_request(templateIds=f"Template {key} does not exist.")
        items += [Task(tenant.next_name("task"), name, "") for name in tenant.task_templates[key].items]
    for item in values.get("items") or []:
        items.append(Task(tenant.next_name("task"), item["name"], item.get("description") or ""))
    return items


def _check_room(ticket: Ticket) -> None:
    if ticket.closed_on is not None:
        raise conflict("Tasks can be added to open tickets only.")
    if sum(not tasks.is_archived for tasks in ticket.task_lists) >= MAX_ACTIVE_LISTS:
        raise conflict(f"A ticket has at most {MAX_ACTIVE_LISTS} active task lists.")
