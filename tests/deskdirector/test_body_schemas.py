"""A site's own names for the fields of a body: learned from its schemas, once, and never in the way of a call."""

import asyncio
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from connector.deskdirector import errors
from connector.deskdirector.body_schemas import Body, BodySchema, Refusal, schema_of
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.endpoints import CREATE_CONTACT, CREATE_TICKET, FIND_TICKETS, GET_TICKET, UPDATE_TICKET
from connector.deskdirector.field_names import ALIASES
from tests.upstream_servers import Upstream, page, status

C = "/api/v2/automate/connector"
NEW_TICKET = f"GET {C}/schema2/ticket/$create-request"
NEW_TICKET_BARE = f"GET {C}/schema/ticket/$create-request"
FIND = f"GET {C}/schema2/types/FindTicketsRequest/$schema"
REFUSAL = Refusal(FIND_TICKETS, {})


def desk(upstream: Upstream, **values: Any) -> DeskDirector:
    return upstream.desk(schemas="on", **values)


def listening(upstream: Upstream, *routes: str) -> list[Any]:
    """The bodies that arrive at these routes."""
    bodies: list[Any] = []

    async def answer(request: web.Request) -> web.Response:
        bodies.append(await request.json())
        return web.json_response({"id": 1, "results": []})

    for route in routes:
        upstream.routes[route] = answer
    return bodies


def text(*names: str) -> dict[str, Any]:
    """A schema whose properties are texts."""
    return {"type": "object", "properties": {name: {"type": "string"} for name in names}}


def reference(kind: str = "integer") -> dict[str, Any]:
    return {"type": "object", "properties": {"id": {"type": kind}, "name": {"type": "string"}}}


async def create(dd: DeskDirector, body: dict[str, Any] | None = None) -> None:
    await dd.call(CREATE_TICKET, query={"requestTypeId": 3}, body=body or {"name": "Printer"})


@pytest.mark.parametrize(
    ("properties", "body", "sent"),
    [
        ({"name": {}}, {"name": "x"}, {"name": "x"}),
        ({"Name": {}}, {"name": "x"}, {"Name": "x"}),
        ({"summary": {}, "title": {}}, {"name": "x"}, {"summary": "x"}),
        ({"queueId": {"type": "integer"}}, {"boardId": 4}, {"queueId": 4}),
        ({"queue": reference()}, {"boardId": 4}, {"queue": {"id": 4}}),
        ({"board": {"properties": {"entityId": {}}}}, {"boardId": 4}, {"board": {"entityId": 4}}),
        ({"account": reference("string")}, {"companyId": 7}, {"account": {"id": "7"}}),
        ({"teamId": {"type": ["null", "integer"]}}, {"userGroupId": "12"}, {"teamId": 12}),
        (
            {"assignedAgents": {"type": "array", "items": reference()}},
            {"assignedMemberIds": [1, 2]},
            {"assignedAgents": [{"id": 1}, {"id": 2}]},
        ),
        ({"memberIds": {"type": "array", "items": {"type": "integer"}}}, {"memberId": 5}, {"memberIds": [5]}),
        ({"tags": {"items": {"type": "string"}}}, {"tag": "vpn"}, {"tags": ["vpn"]}),
        ({"keyword": {}, "limit": {}, "offset": {}}, {"search": "a", "take": 5, "skip": 0},
         {"keyword": "a", "limit": 5, "offset": 0}),
        ({"name": {}}, {"name": None, "take": 50, "skip": 0}, {"name": None}),
        ({"tasks": {"type": "array", "items": text("title")}}, {"items": [{"name": "a"}]}, {"tasks": [{"title": "a"}]}),
        ({"assetTag": {}}, {"ASSET_TAG": "LT-1"}, {"assetTag": "LT-1"}),
        ({"when": {"type": "string"}}, {"when": True}, {"when": True}),
    ],
)  # fmt: skip
def test_a_body_is_put_under_the_names_and_into_the_forms_of_the_site(
    properties: dict[str, Any], body: dict[str, Any], sent: dict[str, Any]
) -> None:
    schema = BodySchema.of({"schema": {"type": "object", "properties": properties}})

    assert schema is not None
    assert schema.conform(body, REFUSAL) == sent


def test_a_form_behind_a_reference_is_seen() -> None:
    schema = BodySchema.of(
        {"properties": {"board": {"$ref": "#/definitions/Ref"}}, "definitions": {"Ref": reference("string")}}
    )

    assert schema is not None
    assert schema.conform({"boardId": 4}, REFUSAL) == {"board": {"id": "4"}}


