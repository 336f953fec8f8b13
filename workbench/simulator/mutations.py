"""What a site may do differently from its profile, one thing at a time; mutations combine.

None of these forms has a witness unless its meaning says so. They are what other sites, older servers and proxies do,
and a client must be right with each of them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from workbench.simulator import answer_forms
from workbench.simulator.answer_forms import RequestHead
from workbench.simulator.hostile_documents import HOSTILE
from workbench.simulator.profiles import BY_NAME, Profile
from workbench.simulator.swagger_pages import PAGES
from workbench.simulator.wire import Answer


@dataclass(frozen=True, slots=True)
class Mutation:
    """One difference: `traits` of the profile, the form of every JSON `value` that leaves, or whole `answer`s."""

    meaning: str
    traits: Mapping[str, Any] | None = None
    value: Callable[[Any], Any] | None = None
    answer: Callable[[RequestHead, Answer], Answer] | None = None


TOKITY_NAMES: Mapping[str, str] = {
    "board": "queue",
    "boardId": "queueId",
    "boardIds": "queueIds",
    "company": "account",
    "companyId": "accountId",
    "companyIds": "accountIds",
    "userGroup": "contactGroup",
    "userGroupId": "contactGroupId",
    "userGroupIds": "contactGroupIds",
    "requestType": "serviceType",
    "assignedMembers": "assignedAgents",
    "assignedMemberIds": "assignedAgentIds",
    "memberId": "agentId",
    "memberIds": "agentIds",
}

MUTATIONS: Mapping[str, Mutation] = {
    # What a site takes
    "plural_filters": Mutation("filters by id take lists under plural names", {"plural_filters": True}),
    "date_filters": Mutation("finds take createdAfter … updatedBefore", {"date_filters": "after_before"}),
    "window_filters": Mutation("finds take startTime and endTime of creation", {"date_filters": "window"}),
    "range_filters": Mutation("finds take created and modified as objects", {"date_filters": "ranges"}),
    "due_filters": Mutation("tickets are filtered by dueAfter and dueBefore", {"due_filters": True}),
    "state_words": Mutation("tickets are found by status open, closed, any", {"state_words": True}),
    "tokity_names": Mutation("fields have the words of the Tokity edition", {"names": TOKITY_NAMES}),
    "no_members_in_update": Mutation("an update of a ticket takes no members", {"members_in_update": False}),
    "refused_notes": Mutation("an update publishes a note and refuses it", {"refuses_notes": True}),
    "no_notes_in_update": Mutation("an update of a ticket takes no note", {"notes_in_update": False}),
    "documented_routes": Mutation(
        "every assumed route exists, and the documents list it", {"routes": frozenset({"proven", "assumed"})}
    ),
    "moved_routes": Mutation(
        "what we assume exists at other paths, and the documents list it", {"routes": frozenset({"proven", "moved"})}
    ),
    "any_scheme": Mutation("a credential is accepted in every scheme that fits its kind", {"any_scheme": True}),
    "basic_only": Mutation("the connector surface takes a Tokity key as Basic only", {"basic_only": True}),
    # What it posts
    "rich_events": Mutation("the ticket of a notification is whole", {"rich_events": True}),
    "flat_events": Mutation("notifications are flat", {"nested_events": False}),
    "array_events": Mutation("notifications are arrays, as those of webhooks v2 are"),
    "event_siblings": Mutation("notifications say who and when beside their entities"),
    # Its documents
    "partial_documents": Mutation("the documents list every other path", {"documents": "partial"}),
    "no_documents": Mutation("there is no swagger page", {"documents": "none"}),
    "foreign_documents": Mutation("the page lists documents of other hosts first"),
    **{
        f"swagger_{form}": Mutation(" ".join((page.__doc__ or "").split()), {"swagger_page": form})
        for form, page in PAGES.items()
        if form != "none"
    },
    **{
        f"documents_{fault}": Mutation(" ".join((spoil.__doc__ or "").split()), {"hostile_documents": fault})
        for fault, spoil in HOSTILE.items()
    },
    # What it answers
    "text_ids": Mutation("ids are texts", value=answer_forms.text_ids),
    "pascal_case": Mutation("keys are PascalCase, as in v1", value=answer_forms.pascal_case),
    "half_pascal": Mutation("every other key is PascalCase", value=answer_forms.half_pascal),
    "zoneless_dates": Mutation("dates have no zone", value=answer_forms.zoneless_dates),
    "ticks_dates": Mutation("dates are /Date(ms)/, as of old .NET", value=answer_forms.ticks_dates),
    "null_first": Mutation("the usual name is there and null, another has the value", value=answer_forms.null_first),
    "named_envelopes": Mutation("entities and lists come in an envelope of their name", answer=answer_forms.enveloped),
    "clamped_pages": Mutation("pages hold 10 at most and no total", answer=answer_forms.clamped),
    "page_counts": Mutation("resultsCount counts this answer; there is no total", answer=answer_forms.page_counts),
    "bodiless": Mutation("changes answer 204, creations 201 with Location", answer=answer_forms.bodiless),
    "model_state": Mutation("errors are those of ASP.NET Web API", answer=answer_forms.model_state),
    "problem_details": Mutation("errors are ProblemDetails", answer=answer_forms.problem_details),
    "inner_errors": Mutation("errors are nested, the reason innermost", answer=answer_forms.inner_errors),
    "gzip": Mutation("answers are compressed for who accepts it"),
    "chunks": Mutation("answers come in chunks of a few bytes"),
}


def profile_of(name: str, mutations: Iterable[str] = ()) -> Profile:
    """The profile of that name with the mutations; `ValueError` when one of the names does not exist."""
    if name not in BY_NAME:
        raise ValueError(f"There is no profile '{name}'; there are {', '.join(BY_NAME)}.")
    profile, chosen = BY_NAME[name], list(dict.fromkeys(mutations))
    for mutation in chosen:
        if mutation not in MUTATIONS:
            raise ValueError(f"There is no mutation '{mutation}'; there are {', '.join(MUTATIONS)}.")
        traits = dict(MUTATIONS[mutation].traits or {})
        if "names" in traits:
            traits["names"] = {**profile.names, **traits["names"]}
        profile = replace(profile, **traits)
    return replace(profile, mutations=frozenset(chosen))


def in_its_form(profile: Profile, request: RequestHead, answer: Answer) -> Answer:
    """An answer as this site gives it."""
    for mutation in _chosen(profile):
        if mutation.answer is not None:
            answer = mutation.answer(request, answer)
    for mutation in _chosen(profile):
        if mutation.value is not None and answer_forms.is_data(request, answer):
            answer = answer_forms.changed(answer, mutation.value)
    return answer


def posted(profile: Profile, body: Any) -> Any:
    """A notification as this site posts it."""
    if "event_siblings" in profile.mutations and isinstance(body, dict):
        actor = {"id": 12, "name": "Chris Taylor", "userType": "member"}
        body = {"triggeredBy": actor, "workflow": {"id": "workflow-1", "name": "A workflow"}, **body, "extra": None}
    for mutation in _chosen(profile):
        if mutation.value is not None:
            body = mutation.value(body)
    return [body] if "array_events" in profile.mutations and isinstance(body, dict) else body


def _chosen(profile: Profile) -> Iterable[Mutation]:
    return (mutation for name, mutation in MUTATIONS.items() if name in profile.mutations) if profile.mutations else ()
