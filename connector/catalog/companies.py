"""Companies: get, find."""

from typing import Annotated

from pydantic import Field

from connector.deskdirector import endpoints as api
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.people import Companies, Company
from connector.operations.field_model import IMPORTANT
from connector.operations.fields import AdditionalFields, CompanyId, Line, of_tenant
from connector.operations.operation import action
from connector.operations.paging import FindInput
from connector.resolving.request_bodies import translated


class CompanyFilters(FindInput):
    """Which companies to find."""

    search: Annotated[Line | None, IMPORTANT] = Field(None, description="Part of the name or the identifier.")
    additional_fields: Annotated[AdditionalFields, of_tenant("FindCompanies")] = None


@action("GetCompany", "GET", "companies/{companyId}")
async def get_company(dd: DeskDirector, company_id: CompanyId) -> Company:
    """Get a company by id, with its identifier, phone number, e-mail domains and tags.

    To look a company up by name, use Find companies.
    """
    return await dd.fetch(api.GET_COMPANY, Company, path={"companyId": company_id})


@action("FindCompanies", "POST", "find/companies")
async def find_companies(dd: DeskDirector, find: CompanyFilters) -> Companies:
    """Find companies by name or identifier.

    Returns one page; give continuation back while hasMore is true.
    """
    return find.paged(await dd.fetch(api.FIND_COMPANIES, Companies, body=await translated(dd, find)))
