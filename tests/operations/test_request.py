"""The address under which a caller can reach us again."""

import pytest

from connector.operations.request import Request

OWN = "https://app.azurewebsites.net/api/find/tickets"
GATEWAY = "https://europe-001.azure-apim.net/apim/desk/0a1b"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, OWN),
        ({"x-ms-apim-referrer-prefix": GATEWAY}, f"{GATEWAY}/find/tickets"),
        ({"x-ms-apim-referrer": f"{GATEWAY}/find/tickets?a=b"}, f"{GATEWAY}/find/tickets"),
        ({"x-ms-apim-referrer": "https://evil.example/find/tickets"}, OWN),
        ({"x-ms-apim-referrer": "https://europe-001.azure-apim.net@evil.example/find/tickets"}, OWN),
        ({"x-ms-apim-referrer": "https://[europe-001.azure-apim.net/find/tickets"}, OWN),
        ({"x-ms-apim-referrer-prefix": "http://europe-001.azure-apim.net/apim"}, OWN),
    ],
)
def test_only_a_gateway_is_believed(headers: dict[str, str], expected: str) -> None:
    assert Request("POST", OWN, headers).address("find/tickets") == expected
