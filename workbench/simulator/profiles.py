"""What kind of site the simulator is: a profile, and mutations on top of it.

`proven` offers only what the facts call sure, and is strict about it; `generous` also has every route, field and scheme
that was ever assumed. A mutation changes one trait of a profile, or the form of its answers (see `mutations.py`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

ProfileName = Literal["proven", "generous"]
PROFILES: tuple[ProfileName, ...] = get_args(ProfileName)


@dataclass(frozen=True, slots=True)
class Profile:
    """The traits in which sites differ, or may differ.

    - `assumed_routes`: routes exist whose path nobody has published.
    - `any_scheme`: a credential is accepted wherever its kind of caller is; else only in the scheme that is proven for
      that part of the API (facts §2.1).
    - `nested_events`: a notification wraps each entity in an envelope of its name; else it is flat (facts §5.4).
    - `date_filters`: the find operations take dates (no witness, facts §4.2).
    - `notes_in_update`: an update of a ticket takes `noteContent` and `noteIsInternal` (facts §3.1).
    - `names`: fields that this site names differently on the connector surface.
    - `mutations`: the names of the mutations that are applied to its requests and answers.
    """

    name: ProfileName
    assumed_routes: bool
    any_scheme: bool
    nested_events: bool
    date_filters: bool
    notes_in_update: bool
    names: Mapping[str, str] = field(default_factory=dict)
    mutations: frozenset[str] = frozenset()

    def describe(self) -> dict[str, Any]:
        """As JSON: its name and its mutations."""
        return {"profile": self.name, "mutations": sorted(self.mutations)}


_PROFILES: Mapping[str, Profile] = {
    "proven": Profile(
        "proven",
        assumed_routes=False,
        any_scheme=False,
        nested_events=True,
        date_filters=False,
        notes_in_update=True,
        # Sure in notifications, likely in ContactDetails (facts §4.4); that members say it too is a guess.
        names={"email": "emailAddress"},
    ),
    "generous": Profile(
        "generous",
        assumed_routes=True,
        any_scheme=True,
        nested_events=False,
        date_filters=True,
        notes_in_update=False,
    ),
}


def profile_of(name: str, mutations: Iterable[str] = ()) -> Profile:
    """The profile of that name with the mutations; `ValueError` when one of the names does not exist."""
    if name not in _PROFILES:
        raise ValueError(f"There is no profile '{name}'; there are {', '.join(_PROFILES)}.")
    profile, chosen = _PROFILES[name], frozenset(mutations)
    if chosen:
        raise ValueError(f"There is no mutation '{min(chosen)}'.")
    return profile
