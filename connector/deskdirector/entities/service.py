"""What drop-downs offer: boards, statuses, priorities … Shape: `List[int]` and `List[str]` of the v1.9 connector."""

from pydantic import ConfigDict

from connector.deskdirector.models import Entity, Page, found, required, upstream


class Choice(Entity):
    """One choice of a drop-down. Ids are text here, so that an id and a name fit the same field."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    id: str = required("id", "entityId", "identifier", about="The id: what to give as the value.")
    name: str = required("name", "title", "id", about="The name: what people see.")
    is_closed: bool | None = upstream(
        "isClosed", "closed", about="Of a status: whether it ends a ticket.", exclude=True
    )


class Choices(Page):
    """Everything that a drop-down offers."""

    results: list[Choice] = found(about="The choices.")