@pytest.mark.parametrize("kind", ["array", "object"])
def test_a_schema_that_goes_round_in_circles_ends(kind: str) -> None:
    around: dict[str, Any] = {"$ref": "#/definitions/Around"}
    loop = {"type": "array", "items": around} if kind == "array" else {"properties": {"id": around}}
    schema = BodySchema.of({"properties": {"board": around}, "definitions": {"Around": loop}})

    assert schema is not None
    assert str(schema.conform({"boardId": 4}, REFUSAL)["board"]).strip("[]{}'id: ") == "4"


def test_a_filter_that_the_site_lacks_is_refused_in_the_callers_words() -> None:
    schema = BodySchema.of(text("search", "queueName", "take", "skip"))
    assert schema is not None

    with pytest.raises(errors.BadRequest) as caught:
        schema.conform({"boardId": 4, "search": "x"}, Refusal(FIND_TICKETS, {"boardId": "board"}))

    assert caught.value.code == "FilterNotSupported"
    assert caught.value.message == "This site does not filter by 'board' here; it has queueName, search."
    assert caught.value.details == ("queueName", "search")


def test_a_field_that_the_site_lacks_is_refused_with_those_it_has() -> None:
    schema = BodySchema.of(text("name"))
    assert schema is not None

    with pytest.raises(errors.BadRequest, match="does not take 'dueAt' here; it has name") as caught:
        schema.conform({"dueDate": "2026-01-01T00:00:00Z"}, Refusal(UPDATE_TICKET, {"dueDate": "dueAt"}))
    assert caught.value.code == "FieldNotSupported"


def test_no_second_page_is_asked_of_a_site_that_has_none() -> None:
    """It would answer the first one again."""
    schema = BodySchema.of(text("search"))
    assert schema is not None

    with pytest.raises(errors.BadRequest) as caught:
        schema.conform({"take": 50, "skip": 50}, REFUSAL)
    assert caught.value.code == "PagingNotSupported"


def test_two_names_of_one_field_are_refused() -> None:
    schema = BodySchema.of(text("summary"))
    assert schema is not None

    with pytest.raises(errors.BadRequest) as caught:
        schema.conform({"name": "a", "summary": "b"}, REFUSAL)
    assert caught.value.code == "FieldGivenTwice"


async def test_a_persons_name_is_not_taken_for_a_job_title(upstream: Upstream) -> None:
    upstream.on(f"GET {C}/schema2/types/CreateContactRequest/$schema", {"schema": text("title", "fullName")})
    bodies = listening(upstream, f"POST {C}/contacts")

    await desk(upstream).call(CREATE_CONTACT, body={"name": "Jo"})

    assert bodies == [{"fullName": "Jo"}]


async def test_a_schema_is_read_once_and_remembered(upstream: Upstream) -> None:
    upstream.on(NEW_TICKET, {"schema": text("summary")})
    bodies = listening(upstream, f"POST {C}/tickets")

    await asyncio.gather(*(create(desk(upstream)) for _ in range(20)))
    await create(desk(upstream))

    assert bodies == [{"summary": "Printer"}] * 21
    assert upstream.count(NEW_TICKET) == 1


async def test_a_schema_at_the_root_of_the_answer_will_do(upstream: Upstream) -> None:
    upstream.on(NEW_TICKET_BARE, text("summary"))
    bodies = listening(upstream, f"POST {C}/tickets")

    await create(desk(upstream))

    assert bodies == [{"summary": "Printer"}]


async def test_every_request_type_has_its_own_schema(upstream: Upstream) -> None:
    async def schema(request: web.Request) -> web.Response:
        return web.json_response({"schema": text("name", f"only{request.query['requestTypeId']}")})

    upstream.routes[NEW_TICKET] = schema
    dd = desk(upstream)
    for request_type in (3, 4):
        found = await schema_of(dd, CREATE_TICKET, {"requestTypeId": request_type})
        assert found is not None
        assert f"only{request_type}" in found.properties
    assert upstream.count(NEW_TICKET) == 2


async def test_connections_do_not_share_schemas(upstream: Upstream) -> None:
    """What a key may not see must not be learned from another's reading."""
    upstream.on(NEW_TICKET, {"schema": text("summary")}, status(403))
    bodies = listening(upstream, f"POST {C}/tickets")

    await create(desk(upstream))
    await create(desk(upstream, key="someone:else-entirely"))

    assert bodies == [{"summary": "Printer"}, {"name": "Printer"}]


async def test_nothing_is_remembered_when_the_setting_says_so(upstream: Upstream) -> None:
    upstream.on(NEW_TICKET, {"schema": text("summary")}, {"schema": text("title")})
    bodies = listening(upstream, f"POST {C}/tickets")

    for _ in range(2):
        await create(desk(upstream, schema_seconds=0))

    assert bodies == [{"summary": "Printer"}, {"title": "Printer"}]


