"""Fills a tenant: about 20 companies, 200 contacts, 12 members, 5 boards and 1,500 tickets with notes.

The same seed gives the same tenant every time; dates are counted back from the clock, so that "this week" has tickets.
Ids of different kinds come from different ranges, so that a mixed-up id finds nothing instead of something wrong.
"""

from random import Random

from workbench.simulator import seed_words as words
from workbench.simulator.clock import DAY, HOUR, MINUTE, Clock
from workbench.simulator.profiles import Profile
from workbench.simulator.records import (
    Company,
    Contact,
    Edition,
    Member,
    Named,
    Note,
    Status,
    Ticket,
    TimeEntry,
    UserGroup,
)
from workbench.simulator.seed_extras import add_extras
from workbench.simulator.tenant import Tenant

FIRST = {"board": 31, "priority": 5, "source": 61, "request_type": 700, "company": 201, "contact": 1001, "member": 11}
FIRST_STATUS = 101
FIRST_TICKET = 10_001
CONTACTS_PER_COMPANY = 10
CUSTOM_TEXT_FIELD = {"tokity": "assetTag", "psa": "configurationItem"}


def seeded_tenant(edition: Edition, clock: Clock, profile: Profile, tickets: int = 1500) -> Tenant:
    """A tenant as a support team would have it after half a year."""
    chance = Random(f"deskdirector {edition}")  # noqa: S311 - made-up data, not a secret
    tenant = Tenant(edition, clock, profile, renamed=dict(profile.names))
    _service_lists(tenant)
    _people(tenant, chance)
    for number in range(tickets):
        ticket = _ticket(tenant, chance, FIRST_TICKET + number)
        tenant.tickets[ticket.id] = ticket
    _make_ties(tenant)
    add_extras(tenant, chance)
    return tenant


def _named(kind: str, names: tuple[str, ...]) -> dict[int, Named]:
    return {key: Named(key, name) for key, name in enumerate(names, FIRST[kind])}


def _service_lists(tenant: Tenant) -> None:
    tenant.boards = _named("board", words.BOARDS[tenant.edition])
    tenant.priorities = _named("priority", words.PRIORITIES)
    tenant.sources = _named("source", words.SOURCES)
    tenant.request_types = _named("request_type", words.REQUEST_TYPES)
    key = FIRST_STATUS
    for board_id, names in zip(tenant.boards, words.STATUSES, strict=True):
        for name in names:
            tenant.statuses[key] = Status(key, name.rstrip("*"), board_id, name.endswith("*"))
            key += 1


def _people(tenant: Tenant, chance: Random) -> None:
    for key, (first, last, role) in enumerate(words.MEMBERS, FIRST["member"]):
        email = f"{first}.{last}.{key}@msp.example".lower()
        tenant.members[key] = Member(key, first, last, email, role, is_active=last != "Abel")
    for key, (name, identifier, country) in enumerate(words.COMPANIES, FIRST["company"]):
        domain = f"{identifier.lower()}.example"
        tenant.companies[key] = Company(
            key, name, identifier, "Customer", country, _phone(chance), [domain], [], tenant.clock.now() - 400 * DAY
        )
        for contact in _contacts(tenant, chance, key, domain):
            tenant.contacts[contact.id] = contact
        _groups(tenant, key)


def _contacts(tenant: Tenant, chance: Random, company_id: int, domain: str) -> list[Contact]:
    made = []
    for place in range(CONTACTS_PER_COMPANY):
        key = FIRST["contact"] + len(tenant.contacts) + place
        first, last = words.FIRST_NAMES[key % 25], words.LAST_NAMES[(key * 7) % 23]
        if place == 0 and company_id in {201, 202, 203}:
            first, last = "Alex", "Morgan"
        created = tenant.clock.now() - chance.randrange(200, 390) * DAY
        made.append(
            Contact(
                key,
                first,
                last,
                None if key % 17 == 0 else f"user{key}@{domain}",
                _phone(chance) if place % 3 else None,
                company_id,
                created,
                created,
                is_active=key % 29 != 0,
                is_vip=place == 1,
                is_manager=place == 0,
                is_approver=place in {0, 2},
                tags=["vip"] if place == 1 else [],
            )
        )
    made[4].email = made[5].email
    return made


