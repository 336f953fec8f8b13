"""What administrators look at: keys for users, errors of the synchronisation with the PSA."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from connector.deskdirector.models import Entity, Page, Timestamp, name_of, required, upstream


class UserKey(Entity):
    """An access token of a contact or member. Source: the vendor's API article, whose names are mixed like this."""

    user_key: Annotated[str, Field(json_schema_extra={"format": "password"})] = required(
        "userKey", "user_key", "accessToken", about="The access token: a secret, keep it out of logs."
    )
    user: str | None = Field(None, description="The person it belongs to, as contact:ID or member:ID.")
    expires_in_seconds: int | None = upstream("expires_in", "expiresIn", about="How many seconds it is valid for.")
    expires_at: Timestamp | None = upstream("expires_on", "expiresOn", about="When it expires, in UTC.")


class SyncError(Entity):
    """Something that could not be copied from the PSA. Shape: unpublished."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    id: str | None = upstream("id", "entityId", about="The id of the error.")
    message: str | None = upstream("message", "errorMessage", "error", "description", about="What went wrong.")
    entity_type: str | None = name_of("entityType", "type", "entity", about="What it went wrong with, e.g. ticket.")
    entity_id: str | None = upstream("recordId", "entity.id", "entityId", about="The id of that.")
    occurred_at: Timestamp | None = upstream("occurredOn", "occurredAt", "createdOn", about="When it happened, in UTC.")
    attempts: int | None = upstream("attempts", "retries", about="How often it has been tried.")


class SyncErrors(Page):
    """The errors of the synchronisation with the PSA."""

    results: list[SyncError] = upstream("results", "errors", "items", "value", about="The errors.", default=[])
    content: dict[str, Any] | None = Field(None, description="The whole response, when it has another shape than this.")
