"""A setting that cannot work is one sentence at the start, and in Azure at every call; never a 500 later."""

import asyncio
import json
import os
import subprocess
import sys
import time
from dataclasses import fields
from types import SimpleNamespace
from typing import Any, cast

import azure.functions as func
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.deskdirector.errors import Unavailable
from connector.relay.relay import Relay
from connector.serving import health
from connector.serving.startup import checked_settings, unusable_app
from connector.setting_values import HOW_TO_MAKE_A_KEY
from connector.settings import Settings, SettingsError
from tests.desk import ROOT, Desk
from workbench.localhost import LocalHost

AZURE = {"WEBSITE_INSTANCE_ID": "one", "CONNECTOR_SECRETS_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="}
BAD: list[tuple[str, str]] = [
    ("ALLOWED_SITES", "com"),
    ("ALLOWED_SITES", "https://portal.example.com"),
    ("DEVELOPMENT_SITES", "acme.deskdirector.com:443"),
    ("DEVELOPMENT_SITES", "127.0.0.9"),
    ("ALLOWED_SITES", "10.0.0.1"),
    ("ALLOWED_SITES", "café.example.com"),
    ("DEFAULT_SITE", "https://support.deskdirector.com"),
    ("DEFAULT_SITE", "support.example.com"),
    ("DEFAULT_SITE", "*.deskdirector.com"),
    ("DEFAULT_SITE", "127.0.0.1:7070"),
    ("FUNCTIONS_HOST", "127.0.0.1"),
    ("FUNCTIONS_HOST", "localhost:70000"),
    ("ALERT_WEBHOOK", "hooks.example.com/services/T0/B0"),
    ("ALERT_WEBHOOK", "http://hooks.example.com/services/T0/B0"),
    ("ALERT_WEBHOOK", "https://user:word@hooks.example.com/services"),
    ("KEY_SCHEME", "digest"),
    ("AUTH_LEVEL", "admin"),
    ("BUDGET_SECONDS", "0"),
    ("BUDGET_SECONDS", "231"),
    ("MAX_BODY_KB", "99999999999999999999"),
    ("LOOKUP_SECONDS", "1.5"),
    ("FUNCTIONS_HOST", "functions"),
    ("SECRETS_KEY", "password"),
    ("SECRETS_KEY", " , "),
    ("SANITIZE", ","),
    ("DEVELOPMENT_SITES", "127.0.0.1:\u0668\u0660"),
    ("PUBLIC_URL", "https://desk example.com"),
    ("PUBLIC_URL", "https://dësk.example.com"),
    ("ALERT_WEBHOOK", "https://hooks example.com/services"),
    ("HOST_MASTER_KEY", "short"),
    ("HOST_MASTER_KEY", "with a blank in the middle"),
    ("PUBLIC_URL", "mydesk.example.com"),
    ("PUBLIC_URL", "http://desk.example.com"),
    ("PUBLIC_URL", "https://user:word@desk.example.com"),
    ("ALLOWED_CALLBACKS", "*"),
    ("DEVELOPMENT_CALLBACKS", "10.0.0.1:80"),
    ("ALLOWED_ORIGINS", "mychat.example.com"),
    ("TIME_ZONE", "Europe/Atlantis"),
]


