"""A request as its handler gets it: authenticated, routed and parsed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.simulator.auth import Caller
from workbench.simulator.state import SimulatorState
from workbench.simulator.tenant import Tenant
from workbench.simulator.wire import INT32, bad_request, not_found


@dataclass(slots=True)
class Call:
    """One request, authenticated and routed. `params` are the decoded path values, `body` the parsed JSON."""

    simulator: SimulatorState
    tenant: Tenant
    caller: Caller
    params: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any = None

    def number(self, name: str, limit: int = INT32) -> int:
        """A numeric path value; anything else is a path that does not exist, as with an ASP.NET route constraint."""
        text = self.params[name]
        if not text.isdecimal() or int(text) > limit:
            raise not_found(name, text)
        return int(text)

    def required_query(self, name: str) -> str:
        """A query value that must be there."""
        if not self.query.get(name):
            raise bad_request(**{name: f"The {name} field is required."})
        return self.query[name]

    def query_number(self, name: str, default: int | None = None) -> int:
        """A whole number of the query; 400 when it is missing without a default, or is no number."""
        text = self.query.get(name, "")
        if not text and default is not None:
            return default
        if not text.isdecimal() or int(text) > INT32:
            raise bad_request(**{name: f"The value '{text}' is not valid."})
        return int(text)

    def query_flag(self, name: str) -> bool:
        """`true` or `false` of the query; false when it is missing."""
        text = self.query.get(name, "").lower()
        if text not in {"", "true", "false"}:
            raise bad_request(**{name: f"The value '{text}' is not valid."})
        return text == "true"
