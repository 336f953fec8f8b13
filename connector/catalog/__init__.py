"""What the product offers: operations only, one file a resource. `operations()` is the whole catalog."""

from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules

from connector.operations.operation import Operation, loaded_by, registry

READING_ORDER = (
    *(
        "tickets",
        "bulk",
        "notes",
        "time_entries",
        "approvals",
        "tasks",
        "contacts",
        "companies",
        "members",
        "user_groups",
    ),
    *("permissions", "forms", "surveys", "chats", "notifications"),
    *("email_templates", "service", "workflows", "advanced"),
    *(
        "tenant_fields",
        "administration",
        "raw",
        "events",
        "event_schemas",
        "ticket_polling_triggers",
        "polling_triggers",
    ),
)
"""The order in which people read the resources; one that is not listed here follows the others, by name."""


def resources() -> tuple[str, ...]:
    """The name of every catalog file, in the order in which people read them. A new file is found by itself."""
    names = {module.name for module in iter_modules(__path__)}
    return *(name for name in READING_ORDER if name in names), *sorted(names.difference(READING_ORDER))


def operation_of(resource: str, operation_id: str) -> Operation:
    """One operation; imports its resource file only."""
    import_module(f"{__name__}.{resource}")
    return registry()[operation_id]


@lru_cache(maxsize=1)
def operations() -> Mapping[str, Operation]:
    """Every operation by id; imports the resource files on first use."""
    names = resources()
    for name in names:
        import_module(f"{__name__}.{name}")
    # Resource files import each other, so they are not registered in their own order.
    return dict(sorted(registry().items(), key=lambda item: names.index(item[1].resource)))


loaded_by(operations)
