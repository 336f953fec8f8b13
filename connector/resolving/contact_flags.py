"""Finds contacts by what they are (VIP, approver, manager), whether or not the site's own find knows it."""

from collections.abc import Sequence
from typing import Any, Final

from connector.deskdirector import endpoints as api
from connector.deskdirector.body_schemas import Body, schema_of
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.entities.people import Contact, Contacts
from connector.naming import snake
from connector.operations.paging import FindInput
from connector.resolving.searching.sifting import Sieve
from connector.resolving.searching.spent import Spent

FLAGS: Final = ("isActive", "isVip", "isApprover", "isManager")
_TAKE: Final = 200


async def find_by_flags(dd: DeskDirector, find: FindInput, body: Body) -> Contacts:
    """The page that `find` asks for, whose body is `body`; flags that the site does not take are judged here."""
    schema = await schema_of(dd, api.FIND_CONTACTS)
    here = {name: body[name] for name in FLAGS if name in body and not (schema and schema.takes(name, body[name]))}
    if not here:
        return find.paged(await dd.fetch(api.FIND_CONTACTS, Contacts, body=body))
    sent = {name: value for name, value in body.items() if name not in here}
    spent, known = Spent(), dict.fromkeys(here, False)

    async def page(skip: int) -> Contacts:
        window = {"take": _TAKE, "skip": skip}
        read = await dd.fetch(api.FIND_CONTACTS, Contacts, body=Body({**sent, **window}, body.called))
        spent.read(len(read.results))
        for name in here:
            known[name] = known[name] or any(_flag(contact, name) is not None for contact in read.results)
        return read

    def keep(contacts: Sequence[Any]) -> list[Any]:
        return [contact for contact in contacts if all(_flag(contact, name) is value for name, value in here.items())]

    sieve = Sieve(page, keep, spent)
    sifted = await sieve.sift(find, find.window["take"])
    spent.not_known += [name for name in here if spent.records and not known[name]]
    if spent.not_known:
        names = " and ".join(spent.not_known)
        spent.incomplete(f"DeskDirector gave {names} for none of the contacts read, so a filter by it finds nothing.")
    return sieve.answer(find, Contacts(results=sifted.matches), sifted)


def _flag(contact: Contact, name: str) -> bool | None:
    value: bool | None = getattr(contact, snake(name))
    return value
