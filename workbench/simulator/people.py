"""Companies, members and user groups on the connector surface."""

from typing import Any

from workbench.simulator.auth import Access
from workbench.simulator.call import Call
from workbench.simulator.clock import wire
from workbench.simulator.filters import fits, read_filters
from workbench.simulator.records import Company, Member, UserGroup
from workbench.simulator.router import Routes
from workbench.simulator.service import listed, listed_page
from workbench.simulator.shapes import Fields, flag, many, moment, record, reference, text, whole
from workbench.simulator.tenant import Tenant
from workbench.simulator.ticket_shapes import PAGING
from workbench.simulator.wire import CONNECTOR, not_found, page

routes = Routes(CONNECTOR)

COMPANY: Fields = {
    "id": whole("Id"),
    "name": text("Name"),
    "identifier": text("Identifier"),
    "type": text("Type"),
    "country": text("Country"),
    "phone": text("Phone"),
    "domains": many(text("Domain"), "E-mail domains"),
    "tags": many(text("Tag"), "Tags"),
    "isActive": flag("Is active"),
    "createdOn": moment("Created on"),
}
FIND_COMPANIES: Fields = {"search": text("Search"), "identifier": text("Identifier"), "tag": text("Tag"), **PAGING}
MEMBER: Fields = {
    "id": whole("Id"),
    "name": text("Name"),
    "firstName": text("First name"),
    "lastName": text("Last name"),
    "email": text("E-mail"),
    "role": text("Role"),
    "isActive": flag("Is active"),
    "userId": text("User id"),
}
FIND_MEMBERS: Fields = {"search": text("Search"), "isActive": flag("Is active"), **PAGING}
USER_GROUP: Fields = {
    "id": text("Id"),
    "name": text("Name"),
    "company": reference("Company"),
    "users": many(record("User", {"id": whole("Id"), "name": text("Name"), "role": text("Role")}), "Users"),
}
FIND_USER_GROUPS: Fields = {
    "search": text("Search"),
    "companyId": whole("Company", picker="ListCompanies"),
    "contactId": whole("Contact"),
    **PAGING,
}


def find_answer(results: list[Any], values: dict[str, Any]) -> dict[str, Any]:
    """A find answer: the asked window and the count of everything."""
    return {"results": list(page(results, values.get("take"), values.get("skip"))), "totalResults": len(results)}


def mentions(search: str | None, *texts: str | None) -> bool:
    """Every word of the search occurs somewhere, in any case."""
    haystack = " ".join(part for part in texts if part).lower()
    return all(word in haystack for word in (search or "").lower().split())


def company_object(company: Company) -> dict[str, Any]:
    """CompanyDetails."""
    return {
        "id": company.id,
        "name": company.name,
        "identifier": company.identifier,
        "type": company.type,
        "country": company.country,
        "phone": company.phone,
        "domains": company.domains,
        "tags": company.tags,
        "isActive": True,
        "createdOn": wire(company.created_on),
    }


def member_object(tenant: Tenant, member: Member) -> dict[str, Any]:
    """MemberDetails."""
    return {
        "id": member.id,
        "name": member.name,
        "firstName": member.first_name,
        "lastName": member.last_name,
        "email": member.email,
        "role": member.role,
        "isActive": member.is_active,
        "userId": tenant.user_id(member),
    }


def user_group_object(tenant: Tenant, group: UserGroup) -> dict[str, Any]:
    """A user group with its people."""
    return {
        "id": group.id,
        "name": group.name,
        "company": {"id": group.company_id, "name": tenant.companies[group.company_id].name},
        "users": [{"id": key, "name": tenant.contacts[key].name, "role": role} for key, role in group.users.items()],
    }


@routes.get("/companies", allow=Access.STAFF)
def list_companies(call: Call) -> dict[str, Any]:
    """All companies, for pickers."""
    return listed(call.tenant.companies.values())


@routes.get("/companies/{companyId}", allow=Access.STAFF)
def get_company(call: Call) -> dict[str, Any]:
    """One company."""
    return company_object(_company(call))


def _company(call: Call) -> Company:
    key = call.number("companyId")
    company = call.tenant.companies.get(key)
    if company is None:
        raise not_found("Company", key)
    return company


@routes.post("/companies/find", allow=Access.STAFF, reads=True)
def find_companies(call: Call) -> dict[str, Any]:
    """Companies by name, identifier or e-mail domain."""
    values = read_filters(call.tenant.profile, FIND_COMPANIES, call.body)
    results = [
        company_object(company)
        for company in call.tenant.companies.values()
        if mentions(values.get("search"), company.name, company.identifier, *company.domains)
        and values.get("identifier") in {None, company.identifier}
        and ("tag" not in values or any(fits(values["tag"], tag) for tag in company.tags))
    ]
    return find_answer(results, values)


@routes.get("/companies/{companyId}/teams", allow=Access.STAFF)
def list_company_teams(call: Call) -> dict[str, Any]:
    """The user groups of a company, for pickers."""
    company = _company(call)
    return listed_page(call, [group for group in call.tenant.user_groups.values() if group.company_id == company.id])


@routes.get("/members", allow=Access.STAFF)
def list_members(call: Call) -> dict[str, Any]:
    """All active members, for pickers."""
    return listed(member for member in call.tenant.members.values() if member.is_active)


@routes.get("/members/{memberId}", allow=Access.STAFF)
def get_member(call: Call) -> dict[str, Any]:
    """One member."""
    return member_object(call.tenant, member_of(call))


def member_of(call: Call) -> Member:
    """The member that the path names."""
    key = call.number("memberId")
    member = call.tenant.members.get(key)
    if member is None:
        raise not_found("Member", key)
    return member


@routes.post("/members/find", allow=Access.STAFF, reads=True)
def find_members(call: Call) -> dict[str, Any]:
    """Members by name or e-mail."""
    values = read_filters(call.tenant.profile, FIND_MEMBERS, call.body)
    results = [
        member_object(call.tenant, member)
        for member in call.tenant.members.values()
        if mentions(values.get("search"), member.name, member.email)
        and values.get("isActive") in {None, member.is_active}
    ]
    return find_answer(results, values)


@routes.post("/user-groups/find", allow=Access.STAFF, reads=True)
def find_user_groups(call: Call) -> dict[str, Any]:
    """User groups by name, company or contact."""
    values = read_filters(call.tenant.profile, FIND_USER_GROUPS, call.body)
    results = [
        user_group_object(call.tenant, group)
        for group in call.tenant.user_groups.values()
        if mentions(values.get("search"), group.name)
        and fits(values.get("companyId"), group.company_id)
        and ("contactId" not in values or any(fits(values["contactId"], key) for key in group.users))
    ]
    return find_answer(results, values)
