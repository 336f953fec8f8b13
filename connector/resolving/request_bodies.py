"""An input under our names -> a body under DeskDirector's default names; the client then puts it under the site's."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from connector.deskdirector.body_schemas import Body
from connector.deskdirector.client import DeskDirector
from connector.deskdirector.errors import BadRequest, Unprocessable
from connector.deskdirector.field_names import folded, sent_name
from connector.operations.field_model import fields_of
from connector.operations.fields import Changes, Input
from connector.operations.paging import FindInput
from connector.resolving.references import ACTING, Ahead, resolved, upstream_name

ADDITIONAL = "additionalFields"

_OURS_ONLY = frozenset({"take", "continuation", "fields", "idempotencyKey", "clear", ACTING, ADDITIONAL})
_OURS = frozenset({"FieldNotSupported", "FieldGivenTwice"})
"""Codes of refusals that are ours, not the site's."""
_WINDOW = {sent_name(ours): ours for ours in ("take", "continuation")}
"""What a page's window is called upstream, and what a caller gives it by."""


async def translated(
    dd: DeskDirector, inputs: Input, *, known: dict[str, Any] | None = None, ahead: Ahead | None = None
) -> Body:
    """What `given` sets, with references as ids and a find's window; `known` and `ahead` as `resolved` has them."""
    ids = await resolved(dd, inputs, known=known, ahead=ahead)
    return _with_additional(
        {**_plain(inputs), **ids, **(inputs.window if isinstance(inputs, FindInput) else {})}, inputs
    )


def plain_fields(inputs: Input) -> Body:
    """The fields that are set and are no references, with the additional ones."""
    return _with_additional(_plain(inputs), inputs)


@cache
def sent_names(model: type[Input]) -> Mapping[str, str]:
    """The default names of all that `model` may send in a body, each with ours: `{"boardId": "board"}`."""
    ours = (field for field in fields_of(model) if field.name not in _OURS_ONLY | model.elsewhere)
    names = {upstream_name(field): field.name for field in ours}
    return {**names, **_WINDOW} if issubclass(model, FindInput) else names


def _plain(inputs: Input) -> dict[str, Any]:
    names = _plain_names(type(inputs))
    values = inputs.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {names[name]: value for name, value in values.items() if name in names}


@cache
def _plain_names(model: type[Input]) -> Mapping[str, str]:
    """Our names of fields that are no references, each with the default upstream name."""
    references = {field.name for field in fields_of(model) if field.reference}
    return {ours: name for name, ours in sent_names(model).items() if ours not in references | _OURS_ONLY}


def _with_additional(own: dict[str, Any], inputs: Input) -> Body:
    """The tenant's own fields beside ours; `BadRequest` for one that is ours as well."""
    additional: Mapping[str, Any] = getattr(inputs, "additional_fields", None) or {}
    if not additional and not getattr(inputs, "clear", None):
        return Body(own, sent_names(type(inputs)))
    called = dict(sent_names(type(inputs)))
    taken = {folded(name): called.get(name, name) for name in own}
    for name in additional:
        if folded(name) in taken:
            ours = taken[folded(name)]
            raise BadRequest("FieldGivenTwice", f"'{ADDITIONAL}.{name[:60]}' repeats '{ours}'; give it once.")
        called[name] = f"{ADDITIONAL}.{name}"
    own |= _cleared(inputs, {*map(folded, (*own, *additional))}, called)
    return Body({**own, **additional}, called)


def _cleared(inputs: Input, taken: Collection[str], called: dict[str, str]) -> dict[str, Any]:
    """What empties the fields named in `clear`: an empty list for lists, else null; the site's own fields too."""
    fields = {field.name: field for field in fields_of(type(inputs))}
    values: dict[str, Any] = {}
    for name in getattr(inputs, "clear", None) or ():
        sent = upstream_name(fields[name]) if name in fields else name
        if folded(sent) in taken:
            raise BadRequest("FieldGivenTwice", f"'{name[:60]}' is given and named in 'clear'; do only one of the two.")
        values[sent] = [] if name in fields and fields[name].type == "array" else None
        called[sent] = name
    return values


@contextmanager
def explaining_refusals(changes: Changes) -> Iterator[None]:
    """When the site refuses changes that empty fields, the error says that this may be why."""
    try:
        yield
    except (BadRequest, Unprocessable) as refusal:
        names = ", ".join(getattr(changes, "clear", None) or ())
        if not names or refusal.code in _OURS:
            raise
        raise type(refusal)(
            refusal.code, f"{refusal.message} The site may not let {names} be emptied.", details=refusal.details
        ) from None
