"""What looking for an unclear create makes of a list that cannot be read: it shows nothing, and proves nothing."""

import time
from collections.abc import Sequence

import pytest

from connector.deskdirector.errors import BadGateway, ConnectorError, Forbidden, NotFound, OutcomeUnknown, Unavailable
from connector.deskdirector.models import Entity
from connector.operations.recovery import Window
from connector.serving import recovery
from connector.serving.recovery import Recovery
from connector.serving.response import Response

UNREADABLE: Sequence[ConnectorError] = (
    Forbidden("NotPermitted", "No."),
    NotFound("RouteNotFound", "No."),
    BadGateway("UpstreamNotApi", "A web page."),
    Unavailable("UpstreamUnavailable", "Later.", retry_after=10),
)


def looking(found: ConnectorError | Sequence[Entity], looks: list[Window]) -> Recovery:
    async def find(window: Window) -> Sequence[Entity]:
        looks.append(window)
        if isinstance(found, ConnectorError):
            raise found
        return found

    return Recovery(find, lambda _: Response(200, b"{}"), True, 0.0, 0.05, time.monotonic() + 60)


async def settled(found: ConnectorError | Sequence[Entity], looks: list[Window]) -> Response:
    async def repeat() -> Response:
        return Response(200, b'{"id":2}')

    return await looking(found, looks).settle(OutcomeUnknown("OutcomeUnknown", "Unclear."), time.time(), repeat)


async def test_nothing_is_repeated_unless_a_list_was_read_and_shows_nothing() -> None:
    assert (await settled([], [])).body == b'{"id":2}'
    for unreadable in UNREADABLE:
        with pytest.raises(OutcomeUnknown):
            await settled(unreadable, [])


@pytest.mark.parametrize("unreadable", UNREADABLE, ids=lambda problem: str(problem.code))
async def test_a_refusal_ends_the_looking_and_a_failure_does_not(
    unreadable: ConnectorError, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "_PAUSES", (0.001,) * 5)
    looks: list[Window] = []
    await looking(unreadable, looks)._look_until(time.time(), time.time() + 0.2)
    assert (len(looks) == 1) == (unreadable.retry_after is None)
