"""The drop-down of user groups: one company's when it is known, everybody's when it is not."""

from tests.desk import Desk


def test_the_groups_of_a_company_are_its_own(desk: Desk) -> None:
    company = next(iter(desk.tenant.user_groups.values())).company_id

    listed = desk.call("ListCompanyTeams", company=str(company)).json["results"]

    assert {one["id"] for one in listed} == {
        group.id for group in desk.tenant.user_groups.values() if group.company_id == company
    }


def test_without_a_company_the_groups_of_all_are_told_apart(desk: Desk) -> None:
    listed = desk.call("ListCompanyTeams").json["results"]

    assert {(one["id"], one["name"]) for one in listed} == {
        (group.id, f"{desk.tenant.companies[group.company_id].name}: {group.name}")
        for group in desk.tenant.user_groups.values()
    }
    assert [one["name"] for one in listed] == sorted((one["name"] for one in listed), key=str.casefold)