@pytest.mark.parametrize(
    "answer",
    [status(404), status(403), status(401), status(500), page(), {}, {"schema": None}, {"schema": {"type": "x"}}, [1]],
    ids=["404", "403", "401", "500", "page", "empty", "null", "no properties", "list"],
)  # fmt: skip
async def test_a_schema_that_cannot_be_read_costs_one_reading_and_no_call(upstream: Upstream, answer: Any) -> None:
    upstream.on(NEW_TICKET, answer)
    upstream.on(f"GET {C}/connections/test", {})  # a 401 of one route is none of the key
    bodies = listening(upstream, f"POST {C}/tickets")

    await create(desk(upstream), {"name": "Printer", "unheardOf": 1})
    read = upstream.count(NEW_TICKET)
    await create(desk(upstream))

    assert bodies == [{"name": "Printer", "unheardOf": 1}, {"name": "Printer"}]
    assert upstream.count(NEW_TICKET) == read


async def test_a_schema_that_does_not_come_leaves_the_call_its_time(upstream: Upstream) -> None:
    async def never(_: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    upstream.routes[NEW_TICKET] = never
    bodies = listening(upstream, f"POST {C}/tickets")

    await create(desk(upstream, budget_seconds=4))

    assert bodies == [{"name": "Printer"}]


async def test_a_caller_who_leaves_does_not_take_the_schema_along(upstream: Upstream) -> None:
    asked, answer = asyncio.Event(), asyncio.Event()

    async def slow(_: web.Request) -> web.Response:
        asked.set()
        await answer.wait()
        return web.json_response({"schema": text("summary")})

    upstream.routes[NEW_TICKET] = slow
    bodies = listening(upstream, f"POST {C}/tickets")
    leaving, staying = asyncio.create_task(create(desk(upstream))), asyncio.create_task(create(desk(upstream)))
    await asked.wait()

    leaving.cancel()
    answer.set()
    await staying

    assert bodies == [{"summary": "Printer"}]
    assert upstream.count(NEW_TICKET) == 1


async def test_calls_without_such_a_body_ask_for_no_schema(upstream: Upstream) -> None:
    listening(upstream, f"POST {C}/tickets/find")
    upstream.on(f"GET {C}/tickets/7", {"id": 7})

    await desk(upstream).call(GET_TICKET, path={"ticketId": 7})
    await desk(upstream).call(FIND_TICKETS, body=b"{}")
    await upstream.desk(schemas="off").call(FIND_TICKETS, body={"search": "x"})

    assert not any("schema" in path for _, path, _ in upstream.calls)


async def test_a_refusal_reaches_the_site_as_no_call_at_all(upstream: Upstream) -> None:
    upstream.on(FIND, {"schema": text("search")})
    bodies = listening(upstream, f"POST {C}/tickets/find")

    with pytest.raises(errors.BadRequest, match="'assignedTo'"):
        await desk(upstream).call(FIND_TICKETS, body=Body({"memberId": 4}, {"memberId": "assignedTo"}))

    assert bodies == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["schema", "type", "properties", "items", "$ref", "definitions", "id", "name", "board"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=25,
)
NAMES = st.sampled_from(["name", "boardId", "board", "queue", "items", "take", "skip", "id"])
WHOLE = st.fixed_dictionaries({"properties": st.dictionaries(NAMES, JSON, min_size=1), "definitions": JSON})


@given(JSON | WHOLE, st.dictionaries(NAMES, JSON, max_size=4))
def test_whatever_a_site_calls_a_schema_a_body_is_sent_or_refused(content: Any, body: dict[str, Any]) -> None:
    schema = BodySchema.of(content)
    if schema is None:
        return
    try:
        sent = schema.conform(body, REFUSAL)
    except errors.BadRequest:
        return
    assert set(sent) <= set(schema.properties)


@given(
    st.dictionaries(st.sampled_from(sorted(ALIASES)), st.integers(0, 20), min_size=1).map(
        lambda chosen: {
            name: (name, *ALIASES[name])[place % (len(ALIASES[name]) + 1)] for name, place in chosen.items()
        }
    )
)
def test_no_value_is_lost_or_sent_as_another(names: dict[str, str]) -> None:
    """Under whichever of the known names a site has the fields, each value arrives where it belongs, or is refused."""
    schema = BodySchema.of({"properties": {theirs: {} for theirs in names.values()}})
    assert schema is not None
    try:
        sent = schema.conform({ours: ours for ours in names}, REFUSAL)
    except errors.BadRequest:
        return
    assert sorted(sent.values()) == sorted(names)
    assert all(theirs == ours or theirs in ALIASES[ours] for theirs, ours in sent.items())
