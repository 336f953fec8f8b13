"""Companies: get, find."""

from typing import Annotated

from pydantic import Field

from ..deskdirector import endpoints as api
from ..deskdirector.client import DeskDirector
from ..deskdirector.entities.people import Companies, Company
from .fields import AdditionalFields, CompanyId, Line, of_tenant
from .operation import action
from .paging import FindInput
from .shape import IMPORTANT
from .translation import translated


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

    Answers a page of companies; give continuation back while hasMore is true.
    """
    return find.paged(await dd.fetch(api.FIND_COMPANIES, Companies, body=await translated(dd, find)))
