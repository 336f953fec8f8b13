"""Upstream JSON -> our entities, in one pass, tolerant of what DeskDirector's versions call things.

Every field of an `Entity` lists where its value may stand upstream. The common shapes are read straight from the bytes
by pydantic (no Python code runs per field). What does not fit (another casing, a bare id where a reference should be, a
named envelope, dates without a zone) goes through `tolerant.py`; what still does not fit is a `BadGateway`.
"""

from typing import Annotated, Any, TypeVar

from pydantic import (
    AliasChoices,
    AliasGenerator,
    AliasPath,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from connector.deskdirector.errors import BadGateway
from connector.deskdirector.sites import Site
from connector.deskdirector.tolerant import UTC_TIME, read_tolerantly
from connector.json_text import may_have_surrogates, read_loosely
from connector.naming import camel

Timestamp = Annotated[
    str,
    StringConstraints(pattern=UTC_TIME),
    Field(json_schema_extra={"format": "date-time"}),
]
"""ISO 8601 in UTC with `Z` and up to seven fraction digits, as DeskDirector and Power Automate both write it."""


class Entity(BaseModel):
    """Something DeskDirector answers, under our names. Dumped by alias and without nulls."""

    model_config = ConfigDict(
        defer_build=True,
        extra="ignore",
        alias_generator=AliasGenerator(serialization_alias=camel),
        populate_by_name=True,
    )

    def complete(self, site: Site) -> None:
        """Fill in what follows from the rest: flat lists, links that need the site host."""

    def fill(self, **values: Any) -> None:
        """Set what was worked out, past pydantic's checks: this runs for every result of a page."""
        self.__dict__.update(values)

    def to_json(self, include: Any = None) -> bytes:
        """Under the names that callers see, without nulls; straight to bytes, since pages are long."""
        return self.__pydantic_serializer__.to_json(self, by_alias=True, exclude_none=True, include=include)


class Changed(Entity):
    """What an update answers."""

    notice: str | None = Field(None, description="Says so when nothing was changed, since all that came was blank.")


E = TypeVar("E", bound=Entity)


def _choices(paths: tuple[str, ...] | list[str]) -> AliasChoices:
    return AliasChoices(*(AliasPath(*path.split(".")) if "." in path else path for path in paths))


def upstream(*paths: str, about: str, default: Any = None, **extra: Any) -> Any:
    """A field whose value may stand at any of these paths (`taskProgress.done`), tried in order."""
    return Field(default, validation_alias=_choices(paths), description=about, **extra)


def required(*paths: str, about: str) -> Any:
    """A field without which the answer makes no sense."""
    return Field(validation_alias=_choices(paths), description=about)


def name_of(*references: str, about: str) -> Any:
    """The name of a reference: from `{id, name}`, a flat `…Name`, or a bare text."""
    paths = [f"{name}.name" for name in references] + [f"{name}Name" for name in references] + list(references)
    return upstream(*paths, about=about)


def id_of(*references: str, about: str) -> Any:
    """The id of a reference: from `{id, name}` (or `entityId`), a flat `…Id`, or a bare id."""
    paths = [f"{name}.{key}" for name in references for key in ("id", "entityId")]
    return upstream(*paths, *(f"{name}Id" for name in references), *references, about=about)


def found(*, about: str) -> Any:
    """The results of a page."""
    return required("results", "value", "items", about=about)


def hidden(*paths: str) -> Any:
    """A list that is read but not answered: `complete` makes flat lists of it."""
    return Field(default_factory=list, validation_alias=_choices(paths), exclude=True)


def people_in(references: list[Any]) -> tuple[list[str], list[int]]:
    """The names, and the ids, in a list of `{id, name}` such as the members assigned to a ticket.

    Plain loops over plain data: models of their own would cost a page of tickets a tenth more.
    """
    names: list[str] = []
    ids: list[int] = []
    for reference in references:
        if not isinstance(reference, dict):
            (names if isinstance(reference, str) else ids).append(reference)
            continue
        name, number = reference.get("name"), reference.get("id")
        if name is None or number is None:
            folded = {key.lower(): value for key, value in reference.items()}
            name, number = folded.get("name"), folded.get("id", folded.get("entityid"))
        if isinstance(name, str) and name:
            names.append(name)
        if isinstance(number, int):
            ids.append(number)
    return names, ids


class Page(Entity):
    """One page of a find. A subclass declares `results`."""

    results: Any
    total: int | None = upstream(
        "totalResults", "total", "resultsCount", about="How many there are in all, when DeskDirector tells."
    )
    has_more: bool = Field(False, description="Whether there is another page.")
    continuation: str | None = Field(None, description="Give it back to the same operation to get the next page.")
    next_link: str | None = Field(None, description="The address of the next page, for platforms that page.")
    notice: str | None = Field(None, description="Says so when results were left out to keep the answer small.")
    asked: Any = Field(None, exclude=True)
    """The find that this answers."""

    def complete(self, site: Site) -> None:
        """Complete every result."""
        for result in self.results:
            result.complete(site)


def read(model: type[E], content: bytes) -> E:
    """Read one answer; `BadGateway` when it is not JSON or lacks what the entity cannot do without."""
    try:
        return model.model_validate_json(content)
    except ValidationError as problem:
        errors = problem.errors(include_input=False, include_url=False)
        is_json = all(error["type"] != "json_invalid" for error in errors)
    # A strict parser refuses halves of characters too, such as a title that was cut within an emoji.
    if not is_json and not may_have_surrogates(content):
        raise _not_json()
    try:
        data = read_loosely(content)
    except (ValueError, RecursionError):
        raise _not_json() from None
    return read_tolerantly(model, data)


def _not_json() -> BadGateway:
    return BadGateway(
        "UpstreamNotJson",
        "DeskDirector's answer broke off or is not JSON; try again, and tell its administrator if it stays.",
        retry_after=5,
    )
