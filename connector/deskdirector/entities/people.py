"""Contacts, companies and members. Their fields are unpublished; these names cover what DeskDirector is seen to use."""

from typing import Any, ClassVar

from pydantic import Field

from connector.deskdirector.models import (
    Changed,
    Coverage,
    Entity,
    Page,
    Timestamp,
    found,
    hidden,
    id_of,
    name_of,
    others,
    required,
    upstream,
)
from connector.deskdirector.sites import Site


class Contact(Changed):
    """A person at a company, who asks for help."""

    id: int = required("id", "entityId", "contactId", about="The id of the contact.")
    name: str | None = upstream("name", "fullName", "displayName", about="The full name.")
    first_name: str | None = upstream("firstName", "givenName", about="The first name.")
    last_name: str | None = upstream("lastName", "surname", about="The last name.")
    email: str | None = upstream("email", "emailAddress", "primaryEmail", about="The e-mail address.")
    phone: str | None = upstream("phone", "phoneNumber", "mobile", about="The phone number.")
    company: str | None = name_of("company", "account", about="The name of the company.")
    company_id: int | None = id_of("company", "account", about="The id of the company.")
    is_vip: bool | None = upstream("isVip", "vip", about="Whether the contact is marked as VIP.")
    is_active: bool | None = upstream("isActive", "active", about="Whether the contact is active.")
    is_manager: bool | None = upstream("isManager", about="Whether the contact sees all tickets of the company.")
    is_approver: bool | None = upstream("isApprover", about="Whether the contact may approve tickets.")
    has_portal_access: bool | None = upstream("hasPortalAccess", about="Whether the contact may sign in to the portal.")
    is_primary_for_email: bool | None = upstream(
        "isPrimaryForEmail", about="Whether the contact comes first of those with the same e-mail address."
    )
    tags: list[str] = Field(default_factory=list, description="The contact's tags.")
    created_at: Timestamp | None = upstream("createdOn", "createdAt", about="When the contact was created, in UTC.")
    updated_at: Timestamp | None = upstream("modifiedOn", "updatedAt", about="When it was last changed, in UTC.")
    url: str | None = Field(None, description="A link to the contact for technicians.")
    additional_fields: dict[str, Any] | None = others("ContactDetails")

    details: ClassVar[tuple[str, ...]] = (
        *("first_name", "last_name", "company_id", "is_manager", "is_approver", "has_portal_access"),
        *("is_primary_for_email", "tags", "created_at", "updated_at", "additional_fields"),
    )

    def complete(self, site: Site) -> None:
        """Compose the full name when only its parts are known; link to the contact."""
        self.name = self.name or " ".join(part for part in (self.first_name, self.last_name) if part) or None
        self.url = site.contact_url(self.id)


class FoundContact(Contact):
    """A contact that was looked for, and made when there was none."""

    is_new: bool = Field(False, description="Yes when the contact was created now, no when it already existed.")


class Contacts(Page, Coverage):
    """A page of contacts."""

    results: list[Contact] = found(about="The contacts found.")


class Company(Entity):
    """A customer: the company that contacts belong to."""

    id: int = required("id", "entityId", "companyId", "accountId", about="The id of the company.")
    name: str | None = upstream("name", "displayName", about="The name of the company.")
    identifier: str | None = upstream("identifier", "code", about="The short identifier, as the PSA has it.")
    type: str | None = name_of("type", "companyType", about="The type of company, e.g. client or prospect.")
    status: str | None = name_of("status", about="The status of the company.")
    phone: str | None = upstream("phone", "phoneNumber", about="The main phone number.")
    country: str | None = name_of("country", about="The country.")
    email_domains: list[str] = Field(default_factory=list, description="The e-mail domains that belong to the company.")
    is_active: bool | None = upstream("isActive", "active", about="Whether the company is active.")
    tags: list[str] = Field(default_factory=list, description="The company's tags.")
    created_at: Timestamp | None = upstream("createdOn", "createdAt", about="When the company was created, in UTC.")
    url: str | None = Field(None, description="A link to the company for technicians.")
    additional_fields: dict[str, Any] | None = others("CompanyDetails")
    domains: list[str] = hidden("emailDomains", "domains")

    details: ClassVar[tuple[str, ...]] = (
        *("identifier", "country", "email_domains", "tags", "created_at", "additional_fields"),
    )

    def complete(self, site: Site) -> None:
        """Link to the company."""
        self.email_domains = self.domains
        self.url = site.company_url(self.id)


class Companies(Page):
    """A page of companies."""

    results: list[Company] = found(about="The companies found.")


class Member(Entity):
    """Someone of the service desk: a technician or agent."""

    id: int = required("id", "entityId", "memberId", about="The id of the member.")
    name: str | None = upstream("name", "fullName", "displayName", about="The full name.")
    first_name: str | None = upstream("firstName", "givenName", about="The first name.")
    last_name: str | None = upstream("lastName", "surname", about="The last name.")
    email: str | None = upstream("email", "emailAddress", "primaryEmail", about="The e-mail address.")
    identifier: str | None = upstream(
        "identifier", "memberIdentifier", about="The short identifier, as the PSA has it."
    )
    role: str | None = name_of("role", about="The role: member, advanced member, admin or master admin.")
    is_active: bool | None = upstream("isActive", "active", about="Whether the member is active.")

    details: ClassVar[tuple[str, ...]] = ("first_name", "last_name", "identifier")

    def complete(self, site: Site) -> None:  # noqa: ARG002  members have no page to link to
        """Compose the full name when only its parts are known."""
        self.name = self.name or " ".join(part for part in (self.first_name, self.last_name) if part) or None


class Members(Page):
    """A page of members."""

    results: list[Member] = found(about="The members found.")
