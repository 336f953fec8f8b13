"""A tenant whose fields have other names, on demand: what a client must learn from the schemas.

`POST /_control/names {"edition", "names": {"boardId": "queueId", "name": "summary"}}` renames fields everywhere on the
connector surface: in bodies taken, in answers, and in the schemas. A body with an old name is not understood any more.
"""

import json
from typing import Any

from workbench.simulator.wire import Answer, dump


def from_site_names(renamed: dict[str, str], body: Any) -> Any:
    """A caller's body under our names; keys under old names are dropped, as unknown keys are."""
    back = {new.lower(): old for old, new in renamed.items()}
    gone = {old.lower() for old in renamed}
    match body:
        case list():
            return [from_site_names(renamed, item) for item in body]
        case dict():
            return {
                back.get(key.lower(), key): from_site_names(renamed, value)
                for key, value in body.items()
                if key.lower() in back or key.lower() not in gone
            }
    return body


def to_site_names(renamed: dict[str, str], answer: Answer) -> Answer:
    """An answer, or a schema, under the tenant's names."""
    answer.body = dump(_renamed(renamed, json.loads(answer.body)))
    return answer


def _renamed(renamed: dict[str, str], value: Any) -> Any:
    match value:
        case list():
            return [_renamed(renamed, item) for item in value]
        case dict():
            fields = {renamed.get(key, key): _renamed(renamed, inner) for key, inner in value.items()}
            if isinstance(value.get("required"), list):
                fields["required"] = [renamed.get(name, name) for name in value["required"]]
            return fields
    return value
