"""In which form the find operations of a site take their filters.

Sure are only `skip` and `take`. Singular ids, plural ids, windows and ranges of time are all guesses; a
client must learn them from the schemas. Handlers see one form, whatever the site takes.
"""

from collections.abc import Mapping
from typing import Any

from workbench.simulator.profiles import Profile
from workbench.simulator.shapes import Field, Fields, many, moment, read, record, text

PLURALS: Mapping[str, str] = {
    "boardId": "boardIds",
    "statusId": "statusIds",
    "priorityId": "priorityIds",
    "sourceId": "sourceIds",
    "requestTypeId": "requestTypeIds",
    "companyId": "companyIds",
    "contactId": "contactIds",
    "memberId": "memberIds",
    "userGroupId": "userGroupIds",
    "tag": "tags",
}
DATES: Fields = {
    "createdAfter": moment("Created at or after"),
    "createdBefore": moment("Created before"),
    "updatedAfter": moment("Updated at or after"),
    "updatedBefore": moment("Updated before"),
}
_WINDOW: Fields = {"startTime": moment("Created at or after"), "endTime": moment("Created before")}
_RANGES: Fields = {
    "created": record("Created", {"startTime": moment("Start"), "endTime": moment("End")}),
    "modified": record("Modified", {"startTime": moment("Start"), "endTime": moment("End")}),
}
_DATE_FORMS: Mapping[str, Fields] = {"none": {}, "after_before": DATES, "window": _WINDOW, "ranges": _RANGES}
# What a date of another form means in the one that handlers see.
_DATE_MEANINGS: Mapping[str, str] = {
    "startTime": "createdAfter",
    "endTime": "createdBefore",
    "created.startTime": "createdAfter",
    "created.endTime": "createdBefore",
    "modified.startTime": "updatedAfter",
    "modified.endTime": "updatedBefore",
}
_STATE = text("State", enum=("open", "closed", "any"))


def filter_fields(profile: Profile, filters: Fields, *, dated: bool = False) -> Fields:
    """The filters as this site takes and publishes them; `dated` ones come with dates, where the site has any."""
    taken: dict[str, Field] = {}
    for name, field in filters.items():
        if name in PLURALS and profile.plural_filters:
            taken[PLURALS[name]] = many(field, f"{field.summary} (any of)")
        elif name == "isClosed" and profile.state_words:
            taken["status"] = _STATE
        else:
            taken[name] = field
    return {**taken, **_DATE_FORMS[profile.date_filters]} if dated else taken


def read_filters(profile: Profile, filters: Fields, body: object, *, dated: bool = False) -> dict[str, Any]:
    """A find body as handlers see it: singular names, `…After` and `…Before`, `isClosed`; a value may be a list."""
    taken = read(filter_fields(profile, filters, dated=dated), body)
    singular = {plural: name for name, plural in PLURALS.items()} if profile.plural_filters else {}
    values: dict[str, Any] = {}
    for name, value in taken.items():
        if value is None or value == []:
            continue
        if name in singular:
            values[singular[name]] = value
        elif name == "status" and profile.state_words:
            values |= {} if value == "any" else {"isClosed": value == "closed"}
        elif name in _RANGES and profile.date_filters == "ranges":
            values |= {_DATE_MEANINGS[f"{name}.{end}"]: date for end, date in value.items() if date is not None}
        else:
            values[_DATE_MEANINGS.get(name, name)] = value
    return values


def fits(values: Any, actual: object) -> bool:
    """Whether a filter lets a value pass: absent, equal, or one of several."""
    if values is None:
        return True
    return bool(actual in values if isinstance(values, list) else actual == values)


def lowered(values: Any) -> Any:
    """A text filter, or several, in lower case."""
    return [text.lower() for text in values] if isinstance(values, list) else values.lower()


def within(values: Mapping[str, Any], created: int, modified: int) -> bool:
    """Whether the date filters let something pass: `…After` is inclusive, `…Before` exclusive."""
    return bool(
        values.get("createdAfter", created) <= created
        and values.get("updatedAfter", modified) <= modified
        and values.get("createdBefore", created + 1) > created
        and values.get("updatedBefore", modified + 1) > modified
    )
