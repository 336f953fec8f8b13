"""docs/inputs.md: how inputs are read, for makers. Every example is read by the reader itself when the page is made."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from connector.operations.input_limits import MOST_ITEMS, MOST_REFERENCES
from connector.operations.moments import EXAMPLE, RELATIVE_FORMS
from connector.operations.operation import Operation
from connector.operations.problems import MOST_NAMED
from connector.operations.reading import CLIENTS_OWN
from connector.operations.signature import signature_of
from connector.operations.value_readers import NOT_GIVEN, Reading, UnreadableError, reader_of

PAGE = "inputs.md"


_EXAMPLES: tuple[tuple[str, str, str, tuple[Any, ...]], ...] = (
    ("Text", "CreateTicket", "description", (31, "one\u000btwo", "   ", {"a": 1})),
    ("Id or name", "CreateTicket", "board", ("Support", 4, "Sup\u0000port")),
    ("E-mail address", "CreateContact", "email", ("Jane Doe <jane@acme.com>", "mailto:jane@acme.com")),
    ("Whole number", "FindTickets", "take", ("31", 31.0, "31.0", "1.5", "3_1")),
    ("Ticket number", "GetTicket", "ticket_id", ("#11500", "T11500")),
    ("Yes or no", "FindTickets", "is_closed", ("yes", "FALSE", 1, "maybe")),
    ("Choice", "FindTickets", "assigned", ("Unassigned", " ME ", "everybody")),
    ("Date and time", "CreateTicket", "due_at", ("2026-03-01", "2026-03-01T10:00:00+1300", "2026-02-30", "03/01/2026")),
    ("List of texts", "CreateTicket", "tags", (["vip", None, ""], "vip", '["vip", "vpn"]', "vip, vpn", [])),
    ("List of people", "InviteUsersToChat", "members", ("a@acme.com, b@acme.com", "Doe, Jane", [13])),
    ("List that an operation is about", "AssignTicket", "assigned_to", ([], [None], "")),
    ("Object", "UpdateTicket", "additional_fields", ('{"assetTag": "LT-1"}', {"assetTag": "", "floor": 2}, "LT-1")),
)


def render(operations: Mapping[str, Operation], host: str) -> dict[str, bytes]:
    """The page, by its path below `docs`."""
    del host
    parts = (_HEAD, _RULES, _examples(operations), _clearing(operations.values()), _REST)
    return {PAGE: ("\n\n".join(part.strip() for part in parts) + "\n").encode()}


def _examples(operations: Mapping[str, Operation]) -> str:
    rows = [
        f"| {kind if place == 0 else ''} | {_code(sent)} | {_outcome(operations[operation], name, sent)} |"
        for kind, operation, name, values in _EXAMPLES
        for place, sent in enumerate(values)
    ]
    return "\n".join(
        ("## What becomes of what is sent", "", "| Kind | Sent | Taken as |", "| --- | --- | --- |", *rows)
    )


def _outcome(operation: Operation, name: str, sent: Any) -> str:
    signature = signature_of(operation)
    model = signature.body[1] if signature.body else signature.parameters
    reader = reader_of(name, model.model_fields[name])
    try:
        taken = reader(sent, Reading())
    except UnreadableError as problem:
        return f"refused: {problem.remedy}"
    return "not given" if taken is NOT_GIVEN else _code(taken)


def _code(value: Any) -> str:
    return f"`{json.dumps(value, ensure_ascii=False)}`".replace("|", "\\|")


def _clearing(operations: Iterable[Operation]) -> str:
    rows = [
        f"| {operation.title} | {', '.join(f'`{name}`' for name in field.items.enum)} |"
        for operation in operations
        for _, field in signature_of(operation).fields(operation)
        if field.name == "clear" and field.items
    ]
    return "\n".join(
        (
            "## Emptying a field",
            "",
            "A blank never empties anything; `clear` does. It also takes the names of fields that only the site has.",
            "A site may refuse to empty a field; the error says so. A field cannot be given and cleared at once.",
            "",
            "| Operation | `clear` takes |",
            "| --- | --- |",
            *rows,
        )
    )


_HEAD = """
# What inputs may look like

One reader takes the inputs of all operations, from Power Automate, Power Apps, Logic Apps, models and HTTP
alike. It understands what the tools really send. The kind of a field decides; no operation has rules of its
own. Generated from the reader; a test sends every form to every field of every operation.
"""
_OWN = ", ".join(f"`{name}`" for name in sorted(CLIENTS_OWN))
_RULES = f"""
## The rules

- **Blank means not given.** Null, an empty text and white space are the same as leaving the field out, in every
  field. Blank entries of a list are dropped. A required field that is blank is missing.
- **A blank never wipes.** An update leaves the field as it is. When all that came was blank, the answer is the
  unchanged object with a `notice`. An empty list is a blank too, except where the operation is all about that
  list: Assign ticket.
- **Shapes.** A list may come as a list, one value, JSON text of a list, or text with commas where its entries
  hold none (names may, so only ids and addresses are split). An object may come as JSON text. Numbers may come
  as text, text as numbers. Choices need no exact case or spacing. Ids are plain digits.
- **Text.** In free text a vertical tab or form feed becomes a line break, other control characters vanish, half
  an emoji becomes \ufffd. In ids, keys and names they are refused, since those stand for something.
- **Names** are compared without case, extra spaces, invisible characters and forms of accents. People go by
  e-mail address, name or id; `me` is the member of the connection. Filters of tickets take several, with commas or as
  a list; a name that has commas itself is tried as one name first.
- **Dates** are ISO 8601, such as `{EXAMPLE}`; without a zone they are UTC. A day or second that does not exist
  is refused. The filters of finds also take {RELATIVE_FORMS}; days begin at midnight of `CONNECTOR_TIME_ZONE`,
  and the answer's `notice` says what each was taken for.
- **Paths.** A name may stand in a path, percent-encoded once, a slash too.
- **Misspelt names** of fields are refused with the nearest one. What a client adds of its own is dropped:
  {_OWN} and `x-…`, where an operation has no such field.
- **Limits.** {MOST_REFERENCES} entries in a list of people or things, {MOST_ITEMS:,} in other lists, unless a
  field says less.
- **Errors** name everything that is wrong at once, at most {MOST_NAMED} things, and never repeat a value.
  Whatever can be checked is checked before anything is written.
"""
_REST = """
## Repeats

A create that is repeated with the same `idempotencyKey`, or by the same step of the same flow run with the same
content, is done once: the repeat gets the first answer with `repeated: true`. A loop that creates equal things
gets `repeated` too; give each its own key.
"""
