"""The relay's functions: which there are for how many queues, and how much work is divided."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import azure.functions as func
import pytest

from connector.queue_names import INBOUND_QUEUE, inbound_queues
from connector.serving import relay_handlers
from connector.serving.relay_functions import register_relay
from connector.settings import Settings
from tests.desk import running_desk
from tests.relay.flows import local
from workbench.simulator import Simulator

SECRET = "a-webhook-secret"


def queues_of(settings: Settings) -> dict[str, str]:
    """Function -> the queue that starts it."""
    app = func.FunctionApp()
    register_relay(app, settings)
    found = {}
    for function in app.get_functions():
        trigger = function.get_trigger()
        if trigger is not None and trigger.type == "queueTrigger":
            found[str(function.get_function_name())] = str(trigger.get_dict_repr()["queueName"])
    return found


def test_every_inbound_queue_has_a_function_and_a_last_resort() -> None:
    one, three = queues_of(Settings()), queues_of(Settings(inbound_queues=3))
    assert one["RelayFanOut"] == INBOUND_QUEUE
    added = {name: queue for name, queue in three.items() if name not in one}
    assert added == {
        "RelayFanOut2": "connector-inbound-2", "RelayFanOut3": "connector-inbound-3",
        "RelayFanOutPoison2": "connector-inbound-2-poison", "RelayFanOutPoison3": "connector-inbound-3-poison",
    }  # fmt: skip
    assert inbound_queues(1) == (INBOUND_QUEUE,)


def test_posts_are_spread_over_the_queues_and_all_become_events(simulator: Simulator, tmp_path: Path) -> None:
    environment = {"CONNECTOR_INBOUND_QUEUES": "3", "CONNECTOR_DATA_DIR": str(tmp_path)}
    with running_desk(simulator, **environment) as (desk, _):
        asked = {"site": simulator.site, "name": "orders", "secret": SECRET}
        path = local(desk, desk.send("POST", "/api/operator/webhooks", json=asked).json["url"])
        for number in range(6):
            body = json.dumps({"id": number}).encode()
            signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
            headers = {"x-dd-signature": f"sha256={signature}"}
            assert desk.send("POST", path, content=body, headers=headers).status == 202
        deadline = time.monotonic() + 300
        while len(desk.send("GET", "/api/operator/events").json["results"]) < 6:
            assert time.monotonic() < deadline
            time.sleep(0.1)


class Lots:
    """An output binding of the host."""

    def __init__(self) -> None:
        self.messages: list[Any] = []

    def set(self, messages: list[str]) -> None:
        self.messages = [json.loads(each) for each in messages]


async def test_what_is_too_much_for_one_run_is_left_to_others_in_lots(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"r{number}" for number in range(250)]
    done: list[str] = []

    async def look(relay: object) -> tuple[int, Sequence[str]]:
        return 1_000, names

    async def put_right(relay: object, identities: Iterable[str]) -> dict[str, int]:
        done.extend(identities)
        return {}

    async def nothing(relay: object) -> None:
        return

    for name, stub in (("look", look), ("put_right", put_right), ("raise_alerts", nothing), ("finish_all", nothing)):
        monkeypatch.setattr(relay_handlers, name, stub)
    lots = Lots()
    await relay_handlers.run_upkeep(lots, Settings())  # type: ignore[arg-type]  # as the host binds it
    assert [len(each) for each in lots.messages] == [100, 50]
    assert [*done, *(name for lot in lots.messages for name in lot)] == names
