"""Contacts by what they are, on sites whose find knows it and on those whose does not."""

from typing import Any

import pytest

from tests.desk import Desk
from workbench.simulator.records import Contact


@pytest.mark.parametrize("desk", ["proven", "generous"], indirect=True)
@pytest.mark.parametrize(
    ("given", "attribute"),
    [
        ({"isApprover": True}, "is_approver"),
        ({"isManager": True, "company": "203"}, "is_manager"),
        ({"isVip": True}, "is_vip"),
        ({"isApprover": False, "isManager": True}, "is_manager"),
    ],
)
def test_contacts_are_found_by_what_they_are(desk: Desk, given: dict[str, Any], attribute: str) -> None:
    def holds(one: Contact) -> bool:
        is_of_company = "company" not in given or one.company_id == 203
        return (
            getattr(one, attribute) and is_of_company and (given.get("isApprover") is not False or not one.is_approver)
        )

    found: list[int] = []
    page = desk.call("FindContacts", take=25, **given).json
    while True:
        assert page["isComplete"]
        found += [one["id"] for one in page["results"]]
        if not page["hasMore"]:
            break
        page = desk.call("FindContacts", continuation=page["continuation"]).json

    assert found == [contact.id for contact in desk.tenant.contacts.values() if holds(contact)]


def test_what_the_site_does_not_say_of_contacts_is_named(desk: Desk) -> None:
    desk.tenant.renamed["isApprover"] = "mayApprove"

    page = desk.call("FindContacts", isApprover=True).json

    assert (page["results"], page["isComplete"], page["notKnown"]) == ([], False, ["isApprover"])
