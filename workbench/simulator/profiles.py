"""What kind of site the simulator is: a profile, and mutations on top of it.

`proven` offers only what the facts call sure, and is strict about it; `generous` also has every route, field and scheme
that was ever assumed. A mutation changes one trait of a profile, or the form of its answers (see `mutations.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

ProfileName = Literal["proven", "generous"]
DateFilters = Literal["none", "after_before", "window", "ranges"]
Presence = Literal["proven", "assumed", "moved"]
Documents = Literal["none", "partial", "complete"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The traits in which sites differ, or may differ."""

    name: ProfileName
    routes: frozenset[Presence]
    """Which routes exist besides the proven ones: where we assume them, or elsewhere."""
    any_scheme: bool
    """A credential is accepted wherever its kind of caller is; else only where and in the scheme that is proven."""
    basic_only: bool = False
    """The connector surface takes a Tokity key as `Basic` and not as `DdApi` (no witness)."""
    nested_events: bool
    """A notification wraps each entity in an envelope of its name; else it is flat."""
    rich_events: bool = False
    """The ticket of a notification is whole; else it has only what the vendor's flows read."""
    notes_in_update: bool
    """An update of a ticket takes `noteContent` and `noteIsInternal`."""
    refuses_notes: bool = False
    """It publishes them, and refuses them all the same."""
    has_cc: bool = False
    """Tickets have people in copy; how a site calls them is a guess (asked for since 2021)."""
    members_in_update: bool = True
    """An update of a ticket takes members; in 2021 it did not."""
    date_filters: DateFilters
    """How the find operations of tickets and contacts take dates; no form has a witness."""
    due_filters: bool = False
    """Tickets can be filtered by due date (server notes 21.32; under which names is a guess)."""
    plural_filters: bool = False
    """Filters by id or tag take several values, under plural names."""
    state_words: bool = False
    """Tickets are found by `status` open, closed or any instead of `isClosed`, as on the copilot surface."""
    documents: Documents = "complete"
    """The OpenAPI documents behind the swagger page; what they hold is a guess, that the page exists is sure."""
    swagger_page: str = "index_js"
    """The form of the page (see `swagger_pages.py`)."""
    hostile_documents: str = ""
    """In which way the documents are bad (see `hostile_documents.py`)."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Fields that this site names differently on the connector surface."""
    mutations: frozenset[str] = frozenset()
    """The mutations that made this of the profile."""

    def describe(self) -> dict[str, Any]:
        """As JSON: its name and its mutations."""
        return {"profile": self.name, "mutations": sorted(self.mutations)}


PROVEN = Profile(
    name="proven",
    routes=frozenset({"proven"}),
    any_scheme=False,
    nested_events=True,
    notes_in_update=True,
    date_filters="none",
    # Sure in notifications, likely in ContactDetails; that members say it too is a guess.
    names={"email": "emailAddress"},
)
GENEROUS = Profile(
    name="generous",
    routes=frozenset({"proven", "assumed"}),
    any_scheme=True,
    nested_events=False,
    notes_in_update=False,
    has_cc=True,
    date_filters="after_before",
    due_filters=True,
)
BY_NAME: Mapping[str, Profile] = {profile.name: profile for profile in (PROVEN, GENEROUS)}
