"""A DeskDirector to talk to: both editions with their auth rules, seeded data, real events, and faults on demand.

It is written from the same facts as the backend and shares no code with it, so that a mistake in either shows against
the other. A profile and mutations say what kind of site it is (`profiles.py`, `mutations.py`). `Simulator` is for
tests, `serve` for the command line; `FlowReceiver` is the other end, a stand-in for Power Automate.
"""

from workbench.simulator.app import Simulator, serve
from workbench.simulator.flow_receiver import FlowReceiver, Received
from workbench.simulator.records import Edition
from workbench.simulator.state import RecordedCall
from workbench.simulator.tenant import Tenant

__all__ = ["Edition", "FlowReceiver", "Received", "RecordedCall", "Simulator", "Tenant", "serve"]
