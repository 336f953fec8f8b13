"""The control routes under `/_control`: not part of DeskDirector, open to anyone who can reach the simulator."""

from typing import Any

from workbench.simulator.auth import Access
from workbench.simulator.call import Call
from workbench.simulator.clock import TICKS_PER_SECOND, ticks, wire
from workbench.simulator.faults import Fault
from workbench.simulator.router import Routes
from workbench.simulator.shapes import Fields, decimal, flag, many, moment, read, text
from workbench.simulator.wire import bad_request

routes = Routes("/_control")
PREFIX = "/_control/"
EARLIEST, LATEST = ticks("2000-01-01"), ticks("2100-01-01")
_PROFILE: Fields = {"profile": text("Profile", required=True), "mutations": many(text("Mutation"), "Mutations")}
_CLOCK: Fields = {"seconds": decimal("Move by"), "set": moment("Set to"), "frozen": flag("Stopped")}


@routes.get("/state", allow=Access.OPEN)
def state(call: Call) -> dict[str, Any]:
    """How much there is of everything, by edition."""
    return {
        "now": wire(call.simulator.clock.now()),
        **call.simulator.profile.describe(),
        "calls": call.simulator.total_calls,
        "faults": len(call.simulator.faults),
        "editions": {edition: _counts(call, edition) for edition in call.simulator.tenants},
    }


def _counts(call: Call, edition: str) -> dict[str, int]:
    tenant = call.simulator.tenants[edition]
    return {
        "companies": len(tenant.companies),
        "contacts": len(tenant.contacts),
        "members": len(tenant.members),
        "boards": len(tenant.boards),
        "tickets": len(tenant.tickets),
        "notes": sum(len(ticket.notes) for ticket in tenant.tickets.values()),
        "tokens": len(tenant.tokens),
    }


@routes.get("/calls", allow=Access.OPEN)
def calls(call: Call) -> dict[str, Any]:
    """The recorded calls, oldest first (the newest 5,000 are kept)."""
    return {"results": [recorded.describe() for recorded in call.simulator.calls]}


@routes.post("/faults", allow=Access.OPEN)
def add_fault(call: Call) -> dict[str, Any]:
    """Plan a fault (see `faults.py`); an array plans several."""
    faults = [Fault.parse(body) for body in (call.body if isinstance(call.body, list) else [call.body])]
    call.simulator.faults.extend(faults)
    return {"planned": len(call.simulator.faults)}


@routes.on("DELETE", "/faults", allow=Access.OPEN)
def clear_faults(call: Call) -> dict[str, Any]:
    """Forget all planned faults."""
    call.simulator.faults.clear()
    return {"planned": 0}


@routes.post("/reset", allow=Access.OPEN)
def reset(call: Call) -> dict[str, Any]:
    """Back to the seeded state: no faults, no tokens, no recorded calls, the clock on time."""
    call.simulator.reset()
    return {"status": "ok"}


@routes.post("/profile", allow=Access.OPEN)
def become(call: Call) -> dict[str, Any]:
    """Be another kind of site (see `profiles.py`), seeded again."""
    values = read(_PROFILE, call.body)
    try:
        call.simulator.become(values["profile"], values.get("mutations") or [])
    except ValueError as problem:
        raise bad_request(profile=str(problem)) from None
    return call.simulator.profile.describe()


@routes.post("/clock", allow=Access.OPEN)
def move_clock(call: Call) -> dict[str, Any]:
    """Move by `seconds`, `set` to an ISO date, or stop and start with `frozen`."""
    clock = call.simulator.clock
    values = read(_CLOCK, call.body)
    if values.get("frozen") is not None:
        clock.freeze(frozen=values["frozen"])
    target = clock.now() if values.get("set") is None else values["set"]
    distance = (values.get("seconds") or 0) * TICKS_PER_SECOND
    if not EARLIEST <= target + distance <= LATEST:
        raise bad_request(seconds="The clock can be moved between the years 2000 and 2100.")
    clock.move(target + round(distance) - clock.now())
    return {"now": wire(clock.now())}
