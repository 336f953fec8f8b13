"""Which contacts are VIPs: a ticket does not say it, its contact does."""

from typing import Final

from connector.deskdirector import endpoints as api
from connector.deskdirector.body_schemas import schema_of
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.people import Contacts
from connector.deskdirector.errors import BadRequest
from connector.resolving.searching.spent import Spent

_TAKE: Final = 200
MOST_PAGES: Final = 5
"""Pages of contacts that are read for it."""


async def vip_contacts(dd: DeskDirector, spent: Spent, company_id: int | None) -> frozenset[int]:
    """The ids of the VIPs, of one company when it is known; says when there are more contacts than are read."""
    schema = await schema_of(dd, api.FIND_CONTACTS)
    narrowed: dict[str, object] = {"companyId": company_id} if company_id else {}
    is_filtered = schema is not None and schema.takes("isVip", True)
    if is_filtered:
        narrowed["isVip"] = True
    vips: set[int] = set()
    seen: set[int] = set()
    is_told, read = is_filtered, 0
    for _ in range(MOST_PAGES):
        page = await dd.fetch(api.FIND_CONTACTS, Contacts, body={**narrowed, "take": _TAKE, "skip": read})
        spent.read(len(page.results))
        read += len(page.results)
        fresh = {contact.id for contact in page.results} - seen
        seen |= fresh
        is_told = is_told or any(contact.is_vip is not None for contact in page.results)
        vips |= {result.id for result in page.results if result.is_vip or (is_filtered and result.is_vip is None)}
        if not fresh or (page.total is not None and read >= page.total):
            break
    else:
        spent.incomplete(f"Only the first {read} contacts were asked whether they are VIPs; give the company too.")
    if seen and not is_told:
        raise BadRequest("FilterNotSupported", "This site does not say which contacts are VIPs; leave out 'isVip'.")
    return frozenset(vips)
