"""What the product offers: one file a resource. `operations()` is the whole catalog, in the order people read it."""

from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module

from .operation import Operation, registry

RESOURCES = (
    *("tickets", "notes", "time_entries", "approvals", "tasks", "contacts", "companies", "members", "user_groups"),
    *("permissions", "forms", "chats", "notifications", "email_templates", "service", "workflows", "advanced"),
    *("tenant_fields", "administration", "raw", "events", "event_schemas", "polling_triggers"),
)


@lru_cache(maxsize=1)
def operations() -> Mapping[str, Operation]:
    """Every operation by id; imports the resource files on first use."""
    for resource in RESOURCES:
        import_module(f".{resource}", __name__)
    # Resource files import each other, so they are not registered in their own order.
    return dict(sorted(registry().items(), key=lambda item: RESOURCES.index(item[1].resource)))
