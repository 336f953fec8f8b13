"""Where DeskDirector posts to is decided by the operator, Azure or this machine, never by a caller's Host header."""

import pytest

from connector.deskdirector.errors import Forbidden
from connector.relay.own_address import own_address
from connector.settings import Settings

AZURE = {"WEBSITE_INSTANCE_ID": "1", "WEBSITE_HOSTNAME": "app.azurewebsites.net"}
CORE_TOOLS = {"WEBSITE_HOSTNAME": "localhost:7071", "AZURE_FUNCTIONS_ENVIRONMENT": "Development"}
HOSTILE = (
    "https://evil.example",
    "http://6.6.6.6",
    "http://[2001:db8::1]:80",
    "http://localhost.evil.example",
    "http://localhost:99999",
    "http://127.0.0.1:0",
    "//",
    "",
)


@pytest.mark.parametrize("called_at", [*HOSTILE, "http://localhost:7071"])
def test_the_setting_and_azures_name_win_over_any_host_header(called_at: str) -> None:
    chosen = Settings(public_url="https://desk.example.com")
    assert own_address(chosen, called_at, {}) == own_address(chosen, called_at, AZURE) == "https://desk.example.com"
    assert own_address(Settings(), called_at, AZURE) == "https://app.azurewebsites.net"


@pytest.mark.parametrize("environment", [{}, CORE_TOOLS])
@pytest.mark.parametrize("called_at", ["http://localhost:7071", "http://127.0.0.1:80", "http://[::1]:7071"])
def test_on_one_machine_it_is_the_loopback_address_that_was_called(called_at: str, environment: dict[str, str]) -> None:
    assert own_address(Settings(), called_at, environment) == called_at


@pytest.mark.parametrize("called_at", HOSTILE)
def test_any_other_name_needs_the_setting(called_at: str) -> None:
    with pytest.raises(Forbidden, match="CONNECTOR_PUBLIC_URL") as caught:
        own_address(Settings(), called_at, {})
    assert caught.value.code == "AddressNotAllowed"
