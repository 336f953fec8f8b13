"""The simulator's state, as handlers see and change it: tenants, clock, planned faults, recorded calls."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Unpack

from workbench.simulator.clock import Clock
from workbench.simulator.delivery import Courier
from workbench.simulator.events import Events
from workbench.simulator.faults import Fault, FaultPlan
from workbench.simulator.mutations import profile_of
from workbench.simulator.profiles import Profile
from workbench.simulator.records import Edition
from workbench.simulator.tenant import Tenant
from workbench.simulator.tenants import Tenants

MAX_RECORDED_CALLS = 5000


@dataclass(slots=True)
class RecordedCall:
    """A call as it arrived: `scheme` of its Authorization header, `caller` once known, `status` once answered.

    The credential itself is not kept. `body` is the parsed JSON, or None.
    """

    method: str
    path: str
    query: Mapping[str, str]
    scheme: str
    body: Any = None
    caller: str = ""
    status: int = 0

    def describe(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "scheme": self.scheme,
            "caller": self.caller,
            "status": self.status,
            "body": self.body,
        }


class SimulatorState:
    """Everything that a call can read or change. The server that serves it is `app.Simulator`."""

    def __init__(
        self,
        host: str,
        port: int,
        editions: tuple[Edition, ...],
        seeded_tickets: int,
        clock: Callable[[], Clock],
        profile: Profile,
    ) -> None:
        self.profile = profile
        self.host = host
        self.port = port
        self._editions = editions
        self._seeded_tickets = seeded_tickets
        self._new_clock = clock
        self.courier = Courier()
        self.events = Events(self.courier)
        self.reset()

    def reset(self) -> None:
        """Seed again; forget faults, tokens, recorded calls and moves of the clock."""
        self.clock = self._new_clock()
        self.tenants = Tenants(self._editions, self.clock, self.profile, self._seeded_tickets)
        self.faults: list[Fault] = []
        self.calls: deque[RecordedCall] = deque(maxlen=MAX_RECORDED_CALLS)
        self.total_calls = 0
        self.courier.forget()

    def become(self, profile: str, mutations: Iterable[str] = ()) -> None:
        """Be another kind of site, seeded again; `ValueError` for a name that does not exist."""
        self.profile = profile_of(profile, mutations)
        self.reset()

    @property
    def site(self) -> str:
        """The site host to connect with, `127.0.0.1:PORT`."""
        return f"{self.host}:{self.port}"

    def tenant(self, edition: Edition) -> Tenant:
        """The state of an edition."""
        return self.tenants[edition]

    def add_fault(self, **fault: Unpack[FaultPlan]) -> None:
        """Plan a fault, e.g. `kind="status", path="/tickets", status=503, times=2` (see `faults.py`)."""
        self.faults.append(Fault.parse(fault))
