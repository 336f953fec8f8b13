"""User groups (teams): groups of a company's contacts. Shape: unpublished; what the pickers and the v3 route show."""

from pydantic import ConfigDict, Field

from connector.deskdirector.models import Entity, Page, found, hidden, id_of, name_of, required, upstream
from connector.deskdirector.sites import Site


class GroupUser(Entity):
    """A contact in a group."""

    id: int | str | None = upstream("id", "entityId", "contactId", about="The id.")
    name: str | None = upstream("name", about="The name.")
    role: str | None = name_of("role", about="The role in the group.")


class UserGroup(Entity):
    """A group of a company's contacts, who share their tickets."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    id: str = required("id", "entityId", about="The id of the user group.")
    name: str | None = upstream("name", about="The name of the user group.")
    company: str | None = name_of("company", "account", about="The name of its company.")
    company_id: int | None = id_of("company", "account", about="The id of its company.")
    contacts: list[str] = Field(default_factory=list, description="The names of the contacts in it.")
    contact_ids: list[int] = Field(default_factory=list, description="The ids of those contacts.")
    managers: list[str] = Field(default_factory=list, description="The names of those who manage it.")

    people: list[GroupUser] = hidden("users", "members")

    def complete(self, _site: Site) -> None:
        """Flatten the contacts."""
        people = [person for person in self.people if person.name]
        self.fill(
            contacts=[person.name for person in people],
            contact_ids=[int(person.id) for person in people if person.id is not None and str(person.id).isdecimal()],
            managers=[person.name for person in people if (person.role or "").lower() == "manager"],
        )


class UserGroups(Page):
    """A page of user groups."""

    results: list[UserGroup] = found(about="The user groups found.")


class Membership(Entity):
    """A contact's place in a user group."""

    contact_id: int = Field(description="The id of the contact.")
    contact: str | None = Field(None, description="The name of the contact.")
    company_id: int = Field(description="The id of the company.")
    company: str | None = Field(None, description="The name of the company.")
    user_group_id: str = Field(description="The id of the user group.")
    role: str = Field(description="The present role of the contact in the group; empty after a removal.")
