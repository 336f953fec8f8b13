"""Jobs that a site does by an advanced action, found by its name."""

import pytest

from tests.desk import Desk

both = pytest.mark.parametrize("desk", ["proven", "generous"], indirect=True)


@both
def test_a_form_is_added_to_a_ticket(desk: Desk) -> None:
    ticket_id, form_id = next(iter(desk.tenant.tickets)), next(iter(desk.tenant.forms))

    answer = desk.call("AddTicketForm", ticketId=ticket_id, form=str(form_id))

    assert answer.json == {"ticketId": ticket_id, "formId": form_id}
    assert desk.tenant.tickets[ticket_id].inline_form_ids == [form_id]


@both
def test_a_contact_leaves_a_user_group(desk: Desk) -> None:
    group = next(group for group in desk.tenant.user_groups.values() if group.users)
    contact_id = next(iter(group.users))

    answer = desk.call("RemoveContactFromUserGroup", contactId=contact_id, userGroup=group.name)

    assert (answer.status, answer.json["userGroupId"]) == (200, group.id)
    assert contact_id not in group.users


@pytest.mark.parametrize("desk", ["proven"], indirect=True)
def test_an_unknown_form_is_refused_before_anything_is_called(desk: Desk) -> None:
    refused = desk.call("AddTicketForm", ticketId=next(iter(desk.tenant.tickets)), form="No such form")

    assert (refused.status, refused.code) == (400, "FormNotFound")
    assert [call for call in desk.simulator.calls if "/functions/" in call.path and call.method == "POST"] == []
