"""The tenants of a simulator, one for each edition, seeded when they are first looked at."""

from collections.abc import Iterator, Mapping
from threading import RLock

from workbench.simulator.clock import Clock
from workbench.simulator.profiles import Profile
from workbench.simulator.records import Edition
from workbench.simulator.seed import seeded_tenant
from workbench.simulator.tenant import Tenant


class Tenants(Mapping[str, Tenant]):
    """As they were at the moment of making this: moves of the clock before the first look change no seeded date."""

    def __init__(self, editions: tuple[Edition, ...], clock: Clock, profile: Profile, tickets: int) -> None:
        self._editions = editions
        self._clock = clock
        self._begin = clock.now()
        self._profile = profile
        self._tickets = tickets
        self._made: dict[str, Tenant] = {}
        self._lock = RLock()  # a test may look while the server does

    def __getitem__(self, name: str) -> Tenant:
        with self._lock:
            for edition in self._editions:
                if edition == name and edition not in self._made:
                    self._made[edition] = self._seeded(edition)
            return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._editions

    def __iter__(self) -> Iterator[str]:
        return iter(self._editions)

    def __len__(self) -> int:
        return len(self._editions)

    def _seeded(self, edition: Edition) -> Tenant:
        standing = Clock()
        standing.freeze(frozen=True)
        standing.move(self._begin - standing.now())
        tenant = seeded_tenant(edition, standing, self._profile, self._tickets)
        tenant.clock = self._clock
        return tenant
