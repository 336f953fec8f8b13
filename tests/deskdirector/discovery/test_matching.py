"""A site's routes are taken for ours only when they are; what is alike is proposed, what is another thing is not."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from connector.deskdirector.discovery.documents import Document
from connector.deskdirector.discovery.matching import Candidate, Match, OtherShape, Verdict, candidates, chosen
from connector.deskdirector.discovery.targets import targets
from connector.deskdirector.discovery.words import words_of
from tests.deskdirector.discovery.openapi import (
    CONTACT_ANSWER,
    CONTACT_BODY,
    FLAGS,
    NOTE_ANSWER,
    NOTE_BODY,
    OURS,
    TICKET_ANSWER,
    TIME_ANSWER,
    TIME_BODY,
    Made,
    openapi3,
    raw,
    swagger2,
)

NAMES = {
    ("GET", "notes"): "LIST_TICKET_NOTES",
    ("POST", "notes"): "ADD_TICKET_NOTE",
    ("POST", "time-entries"): "CREATE_TIME_ENTRY",
    ("POST", "approve"): "APPROVE_TICKET",
    ("POST", "decline"): "DECLINE_TICKET",
    ("PATCH", "{id}"): "UPDATE_CONTACT",
    ("PUT", "permissions"): "SET_CONTACT_PERMISSIONS",
    ("GET", "userkey"): "CONTACT_USER_KEY",
}


def found(*documents: dict[str, Any]) -> dict[str, tuple[Match, ...]]:
    every: list[Candidate] = []
    for document in documents:
        read = Document.read(raw(document), document["info"]["version"])
        every += [one for one in candidates(read, targets()) if isinstance(one, Candidate)]
    return chosen(every)


def best(*routes: Made, document: Callable[..., dict[str, Any]] = openapi3, version: str = "v2") -> dict[str, Match]:
    return {name: matches[0] for name, matches in found(document(routes, version)).items()}


def verdicts(*routes: Made, **how: Any) -> dict[str, str]:
    return {name: str(match.verdict) for name, match in best(*routes, **how).items()}


@pytest.mark.parametrize("document", [openapi3, swagger2])
def test_what_stands_where_we_assume_it_is_exact(document: Callable[..., dict[str, Any]]) -> None:
    matches = best(*OURS, document=document)

    for route in OURS:
        name = NAMES[route.method, route.path.rpartition("/")[2]]
        assert matches[name].verdict is Verdict.EXACT, name
        assert matches[name].difference == ""
        parameter = "contactId" if "contact" in route.path else "ticketId"
        assert matches[name].route == f"{route.method} {route.path}".replace("{id}", f"{{{parameter}}}")


EXACT_SPELLINGS = [
    ("ADD_TICKET_NOTE", Made("POST", "/api/v2/ticket/{ticket-id}/note", NOTE_BODY, NOTE_ANSWER)),
    ("ADD_TICKET_NOTE", Made("POST", "/api2/tickets/{id}/notes", NOTE_BODY, NOTE_ANSWER)),
    ("CREATE_TIME_ENTRY", Made("POST", "/api/v2/tickets/{id}/timeEntries", TIME_BODY, TIME_ANSWER)),
    ("CREATE_TIME_ENTRY", Made("POST", "/api/v2/Tickets/{id}/time_entry", TIME_BODY, TIME_ANSWER)),
    ("CREATE_TIME_ENTRY", Made("POST", "/api/v2/tickets/{id}/timeentries", TIME_BODY, TIME_ANSWER)),
    ("CONTACT_USER_KEY", Made("GET", "/api/v2/user/contact/{id}/user-key", answer=("UserKey", "ExpiresIn"))),
]


@pytest.mark.parametrize(("name", "route"), EXACT_SPELLINGS, ids=lambda value: getattr(value, "path", value))
def test_another_spelling_of_the_same_words_is_exact(name: str, route: Made) -> None:
    match = best(route)[name]

    assert match.verdict is Verdict.EXACT
    assert "{id}" not in match.path


PROPOSALS = [
    ("ADD_TICKET_NOTE", Made("POST", "/api/v2/tickets/{id}/comments", NOTE_BODY, NOTE_ANSWER)),
    ("ADD_TICKET_NOTE", Made("POST", "/api/v4/tickets/{id}/notes", NOTE_BODY, NOTE_ANSWER)),
    ("ADD_TICKET_NOTE", Made("POST", "/api/v2/tech/tickets/{id}/notes", NOTE_BODY, NOTE_ANSWER)),
    ("ADD_TICKET_NOTE", Made("POST", "/api/v2/tickets/{id}/notes", ("Content", "Visibility"), NOTE_ANSWER)),
    ("ADD_TICKET_NOTE", Made("POST", "/api/v2/tickets/{id}/notes")),
    ("ADD_TICKET_NOTE", Made("POST", "/api/v2/tickets/{id}/notes", NOTE_BODY, NOTE_ANSWER, deprecated=True)),
    ("APPROVE_TICKET", Made("POST", "/api/v2/tickets/{id}/accept", ("Comment",), TICKET_ANSWER)),
    ("APPROVE_TICKET", Made("POST", "/api/v2/tickets/{id}/approval/approve", ("Comment",), TICKET_ANSWER)),
    ("UPDATE_CONTACT", Made("PATCH", "/api/v4/contacts/{id}", CONTACT_BODY, CONTACT_ANSWER)),
    ("SET_CONTACT_PERMISSIONS", Made("PUT", "/api/v3/admin/contacts/{id}/permissions", FLAGS, CONTACT_ANSWER)),
    ("CONTACT_USER_KEY", Made("GET", "/api/v2/user/client/{id}/token", answer=("Token",))),
]


@pytest.mark.parametrize(("name", "route"), PROPOSALS, ids=lambda value: getattr(value, "path", value))
def test_what_is_alike_is_proposed_with_the_difference(name: str, route: Made) -> None:
    match = best(route)[name]

    assert match.verdict is Verdict.PROPOSED
    assert 65 <= match.score <= 100


OTHER_THINGS = [
    Made("PUT", "/api/v2/tickets/{id}/notes", NOTE_BODY, NOTE_ANSWER),
    Made("POST", "/api/v2/tickets/{id}/notes/find", NOTE_BODY, NOTE_ANSWER),
    Made("POST", "/api/v2/tickets/{id}/notes/{noteId}", NOTE_BODY, NOTE_ANSWER),
    Made("POST", "/api/v2/notes", NOTE_BODY, NOTE_ANSWER),
    Made("POST", "/api/v2/ticket-tasks/{id}/notes", NOTE_BODY, NOTE_ANSWER),
    Made("POST", "/api/v2/tickets/{id}/tasks/{taskId}/notes", NOTE_BODY, NOTE_ANSWER),
    Made("POST", "/api/v2/ticket-templates/{id}/notes", NOTE_BODY, NOTE_ANSWER),
    Made("POST", "/api/v2/forms/{id}/comments", NOTE_BODY, NOTE_ANSWER),
    Made("POST", "/api/v2/companies/{id}/notes", NOTE_BODY, NOTE_ANSWER),
    Made("POST", "/api/v2/tickets/{id}/messages", NOTE_BODY, NOTE_ANSWER),
    Made("POST", "/api/v2/tickets/{id}/notes/merge", NOTE_BODY, NOTE_ANSWER),
    Made("POST", "/api/v2/quotes/{id}/approve", ("Comment",), TICKET_ANSWER),
    Made("POST", "/api/v2/time-entries/{id}/approve", ("Comment",), TICKET_ANSWER),
    Made("POST", "/api/v2/tickets/{id}/close", ("Comment",), TICKET_ANSWER),
    Made("POST", "/api/v2/tickets/{id}/approve/{stepId}", ("Comment",), TICKET_ANSWER),
    Made("POST", "/api/v2/tickets/approve", ("Comment",), TICKET_ANSWER),
    Made("PUT", "/api/v2/contacts/{id}", CONTACT_BODY, CONTACT_ANSWER),
    Made("PATCH", "/api/v2/contacts", CONTACT_BODY, CONTACT_ANSWER),
    Made("PATCH", "/api/v2/contact-groups/{id}", CONTACT_BODY, CONTACT_ANSWER),
    Made("PATCH", "/api/v2/members/{id}", CONTACT_BODY, CONTACT_ANSWER),
    Made("PUT", "/api/v2/admin/members/{id}/permissions", FLAGS, CONTACT_ANSWER),
    Made("GET", "/api/v2/user/member/{id}/userkey", answer=("UserKey",)),
    Made("GET", "/api/v2/chat-sessions/{id}/notes", answer=NOTE_ANSWER),
    Made("GET", "/api/v2/forms/{id}/attachments", answer=NOTE_ANSWER),
    Made("POST", "/api/v2/tickets/{id}/attachments", ("Name",), ("Id", "Name")),
    Made("POST", "/api/v2/tickets/{id}.{ext}/notes", NOTE_BODY, NOTE_ANSWER),
    Made("POST", "/api/v2/tickets/{id}/notes?x={y}", NOTE_BODY, NOTE_ANSWER),
    Made("POST", "/api/v2/tickets/{id}/no tes", NOTE_BODY, NOTE_ANSWER),
    Made("POST", "/api/v2/tickets/{*id}/notes", NOTE_BODY, NOTE_ANSWER),
]


@pytest.mark.parametrize("route", OTHER_THINGS, ids=lambda route: f"{route.method} {route.path}")
def test_another_thing_is_never_taken_for_ours(route: Made) -> None:
    assert found(openapi3([route])) == {}


def test_approving_is_never_declining() -> None:
    approving = Made("POST", "/api/v2/tickets/{id}/approve", ("Comment",), TICKET_ANSWER)

    assert {*best(approving)} == {"APPROVE_TICKET"}


@pytest.mark.parametrize(
    "route",
    [
        Made("POST", "/api/v2/tickets/{id}/notes", (*NOTE_BODY, "Author"), NOTE_ANSWER, required=("Author",)),
        Made("POST", "/api/v2/tickets/{id}/notes", NOTE_BODY, NOTE_ANSWER, query={"database": True}),
    ],
)
def test_what_needs_more_than_we_can_give_is_not_ours(route: Made) -> None:
    assert found(openapi3([route])) == {}


def test_what_we_can_give_may_be_required() -> None:
    needed = Made("POST", "/api/v2/tickets/{id}/notes", NOTE_BODY, NOTE_ANSWER, required=("Note", "IsInternal"))

    assert verdicts(needed) == {"ADD_TICKET_NOTE": "exact"}


def test_a_file_upload_is_no_note() -> None:
    document = openapi3([Made("POST", "/api/v2/tickets/{id}/notes", NOTE_BODY, NOTE_ANSWER)])
    node = document["paths"]["/api/v2/tickets/{id}/notes"]["post"]
    node["requestBody"] = {"content": {"multipart/form-data": {"schema": {"type": "object"}}}}

    assert found(document) == {}


def test_two_spellings_on_one_site_are_the_one_spelled_as_ours() -> None:
    both = [
        Made("POST", "/api/v2/tickets/{id}/note", NOTE_BODY, NOTE_ANSWER),
        Made("POST", "/api/v2/tickets/{id}/notes", NOTE_BODY, NOTE_ANSWER),
    ]
    matches = found(openapi3(both))["ADD_TICKET_NOTE"]

    assert [(one.path, str(one.verdict)) for one in matches] == [
        ("/api/v2/tickets/{ticketId}/notes", "exact"), ("/api/v2/tickets/{ticketId}/note", "proposed")
    ]  # fmt: skip


def test_two_spellings_that_are_both_not_ours_are_rivals() -> None:
    both = [
        Made("POST", "/api/v2/ticket/{id}/notes", NOTE_BODY, NOTE_ANSWER),
        Made("POST", "/api/v2/ticket/{id}/note", NOTE_BODY, NOTE_ANSWER),
    ]
    matches = found(openapi3(both))["ADD_TICKET_NOTE"]

    assert [str(one.verdict) for one in matches] == ["proposed", "proposed"]


def test_an_operation_that_is_in_every_document_counts_once() -> None:
    documents = [openapi3(OURS, version) for version in ("v2", "v3", "v4")]

    assert {name: len(matches) for name, matches in found(*documents).items()} == dict.fromkeys(
        found(openapi3(OURS)), 1
    ) | {"CONTACT_USER_KEY_RIVAL": 1}


def test_another_method_is_reported_as_another_shape() -> None:
    document = Document.read(raw(openapi3([Made("PUT", "/api/v2/tickets/{id}/notes", NOTE_BODY)])), "v2")

    shapes = [one for one in candidates(document, targets()) if isinstance(one, OtherShape)]

    assert {(one.endpoint, one.method) for one in shapes} == {("ADD_TICKET_NOTE", "PUT"), ("LIST_TICKET_NOTES", "PUT")}


@pytest.mark.parametrize(
    ("template", "how"),
    [
        ("/api/v{version}/tickets/{id}/notes", {}),
        ("/api/v{version:apiVersion}/tickets/{id:int}/notes", {}),
        ("/v2/tickets/{id}/notes", {"servers": [{"url": "https://inner.example/api"}]}),
        ("/v2/tickets/{id}/notes", {"servers": [{"url": "/api/"}]}),
    ],
)
def test_versions_and_base_paths_are_filled_in(template: str, how: dict[str, Any]) -> None:
    document = openapi3([Made("POST", template, NOTE_BODY, NOTE_ANSWER)], **how)

    assert found(document)["ADD_TICKET_NOTE"][0].path == "/api/v2/tickets/{ticketId}/notes"


def test_the_base_path_of_swagger_2_is_put_before() -> None:
    document = swagger2([Made("POST", "/v2/tickets/{id}/notes", NOTE_BODY, NOTE_ANSWER)], base="/api")

    assert found(document)["ADD_TICKET_NOTE"][0].path == "/api/v2/tickets/{ticketId}/notes"


def test_a_version_that_stays_open_is_no_route() -> None:
    document = openapi3([Made("POST", "/api/v{version}/tickets/{id}/notes", NOTE_BODY, NOTE_ANSWER)], version="next")

    assert found(document) == {}


def test_an_operation_that_lives_on_another_host_is_left_out() -> None:
    document = openapi3([Made("POST", "/api/v2/tickets/{id}/notes", NOTE_BODY, NOTE_ANSWER)])
    document["paths"]["/api/v2/tickets/{id}/notes"]["post"]["servers"] = [{"url": "https://evil.example"}]

    assert found(document) == {}


@pytest.mark.parametrize("envelope", ["Note", "Data", "Results"])
def test_an_answer_in_an_envelope_is_read(envelope: str) -> None:
    document = openapi3([Made("POST", "/api/v2/tickets/{id}/notes", NOTE_BODY, NOTE_ANSWER)])
    schemas = document["components"]["schemas"]
    inner = {"$ref": "#/components/schemas/Answer0"}
    wrapped = {"type": "array", "items": inner} if envelope == "Results" else inner
    schemas["Envelope"] = {"type": "object", "properties": {envelope: wrapped, "Total": {"type": "integer"}}}
    node = document["paths"]["/api/v2/tickets/{id}/notes"]["post"]["responses"]["200"]
    node["content"]["application/json"]["schema"] = {"$ref": "#/components/schemas/Envelope"}

    assert str(found(document)["ADD_TICKET_NOTE"][0].verdict) == "exact"


@pytest.mark.parametrize(
    ("path", "version", "surface", "words"),
    [
        ("/api/v2/tickets/{id}/time-entries", 2, "", ("ticket", "{}", "timeentry")),
        ("/api2/admin/stats/sync/errors", 2, "admin", ("stat", "sync", "error")),
        ("/api/v2/automate/connector/tickets", 2, "automate/connector", ("ticket",)),
        ("/api/v4/ticketTasks/{id}/$info", 4, "", ("ticket", "task", "{}", "info")),
        ("/api/v2/user/member/{id}/userKey", 2, "", ("user", "member", "{}", "userkey")),
        ("/api/v2/statuses/{x}/addresses", 2, "", ("status", "{}", "address")),
        ("/api/v3/access_tokens", 3, "", ("accesstoken",)),
        ("/tickets", None, "", ("ticket",)),
    ],
)
def test_routes_are_compared_by_their_words(path: str, version: int | None, surface: str, words: Sequence[str]) -> None:
    assert dataclasses.astuple(words_of(path)) == (version, surface, tuple(words))
