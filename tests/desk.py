"""The whole product as a caller meets it: HTTP -> Microsoft's worker library -> catalog -> client -> simulator."""

import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector.catalog import operations
from connector.operations.signature import signature_of
from workbench.localhost import LocalHost
from workbench.simulator import Simulator, Tenant
from workbench.simulator.threaded import on_a_thread

ROOT = Path(__file__).resolve().parent.parent
generous = pytest.mark.parametrize("desk", ["generous"], indirect=True)
"""For tests of what nobody has published: routes, filters and schemes that are only assumed."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    json: Any
    headers: Mapping[str, str]

    @property
    def code(self) -> str:
        """The error code, or nothing."""
        return self.json.get("error", {}).get("code", "") if isinstance(self.json, dict) else ""


class Desk:
    """Calls operations by their id with flat arguments, as a model would; sends them where a flow would."""

    def __init__(self, simulator: Simulator, url: str) -> None:
        self.simulator = simulator
        self.url = url
        self.client = httpx.Client(timeout=300, trust_env=False)

    @property
    def tenant(self) -> Tenant:
        """The state of the Tokity edition, which `call` talks to unless it says otherwise."""
        return self.simulator.tenant("tokity")

    def headers(self, key: str | None = None, site: str | None = None) -> dict[str, str]:
        """The headers of a connection."""
        return {"dd-host": site or self.simulator.site, "dd-api-key": key or self.simulator.tokity_key}

    def call(self, operation_id: str, *, headers: Mapping[str, str] | None = None, **given: Any) -> Answer:
        """Call an operation; each argument goes to the path, the query or the body, as the operation declares."""
        operation = operations()[operation_id]
        fields = signature_of(operation).fields(operation)
        places = {field.name: location for location, field in fields}
        path = operation.path
        for name, value in given.items():
            path = path.replace(f"{{{name}}}", str(value))
        query = {name: value for name, value in given.items() if places.get(name) == "query"}
        body = {name: value for name, value in given.items() if places.get(name, "body") == "body"}
        return self.send(
            operation.method,
            f"/api/{path}",
            params=query,
            json=body if signature_of(operation).body else None,
            headers={**self.headers(), **(headers or {})},
        )

    def send(self, method: str, path: str, **options: Any) -> Answer:
        """Send any request; the body is read as JSON when it is some."""
        response = self.client.request(method, self.url + path, **options)
        try:
            parsed = json.loads(response.content) if response.content else None
        except ValueError:
            parsed = response.text
        return Answer(response.status_code, parsed, response.headers)


def running_simulator(**options: Any) -> AbstractContextManager[Simulator]:
    """A simulator on a thread of its own; its state may be read and set from the test."""
    return on_a_thread(lambda: Simulator(**options))


@contextmanager
def running_desk(simulator: Simulator, **environment: str) -> Iterator[tuple[Desk, LocalHost]]:
    """The app, served by the local host in a process of its own, for this simulator."""
    forgetful = {"CONNECTOR_LOOKUP_SECONDS": "0", "CONNECTOR_SCHEMA_SECONDS": "0", "CONNECTOR_RECOVER_SECONDS": "1"}
    forgetful |= {"CONNECTOR_REFUSED_SECONDS": "0", "CONNECTOR_CONNECTION_RATE": "0", "CONNECTOR_ADDRESS_RATE": "0"}
    env = {"CONNECTOR_DEVELOPMENT_SITES": simulator.site, **forgetful, **environment}
    with LocalHost(ROOT, env=env) as host:
        desk = Desk(simulator, host.url)
        try:
            yield desk, host
        finally:
            desk.client.close()
