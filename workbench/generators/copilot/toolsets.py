"""Which operations stand in which plugin.

Models choose well among ten functions, and an agent keeps five plugins in view: so the default plugin has the ten that
most conversations need, and four more hold the rest by subject (docs/decisions/copilot-gets-ten-functions.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from connector.operations.operation import Kind, Operation
from workbench.generators.openapi.dialect import is_for_models


@dataclass(frozen=True, slots=True)
class Toolset:
    """One plugin. `name` is part of its files and its namespace; empty for the default one."""

    name: str
    title: str
    """At most 20 characters: what people see."""
    about: str
    """At most 100 characters: what people read."""
    about_for_model: str
    resources: tuple[str, ...] = ()

    @property
    def suffix(self) -> str:
        """What its files end in."""
        return f"-{self.name}" if self.name else ""

    @property
    def plugin_file(self) -> str:
        """The file of the plugin manifest."""
        return f"ai-plugin{self.suffix}.json"

    @property
    def api_file(self) -> str:
        """The file of the OpenAPI document."""
        return f"openapi{self.suffix}.json"


DEFAULT = Toolset(
    name="",
    title="DeskDirector",
    about="See how the desk is doing; find, read, create, change and close tickets; write notes and time.",
    about_for_model="Works with the tickets of a service desk in DeskDirector: how many are open and where, who has "
    "how much to do, which are late, wait for us or for the contact, or were not touched for days; read one with its "
    "notes, tasks, time and files; create tickets; change, assign or close one or several; write notes and time "
    "entries. Names are taken wherever ids are.",
)
MOST_USED = (
    *("GetHelpDesk", "FindTickets", "CountTickets", "GetWorkload", "GetTicket"),
    *("CreateTicket", "UpdateTickets", "CloseTickets", "AddTicketNote", "AddTimeEntry"),
)
TOOLSETS = (
    Toolset(
        name="work",
        title="DeskDirector Work",
        about="Edit, reopen and tag tickets, page through notes, approve or decline, files, tasks and time.",
        about_for_model="Does what is rarer with DeskDirector tickets: change the title or description of one, reopen, "
        "add members, add and remove tags, links to a ticket, all of its notes, the same note to several, its files, "
        "approve or decline on behalf of a contact, task lists and their templates, answers to surveys, time entries "
        "of members in a period.",
        resources=("tickets", "notes", "time_entries", "approvals", "tasks"),
    ),
    Toolset(
        name="people",
        title="DeskDirector People",
        about="Read and keep contacts, companies, members, user groups and what contacts may do.",
        about_for_model="Reads and changes the people in DeskDirector: contacts, their companies, user groups (teams) "
        "and permissions, and the members of the service desk.",
        resources=("contacts", "companies", "members", "user_groups", "permissions"),
    ),
    Toolset(
        name="messages",
        title="DeskDirector Forms",
        about="Read forms and their results, chats, and send notifications.",
        about_for_model="Reads forms of the DeskDirector portal and what people answered, reads chats and invites "
        "people to them, and sends notifications to contacts and members.",
        resources=("forms", "chats", "notifications"),
    ),
    Toolset(
        name="lists",
        title="DeskDirector Lists",
        about="List boards, statuses, priorities, request types, companies, forms and the like.",
        about_for_model="Lists what there is to choose from in DeskDirector: boards, the statuses of a board, "
        "priorities, sources, request types, companies, members, user groups, forms, task templates. Only needed when "
        "a name is not known, because names are taken wherever ids are.",
        resources=("service",),
    ),
)
WORK, LISTS = TOOLSETS[0], TOOLSETS[-1]
NOT_FOR_CONVERSATIONS = (
    *("email_templates", "workflows", "advanced", "tenant_fields", "administration", "raw", "events", "event_schemas"),
)
"""What serves flows, designers and administrators: nobody asks for it in a chat."""


def members(operations: Mapping[str, Operation]) -> dict[Toolset, list[Operation]]:
    """The operations of each plugin, in the order of the catalog."""
    found: dict[Toolset, list[Operation]] = {toolset: [] for toolset in (DEFAULT, *TOOLSETS)}
    for operation in operations.values():
        if is_for_models(operation) and (toolset := _toolset_of(operation)):
            found[toolset].append(operation)
    return found


def _toolset_of(operation: Operation) -> Toolset | None:
    """The plugin of its resource; a resource that none names, as a new one, is part of the work."""
    if operation.id in MOST_USED:
        return DEFAULT
    if operation.resource in NOT_FOR_CONVERSATIONS:
        return None
    if operation.kind is Kind.LOOKUP:
        return LISTS
    return next((toolset for toolset in TOOLSETS if operation.resource in toolset.resources), WORK)
