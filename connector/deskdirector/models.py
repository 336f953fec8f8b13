"""What DeskDirector answers, under our names: the base of all entities, and how their fields say where values stand.

Every field of an `Entity` lists where its value may stand upstream; `reading.py` reads them all by the same rules. What
does not fit is a `BadGateway`.
"""

from functools import lru_cache
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import (
    AliasChoices,
    AliasGenerator,
    AliasPath,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
)
from pydantic_core import PydanticSerializationError

from connector.deskdirector.converting import MISSING, UnreadableError, to_text, to_whole
from connector.deskdirector.dates import UTC_TIME
from connector.deskdirector.errors import BadGateway
from connector.deskdirector.json_text import parse
from connector.deskdirector.plans import folded
from connector.deskdirector.reading import reader_of
from connector.deskdirector.sites import Site
from connector.naming import camel

MOST_NAMED = 10

TENANT_TYPE = "x-tenant-type"
"""Marks an object whose properties a dynamic type of the site describes."""
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

    answered_elsewhere: ClassVar[tuple[str, ...]] = ()
    """Keys of DeskDirector that other operations answer, so that they do not count as the site's own."""
    details: ClassVar[tuple[str, ...]] = ("additional_fields",)
    """Fields that a brief answer leaves out, unless they are asked for."""

    def complete(self, site: Site) -> None:
        """Fill in what follows from the rest: flat lists, links that need the site host."""

    def fill(self, **values: object) -> None:
        """Set a derived value past pydantic's checks: this runs for every result of a page."""
        self.__dict__.update(values)

    def to_json(self, include: Any = None, exclude: Any = None) -> bytes:
        """Under the names that callers see, without nulls; straight to bytes, since pages are long."""
        try:
            return self.__pydantic_serializer__.to_json(
                self, by_alias=True, exclude_none=True, include=include, exclude=exclude
            )
        except (PydanticSerializationError, RecursionError):
            raise BadGateway(
                "UpstreamShapeUnknown", "DeskDirector's answer is nested too deeply to be given."
            ) from None


class Changed(Entity):
    """What an update answers."""

    notice: str | None = Field(None, description="What was not done as asked, and why; empty otherwise.")


E = TypeVar("E", bound=Entity)


def _choices(paths: tuple[str, ...] | list[str]) -> AliasChoices:
    return AliasChoices(*(AliasPath(*path.split(".")) if "." in path else path for path in paths))


def upstream(*paths: str, about: str, default: Any = None, exclude: bool | None = None) -> Any:
    """A field whose value may stand at any of these paths (`taskProgress.done`), tried in order."""
    return Field(default, validation_alias=_choices(paths), description=about, exclude=exclude)


def required(*paths: str, about: str) -> Any:
    """A field that the entity cannot do without."""
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


def others(kind: str) -> Any:
    """What the site has besides; `kind` is its dynamic type that describes it, e.g. `TicketDetails`."""
    return Field(
        None,
        validation_alias=AliasChoices("additionalFields"),
        description="Fields that only this site has, by its own names for them.",
        json_schema_extra={TENANT_TYPE: kind},
    )


def people_in(references: list[Any]) -> tuple[list[str], list[int]]:
    """The names, and the ids, in a list of `{id, name}` (or names, or ids) such as the members assigned to a ticket.

    Plain loops over plain data: models of their own would cost a page of tickets a tenth more.
    """
    names: list[str] = []
    ids: list[int] = []
    for reference in references:
        if type(reference) is dict:
            name, number = reference.get("name"), reference.get("id")
            if type(name) is not str or type(number) is not int:
                name_keys, id_keys = _person_keys(tuple(reference))
                name, number = to_text(_first(reference, name_keys)), to_whole(_first(reference, id_keys))
        else:
            name, number = (reference, MISSING) if type(reference) is str else (MISSING, to_whole(reference))
        if name is not MISSING and name:
            names.append(name)
        if number is not MISSING:
            ids.append(number)
    return names, ids


@lru_cache(maxsize=256)
def _person_keys(keys: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """The keys of a reference that mean its name, and those that mean its id, in the order to look at them."""
    means: dict[str, list[str]] = {"name": [], "id": [], "entityid": []}
    for key in reversed(keys):
        means.get(folded(key), []).append(key)
    return means["name"], means["id"] + means["entityid"]


def _first(data: dict[str, Any], keys: list[str]) -> Any:
    return next((data[key] for key in keys if data[key] is not None), None)


class Page(Entity):
    """One page of a find. A subclass declares `results`."""

    results: Any
    total: int | None = upstream(
        "totalResults",
        "total",
        "totalCount",
        "@odata.count",
        about="How many results there are in all, if DeskDirector says so.",
    )
    has_more: bool = Field(False, description="Whether there is another page.")
    continuation: str | None = Field(None, description="Give it to the same operation to get the next page.")
    next_link: str | None = Field(
        None, description="The address of the next page, for platforms that get all pages themselves."
    )
    notice: str | None = Field(
        None, description="What was left out to keep the response small, or what else to know; empty otherwise."
    )
    asked: Any = Field(None, exclude=True)
    """The find that this answers."""

    def complete(self, site: Site) -> None:
        """Complete every result."""
        for result in self.results:
            result.complete(site)


class Coverage(Entity):
    """How much of what the site has an answer rests on, where DeskDirector did not do all of the work itself."""

    is_complete: bool = Field(
        True, description="No when some records that may match were not read; notice says why and what to do."
    )
    records_read: int | None = Field(None, description="How many records were read, if more than one page.")
    upstream_calls: int | None = Field(None, description="How many calls to DeskDirector it took.")
    not_known: list[str] | None = Field(
        None, description="Fields that none of the records read had; filtering or sorting by them means nothing."
    )


def read(model: type[E], content: bytes) -> E:
    """Read one answer; `BadGateway` when it is not JSON or lacks what the entity cannot do without."""
    return read_data(model, parse(content))


def read_data(model: type[E], data: Any) -> E:
    """Read an answer that is plain data already; `BadGateway` when it lacks what the entity cannot do without."""
    try:
        entity: E = reader_of(model).read(data)
    except UnreadableError as problem:
        names = ", ".join(problem.names[:MOST_NAMED])
        raise BadGateway(
            "UpstreamShapeUnknown",
            f"DeskDirector's answer lacks or garbles {names}; its API may have changed: run the `doctor` command "
            "against this site to see what differs.",
        ) from None
    return entity
