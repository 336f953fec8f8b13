"""Task lists and their templates."""

from typing import Any

import pytest

from tests.desk import Desk


def open_ticket(desk: Desk) -> int:
    """An open ticket without tasks."""
    return next(one.id for one in desk.tenant.tickets.values() if one.closed_on is None and not one.task_lists)


def test_the_tasks_of_a_ticket_are_told_by_what_is_done(desk: Desk) -> None:
    ticket = next(one for one in desk.tenant.tickets.values() if one.task_lists and one.task_lists[0].done)
    (tasks,) = ticket.task_lists

    page = desk.call("GetTicketTasks", ticketId=ticket.id).json

    (found,) = page["results"]
    assert (found["done"], found["total"]) == (tasks.done, len(tasks.items))
    assert found["doneTasks"] == [item.name for item in tasks.items if item.is_done]
    assert found["openTasks"] == [item.name for item in tasks.items if not item.is_done]
    assert page["total"] == 1


def test_templates_are_found_with_their_tasks(desk: Desk) -> None:
    page = desk.call("FindTicketTaskTemplates", search="onboarding").json

    (template,) = page["results"]
    assert template["id"] == "template-onboarding"
    assert template["taskNames"][0] == "Create the account"
    assert {one["id"] for one in desk.call("ListTicketTaskTemplates").json["results"]} == set(
        desk.tenant.task_templates
    )


def test_a_list_is_made_from_a_template_and_own_tasks(desk: Desk) -> None:
    ticket_id = open_ticket(desk)

    made = desk.call(
        "CreateTicketTasks", ticketId=ticket_id, templates=["onboarding"], tasks=["Say hello"], isPrivate=True
    )

    (tasks,) = desk.tenant.tickets[ticket_id].task_lists
    assert made.json["id"] == tasks.id
    assert [item.name for item in tasks.items][-2:] == ["Welcome call", "Say hello"]
    assert tasks.is_private


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({}, 400, "TasksRequired"),
        ({"templates": ["Security audit"]}, 400, "TaskTemplateAmbiguous"),
        ({"templates": ["nothing"]}, 400, "TaskTemplateNotFound"),
        ({"tasks": [f"Task {number}" for number in range(26)]}, 400, "InvalidInput"),
        ({"templates": ["template-audit"], "tasks": ["a"] * 20}, 400, "RequestRefused"),
    ],
)
def test_a_list_that_cannot_be_is_refused(desk: Desk, given: dict[str, Any], status: int, code: str) -> None:
    ticket_id = open_ticket(desk)

    refused = desk.call("CreateTicketTasks", ticketId=ticket_id, **given)

    assert (refused.status, refused.code) == (status, code)
    assert not desk.tenant.tickets[ticket_id].task_lists


def test_a_sixth_list_is_refused_in_deskdirectors_words(desk: Desk) -> None:
    ticket_id = open_ticket(desk)
    for number in range(5):
        assert desk.call("CreateTicketTasks", ticketId=ticket_id, tasks=[f"Task {number}"]).status == 200

    refused = desk.call("CreateTicketTasks", ticketId=ticket_id, tasks=["Once more"])

    assert refused.status == 409
    assert "at most 5 active task lists" in refused.json["message"]