@pytest.mark.parametrize(("name", "value"), BAD, ids=lambda text: text[:30])
def test_a_bad_value_is_one_sentence_that_names_its_setting_but_not_its_value(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        checked_settings({f"CONNECTOR_{name}": value})

    sentence = str(caught.value)
    assert sentence.startswith(f"CONNECTOR_{name} must be ")
    assert sentence.count("\n") == 0
    assert len(value) < 5 or value not in sentence


@given(
    st.sampled_from([setting.name for setting in fields(Settings) if "parse" in setting.metadata]), st.text(max_size=60)
)
def test_no_value_whatever_it_is_fails_in_another_way(name: str, value: str) -> None:
    problem = ""
    try:
        checked_settings({f"CONNECTOR_{name.upper()}": value})
    except SettingsError as caught:
        problem = str(caught)
    assert problem == "" or problem.startswith(f"CONNECTOR_{name.upper()} must be ")


@pytest.mark.parametrize("name", [setting.name for setting in fields(Settings) if "parse" in setting.metadata])
def test_a_secret_that_azure_could_not_read_is_no_value(name: str) -> None:
    value = "@Microsoft.KeyVault(SecretUri=https://vault.example.net/secrets/key)"
    with pytest.raises(SettingsError, match=f"CONNECTOR_{name.upper()} must be a value; Azure could not read it"):
        checked_settings({f"CONNECTOR_{name.upper()}": value})


def test_the_same_key_twice_would_give_the_greater_right() -> None:
    keys = {"CONNECTOR_CONSOLE_KEY": "k" * 20, "CONNECTOR_CONSOLE_VIEWER_KEY": "k" * 20}
    with pytest.raises(SettingsError, match="CONSOLE_VIEWER_KEY must be another key than CONNECTOR_CONSOLE_KEY"):
        checked_settings(keys)


@pytest.mark.parametrize("environment", [{}, {"PATH": "/bin", "CONNECTOR_ENDPOINT_GET_TICKET": "/api/v9/t/{ticketId}"}])
def test_nothing_and_what_is_not_ours_is_fine(environment: dict[str, str]) -> None:
    checked_settings(environment)


def test_a_misspelt_setting_is_named_with_what_is_meant() -> None:
    with pytest.raises(SettingsError, match="CONNECTOR_ALOWED_SITES is no setting; perhaps CONNECTOR_ALLOWED_SITES"):
        checked_settings({"CONNECTOR_ALOWED_SITES": "portal.example.com"})


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"CONNECTOR_SECRETS_KEY": ""}, "CONNECTOR_SECRETS_KEY must be set in Azure"),
        ({"CONNECTOR_DEVELOPMENT_SITES": "127.0.0.1:7070"}, "CONNECTOR_DEVELOPMENT_SITES must not be set in Azure"),
        (
            {"CONNECTOR_DEVELOPMENT_CALLBACKS": "127.0.0.1:7"},
            "CONNECTOR_DEVELOPMENT_CALLBACKS must not be set in Azure",
        ),
    ],
)
def test_what_azure_needs_and_must_not_have(changed: dict[str, str], sentence: str) -> None:
    checked_settings(AZURE)
    with pytest.raises(SettingsError, match=sentence):
        checked_settings({**AZURE, **changed})


def called(functions: dict[str | None, Any], name: str, path: str) -> Any:
    function = functions[name]
    request = func.HttpRequest(
        "GET", f"https://app/{path}", headers={}, params={}, route_params={"path": path}, body=b""
    )
    return asyncio.run(function.get_user_function()(request, None))


def test_in_azure_an_app_that_is_not_set_up_says_so_at_every_call() -> None:
    made = unusable_app(SettingsError("CONNECTOR_X must be set.")).get_functions()
    app = {one.get_function_name(): one for one in made}
    answer = called(app, "ZUnusable", "api/tickets/7")
    ready, live = called(app, "HealthReady", "api/health/ready"), called(app, "Health", "api/health")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert json.loads(answer.get_body())["message"] == "This app is not set up: CONNECTOR_X must be set."
    assert (ready.status_code, live.status_code) == (503, 200)
    assert "CONNECTOR_X" in ready.get_body().decode()


def test_an_app_in_azure_without_its_key_starts_and_refuses() -> None:
    script = "import function_app; print([one.get_function_name() for one in function_app.app.get_functions()])"
    environment = {**os.environ, "WEBSITE_INSTANCE_ID": "one", "CONNECTOR_SECRETS_KEY": ""}
    names = subprocess.check_output([sys.executable, "-c", script], cwd=ROOT, env=environment, text=True)

    assert "ZUnusable" in names
    assert "RelayFanOut" not in names, "messages stay in their queues"


def test_on_one_machine_the_start_ends_with_the_sentence() -> None:
    with pytest.raises(RuntimeError, match="CONNECTOR_PUBLIC_URL must be an address"):
        LocalHost(ROOT, {"CONNECTOR_PUBLIC_URL": "nowhere"}).start()


def test_the_app_is_alive_and_ready(desk: Desk) -> None:
    live, ready = desk.send("GET", "/api/health"), desk.send("GET", "/api/health/ready")

    assert (live.status, live.json) == (200, {"status": "ok"})
    assert ready.status == 200
    assert {name: check["status"] for name, check in ready.json["checks"].items()} == dict.fromkeys(
        ("settings", "storage", "deliveries", "clock", "interpreter"), "ok"
    )


@pytest.mark.parametrize("is_full", [False, True])
async def test_a_store_that_only_can_be_read_is_not_ready(is_full: bool) -> None:
    class Store:
        """As one on a full disk."""

        async def list(self, *, take: int) -> list[object]:
            return []

        async def add(self, *_: object) -> bool:
            if is_full:
                raise Unavailable("StorageUnavailable", "The store cannot be used now.")
            return True

    relay = SimpleNamespace(store=SimpleNamespace(quarantine=Store(), marks=Store()), clock=time.time)
    found = await health._result(health._storage, cast("Relay", relay))
    assert found["status"] == ("failed" if is_full else "ok")


def test_how_to_make_a_key_makes_one() -> None:
    command = HOW_TO_MAKE_A_KEY.removeprefix("python -c ").strip('"')
    key = subprocess.check_output([sys.executable, "-c", command], text=True).strip()

    checked_settings({**AZURE, "CONNECTOR_SECRETS_KEY": key})
