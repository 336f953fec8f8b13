"""Contacts: create, update, find or create; permissions and user groups."""

from collections import Counter
from typing import Any

import pytest

from tests.desk import Desk, generous
from workbench.simulator import Tenant


def lone_company(tenant: Tenant) -> str:
    """The name of a company that no other has."""
    names = Counter(one.name for one in tenant.companies.values())
    return next(name for name, times in names.items() if times == 1)


def test_a_contact_is_made_in_a_company_and_group_by_name(desk: Desk) -> None:
    company = lone_company(desk.tenant)
    group = next(
        one for one in desk.tenant.user_groups.values() if desk.tenant.companies[one.company_id].name == company
    )

    made = desk.call(
        "CreateContact",
        company=company,
        firstName="Zoë",
        lastName="Ngata",
        email="zoe@new.example",
        phone="+6491234567",
        userGroup=group.name,
        tags=["new"],
        isVip=True,
    )

    assert made.status == 200
    contact = desk.tenant.contacts[made.json["id"]]
    assert (contact.name, contact.email, contact.is_vip, contact.tags) == (
        "Zoë Ngata",
        "zoe@new.example",
        True,
        ["new"],
    )
    assert contact.id in group.users
    assert made.json["company"] == company


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"name": "A B"}, "InvalidInput"),
        ({"company": "203"}, "NameRequired"),
        ({"company": "No such company", "name": "A B"}, "CompanyNotFound"),
        ({"company": "203", "name": "A B", "email": "nobody"}, "InvalidInput"),
        ({"company": "203", "name": "A B", "userGroup": "No such group"}, "UserGroupNotFound"),
    ],
)
def test_a_contact_that_cannot_be_made_is_refused(desk: Desk, given: dict[str, Any], code: str) -> None:
    before = len(desk.tenant.contacts)

    refused = desk.call("CreateContact", **given)

    assert (refused.status, refused.code) == (400, code)
    assert len(desk.tenant.contacts) == before


@generous
def test_what_is_left_out_of_an_update_stays(desk: Desk) -> None:
    contact = next(one for one in desk.tenant.contacts.values() if one.email and one.phone)
    name, email = contact.name, contact.email

    changed = desk.call("UpdateContact", contactId=contact.id, phone="+49301234567")

    assert changed.json["phone"] == contact.phone == "+49301234567"
    assert (contact.name, contact.email) == (name, email)


def test_a_contact_is_found_before_one_is_made(desk: Desk) -> None:
    emails = Counter(one.email for one in desk.tenant.contacts.values())
    contact = next(one for one in desk.tenant.contacts.values() if one.email and emails[one.email] == 1)
    assert contact.email
    before = len(desk.tenant.contacts)

    found = desk.call("FindOrCreateContact", email=contact.email.upper(), name="Somebody Else")

    assert (found.json["id"], found.json["isNew"]) == (contact.id, False)
    assert found.json["name"] == contact.name
    assert len(desk.tenant.contacts) == before


def test_a_contact_that_is_not_there_is_made_once(desk: Desk) -> None:
    before = len(desk.tenant.contacts)
    wanted: dict[str, Any] = {"email": "first.day@new.example", "name": "First Day", "company": "203"}

    made = desk.call("FindOrCreateContact", **wanted)
    again = desk.call("FindOrCreateContact", **wanted)

    assert (made.json["isNew"], again.json["isNew"]) == (True, False)
    assert made.json["id"] == again.json["id"]
    assert len(desk.tenant.contacts) == before + 1


def test_the_primary_of_several_with_one_address_is_found(desk: Desk) -> None:
    emails = Counter(one.email for one in desk.tenant.contacts.values())
    shared = [one for one in desk.tenant.contacts.values() if one.email and emails[one.email] == 2 and one.is_active]
    first = shared[0]

    found = desk.call("FindOrCreateContact", email=first.email)

    assert found.json["id"] == first.id


def test_nobody_is_made_without_a_company(desk: Desk) -> None:
    refused = desk.call("FindOrCreateContact", email="nobody@new.example", name="No Body")

    assert (refused.status, refused.code) == (400, "CompanyRequired")


@generous
def test_permissions_that_are_left_out_stay(desk: Desk) -> None:
    contact = next(one for one in desk.tenant.contacts.values() if not one.is_manager and not one.is_approver)

    changed = desk.call("SetContactPermissions", contactId=contact.id, isApprover=True, hasPortalAccess=False)

    assert (contact.is_approver, contact.has_portal_access, contact.is_manager) == (True, False, False)
    assert (changed.json["isApprover"], changed.json["hasPortalAccess"]) == (True, False)
    unchanged = desk.call("SetContactPermissions", contactId=contact.id, isManager="")
    assert (unchanged.json["isApprover"], unchanged.json["notice"][:20]) == (True, "Nothing was changed:")


def test_a_group_is_joined_and_the_role_changed(desk: Desk) -> None:
    group = desk.tenant.user_groups["team-203-1"]
    contact = next(one for one in desk.tenant.contacts.values() if one.company_id == 203 and one.id not in group.users)

    joined = desk.call("AddContactToUserGroup", contactId=contact.id, userGroup=group.name, onBehalfOf="member:14")
    assert (joined.status, group.users[contact.id]) == (200, "guest")
    assert (joined.json["userGroupId"], joined.json["role"]) == (group.id, "guest")

    desk.call("SetUserGroupRole", contactId=contact.id, userGroup=group.id, role="manager", onBehalfOf="member:14")
    assert group.users[contact.id] == "manager"


def test_a_role_is_not_set_in_a_group_that_the_contact_is_not_in(desk: Desk) -> None:
    group = desk.tenant.user_groups["team-203-1"]
    contact = next(one for one in desk.tenant.contacts.values() if one.company_id == 203 and one.id not in group.users)

    refused = desk.call(
        "SetUserGroupRole", contactId=contact.id, userGroup=group.name, role="manager", onBehalfOf="member:14"
    )

    assert (refused.status, refused.code) == (400, "ContactNotInUserGroup")
    assert contact.id not in group.users


def test_a_group_of_another_company_is_not_found(desk: Desk) -> None:
    contact = next(one for one in desk.tenant.contacts.values() if one.company_id == 203)

    refused = desk.call("AddContactToUserGroup", contactId=contact.id, userGroup="team-204-1", onBehalfOf="member:14")

    assert (refused.status, refused.code) == (400, "UserGroupNotFound")


def test_groups_are_found_by_company_and_contact(desk: Desk) -> None:
    group = desk.tenant.user_groups["team-203-2"]
    manager = next(key for key, role in group.users.items() if role == "manager")

    page = desk.call("FindUserGroups", company="203", contact=str(manager), search=group.name).json

    (found,) = page["results"]
    assert (found["id"], found["companyId"]) == (group.id, 203)
    assert found["contactIds"] == list(group.users)
    assert found["managers"] == [desk.tenant.contacts[manager].name]
    listed = desk.call("ListCompanyTeams", company="203").json["results"]
    assert group.id in [one["id"] for one in listed]


@pytest.mark.parametrize("email", ["nobody", "a b@example.com", "@", "jane@"])
def test_what_is_no_address_is_told_with_an_example(desk: Desk, email: str) -> None:
    answer = desk.call("FindOrCreateContact", email=email)

    assert answer.status == 400
    assert answer.json["message"] == "'email' is not understood: give an address such as jane@example.com."