def _phone(chance: Random) -> str:
    return f"+6493{chance.randrange(100000, 999999)}"


def _groups(tenant: Tenant, company_id: int) -> None:
    people = [contact.id for contact in tenant.contacts.values() if contact.company_id == company_id]
    for place, name in enumerate(words.GROUPS, 1):
        key = f"team-{company_id}-{place}"
        users = {people[0]: "manager"} | dict.fromkeys(people[1 : place * 3], "guest")
        tenant.user_groups[key] = UserGroup(key, name, company_id, users)


def _ticket(tenant: Tenant, chance: Random, key: int) -> Ticket:
    contact = chance.choice(list(tenant.contacts.values())) if key % 25 else None
    company_id = contact.company_id if contact else chance.choice(list(tenant.companies))
    status = chance.choice(tenant.statuses_of(chance.choice(list(tenant.boards))))
    created = tenant.clock.now() - chance.randrange(2 * HOUR, 180 * DAY)
    changed = created + chance.randrange(MINUTE, min(20 * DAY, tenant.clock.now() - created))
    ticket = Ticket(
        key,
        chance.choice(words.SUBJECTS),
        "\n\n".join(chance.sample(words.SENTENCES, chance.randrange(2, 9))),
        status.board_id,
        status.id,
        chance.choice(list(tenant.priorities)),
        chance.choice(list(tenant.sources)),
        chance.choice(list(tenant.request_types)),
        company_id,
        contact.id if contact else None,
        f"team-{company_id}-3" if contact and key % 3 == 0 else None,
        created,
        changed,
        contact.name if contact else "Monitoring",
        closed_on=changed if status.is_closed else None,
        due_date=created + 3 * DAY if key % 4 == 0 else None,
        assigned_member_ids=chance.sample(list(tenant.members), chance.choice((0, 1, 1, 1, 2))),
        tags=sorted(chance.sample(words.TAGS, chance.choice((0, 0, 1, 2)))),
        custom={CUSTOM_TEXT_FIELD[tenant.edition]: f"LT-{key % 997:04}" if key % 2 else None, "outageMinutes": None},
    )
    ticket.notes = [_note(tenant, chance, ticket, place) for place in range(chance.randrange(0, 6))]
    return ticket


def _note(tenant: Tenant, chance: Random, ticket: Ticket, place: int) -> Note:
    contact = tenant.contacts.get(ticket.contact_id or 0) if place % 2 else None
    author = contact or chance.choice(list(tenant.members.values()))
    written = ticket.created_on + (ticket.modified_on - ticket.created_on) * (place + 1) // 7
    hours = chance.choice((0.25, 0.5, 1.0, 1.5))
    timed = contact is None and place % 4 == 0
    return Note(
        tenant.next_number(),
        chance.choice(words.NOTES),
        is_internal=contact is None and place % 4 == 2,
        created_on=written,
        author_id=author.id,
        author_name=author.name,
        author_type="contact" if contact else "member",
        time_entry=TimeEntry(written - int(hours * HOUR), written, hours, hours) if timed else None,
    )


def _make_ties(tenant: Tenant) -> None:
    """Give some neighbours the same dates to the tick: what a poller that keeps only a time would lose or repeat."""
    for ticket in tenant.tickets.values():
        twin = tenant.tickets.get(ticket.id - 1)
        if ticket.id % 50 == 0 and twin is not None:
            ticket.created_on, ticket.modified_on = twin.created_on, twin.modified_on
            ticket.closed_on = twin.modified_on if tenant.statuses[ticket.status_id].is_closed else None
