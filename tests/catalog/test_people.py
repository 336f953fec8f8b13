"""Contacts, companies and members: found by part of a name or an address, got by id."""

import pytest

from tests.desk import Desk


def test_a_contact_is_found_by_address_and_company(desk: Desk) -> None:
    names = [company.name for company in desk.tenant.companies.values()]
    company = next(one for one in desk.tenant.companies.values() if names.count(one.name) == 1)
    contact = next(one for one in desk.tenant.contacts.values() if one.email and one.company_id == company.id)

    page = desk.call("FindContacts", search=contact.email, company=company.name).json

    assert contact.id in [one["id"] for one in page["results"]]
    assert {one["company"] for one in page["results"]} == {company.name}


def test_a_contact_without_address_has_no_such_field(desk: Desk) -> None:
    contact = next(one for one in desk.tenant.contacts.values() if not one.email)

    answer = desk.call("GetContact", contactId=contact.id).json

    assert answer["name"] == contact.name
    assert "email" not in answer


def test_a_company_and_a_member_are_got_by_id(desk: Desk) -> None:
    company, member = next(iter(desk.tenant.companies.values())), next(iter(desk.tenant.members.values()))

    assert desk.call("GetCompany", companyId=company.id).json["name"] == company.name
    assert desk.call("GetMember", memberId=member.id).json["email"] == member.email


@pytest.mark.parametrize(("operation", "table"), [("FindCompanies", "companies"), ("FindMembers", "members")])
def test_search_narrows(desk: Desk, operation: str, table: str) -> None:
    some = next(iter(getattr(desk.tenant, table).values()))

    page = desk.call(operation, search=some.name.split()[0]).json

    assert some.id in [one["id"] for one in page["results"]]
    assert page["total"] < len(getattr(desk.tenant, table))


@pytest.mark.parametrize(
    ("operation", "name"), [("GetContact", "contactId"), ("GetCompany", "companyId"), ("GetMember", "memberId")]
)
def test_what_does_not_exist_is_a_404(desk: Desk, operation: str, name: str) -> None:
    answer = desk.call(operation, headers=None, **{name: 987654})

    assert answer.status == 404
    assert "987654" in answer.json["message"]
