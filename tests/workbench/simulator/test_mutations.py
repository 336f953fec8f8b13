"""Each mutation changes what it says, alone and with others, on either profile; and nothing else breaks by it."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest

from tests.workbench.simulator.conftest import Desk
from workbench.simulator import FlowReceiver, Simulator
from workbench.simulator.mutations import MUTATIONS, profile_of
from workbench.simulator.profiles import BY_NAME


@pytest.fixture
async def proven(simulator: Simulator) -> AsyncIterator["Site"]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session:
        yield Site(simulator, session)


class Site(Desk):
    """A site that is proven with mutations; it is called in the proven scheme."""

    async def become(self, *mutations: str, profile: str = "proven") -> "Site":
        reply = await self.call("POST", "/_control/profile", {"profile": profile, "mutations": list(mutations)})
        assert reply.status == 200, reply.body
        return self

    async def call(self, method: str, path: str, body: Any = None, *, auth: str | None = None, **query: Any) -> Any:
        auth = auth or f"DdApi {self.simulator.tokity_key}"
        return await super().call(method, path, body, auth=auth, **query)


@pytest.mark.parametrize("profile", BY_NAME)
@pytest.mark.parametrize("mutation", MUTATIONS)
async def test_a_ticket_can_be_found_and_changed_under_every_mutation(
    proven: Site, profile: str, mutation: str
) -> None:
    await proven.become(mutation, profile=profile)
    auth = f"Basic {proven.simulator.tokity_key}" if mutation == "basic_only" else None

    assert (await proven.post("tickets/find", {"take": 3}, auth=auth)).status == 200
    assert (await proven.patch("tickets/10040", {"name": "Changed"}, auth=auth)).status in {200, 204}
    assert proven.simulator.tenant("tokity").tickets[10040].name == "Changed"


async def test_all_answer_mutations_at_once_are_still_an_answer(proven: Site) -> None:
    await proven.become("text_ids", "pascal_case", "ticks_dates", "named_envelopes", "gzip", "chunks")
    reply = await proven.get("tickets/10040")

    assert reply.body["Ticket"]["Id"] == "10040"
    assert reply.body["Ticket"]["CreatedOn"].startswith("/Date(")
    assert reply.headers["Transfer-Encoding"] == "chunked"


@pytest.mark.parametrize(
    ("mutation", "method", "path", "body", "expected"),
    [
        ("text_ids", "GET", "tickets/10040", None, lambda a: a["id"] == "10040" and a["board"]["id"].isdecimal()),
        ("half_pascal", "GET", "tickets/10040", None, lambda a: a["id"] == 10040 and "Name" in a),
        ("zoneless_dates", "GET", "tickets/10040", None, lambda a: not a["createdOn"].endswith("Z")),
        ("null_first", "GET", "tickets/10040", None, lambda a: a["name"] is None and a["summary"]),
        ("null_first", "POST", "tickets/find", {"take": 1}, lambda a: a["results"] is None and a["items"]),
        ("named_envelopes", "GET", "companies/201", None, lambda a: a["company"]["id"] == 201),
        ("named_envelopes", "POST", "user-groups/find", {}, lambda a: a["userGroups"][0]["id"] == "team-201-1"),
        ("clamped_pages", "POST", "tickets/find", {"take": 50}, lambda a: len(a["results"]) == 10 and len(a) == 1),
        ("page_counts", "POST", "tickets/find", {"take": 7}, lambda a: a["resultsCount"] == 7 and len(a) == 2),
        ("tokity_names", "GET", "tickets/10040", None, lambda a: "queue" in a and "board" not in a),
    ],
)
async def test_an_answer_has_the_form_that_its_mutation_says(
    proven: Site, mutation: str, method: str, path: str, body: Any, expected: Callable[[Any], bool]
) -> None:
    await proven.become(mutation)
    reply = await proven.call(method, path, body)

    assert reply.status == 200
    assert expected(reply.body), reply.body


async def test_pages_that_are_clamped_can_be_read_to_the_end(proven: Site) -> None:
    await proven.become("clamped_pages")
    seen: list[int] = []
    while page := (await proven.post("tickets/find", {"take": 100, "skip": len(seen)})).body["results"]:
        seen += [ticket["id"] for ticket in page]

    assert len(seen) == len(set(seen)) == 60


@pytest.mark.parametrize(
    ("mutation", "filters"),
    [
        ("plural_filters", {"boardIds": [31, 33]}),
        ("state_words", {"status": "closed"}),
        ("date_filters", {"createdAfter": "2020-01-01T00:00:00Z", "updatedBefore": "2021-01-01"}),
        ("window_filters", {"startTime": "2020-01-01", "endTime": "2021-01-01"}),
        ("range_filters", {"modified": {"startTime": "2020-01-01", "endTime": "2021-01-01"}}),
    ],
)
async def test_a_find_takes_the_filters_that_its_schema_publishes(
    proven: Site, mutation: str, filters: dict[str, Any]
) -> None:
    everything = (await proven.become(mutation)) and (await proven.post("tickets/find", {})).body["totalResults"]
    schema = (await proven.get("schema2/types/FindTicketsRequest/$schema")).body["schema"]["properties"]
    some = (await proven.post("tickets/find", filters)).body["totalResults"]
    await proven.become()
    unknown = (await proven.post("tickets/find", filters)).body["totalResults"]

    assert filters.keys() <= schema.keys()
    assert some < everything == unknown


async def test_several_values_of_a_plural_filter_mean_any_of_them(proven: Site) -> None:
    await proven.become("plural_filters")
    both = (await proven.post("tickets/find", {"boardIds": [31, 33]})).body["totalResults"]
    each = [(await proven.post("tickets/find", {"boardIds": [key]})).body["totalResults"] for key in (31, 33)]

    assert both == sum(each) > max(each)


async def test_a_change_without_a_body_is_done_and_can_be_read_back(proven: Site) -> None:
    await proven.become("bodiless")
    created = await proven.post("tickets?requestTypeId=701", {"name": "New", "companyId": 201})
    location = created.headers["Location"].removeprefix(f"http://{proven.simulator.site}")

    assert (created.status, created.headers["Content-Length"]) == (201, "0")
    assert (await proven.get(location)).body["name"] == "New"
    assert (await proven.patch(location, {"name": "Newer"})).status == 204
    assert (await proven.post("contacts/1003/notifications", {"title": "A", "message": "B"})).status == 202
    assert (await proven.post("tickets/find", {"search": "no such words"})).status == 204


@pytest.mark.parametrize(
    ("mutation", "path"),
    [
        ("model_state", ("ModelState", "req.boardId", 0)),
        ("problem_details", ("errors", "boardId", 0)),
        ("inner_errors", ("error", "innererror", "innererror", "message")),
    ],
)
async def test_an_error_keeps_its_reason_in_another_place(
    proven: Site, mutation: str, path: tuple[str | int, ...]
) -> None:
    await proven.become(mutation)
    reply = await proven.patch("tickets/10040", {"boardId": 999})
    reason = reply.body
    for step in path:
        reason = reason[step]

    assert (reply.status, reason) == (400, "Board 999 does not exist.")


async def test_a_note_that_the_schema_promises_may_be_refused(proven: Site) -> None:
    await proven.become("refused_notes")
    schema = (await proven.get("schema2/types/UpdateTicketRequest/$schema")).body["schema"]["properties"]
    reply = await proven.patch("tickets/10040", {"name": "Changed", "noteContent": "A note"})

    assert "noteContent" in schema
    assert reply.status == 400
    assert proven.simulator.tenant("tokity").tickets[10040].name != "Changed"


@pytest.mark.parametrize(
    ("mutations", "expected"),
    [
        ((), lambda body: body.keys() == {"ticket"} and body["ticket"].keys() == {"id", "name", "contact"}),
        (("rich_events",), lambda body: body["ticket"]["board"]["name"] == "Support"),
        (("flat_events",), lambda body: body["event"]["id"] == "ticket.new"),
        (("array_events",), lambda body: [one.keys() for one in body] == [{"ticket"}]),
        (("event_siblings",), lambda body: {"ticket", "triggeredBy"} < body.keys()),
        (("text_ids", "pascal_case"), lambda body: body["Ticket"]["Id"].isdecimal()),
    ],
)
async def test_a_notification_has_the_form_of_the_site(
    proven: Site, mutations: tuple[str, ...], expected: Callable[[Any], bool]
) -> None:
    await proven.become(*mutations)
    async with FlowReceiver() as flows:
        body = {"description": "A flow", "url": flows.url()}
        assert (await proven.post("ticket-workflows", body, type="ticket.new")).status == 201
        await proven.post("tickets?requestTypeId=701", {"name": "New", "companyId": 201, "contactId": 1003})
        await proven.simulator.courier.idle()

        [received] = flows.received
    assert expected(received.body), received.body


@pytest.mark.parametrize(("profile", "mutations"), [("imagined", ()), ("proven", ("imagined",))])
async def test_a_name_that_does_not_exist_is_refused_with_those_that_do(
    proven: Site, profile: str, mutations: tuple[str, ...]
) -> None:
    reply = await proven.call("POST", "/_control/profile", {"profile": profile, "mutations": list(mutations)})

    assert reply.status == 400
    assert "imagined" in json.dumps(reply.body)
    with pytest.raises(ValueError, match="there are"):
        profile_of(profile, mutations)


async def test_the_state_says_what_kind_of_site_it_is(proven: Site) -> None:
    await proven.become("gzip", "chunks")
    state = (await proven.get("/_control/state")).body

    assert (state["profile"], state["mutations"]) == ("proven", ["chunks", "gzip"])
