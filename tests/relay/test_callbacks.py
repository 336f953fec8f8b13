"""Callback URLs: what flows really use is taken, whatever could lead elsewhere is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.deskdirector.errors import BadRequest, ConnectorError, Forbidden
from connector.relay.callbacks import MAX_LENGTH, check_callback, split
from connector.settings import Settings

PRODUCTION = Settings()
FLOW = "https://prod-12.westeurope.logic.azure.com"


@pytest.mark.parametrize(
    "url",
    [
        f"{FLOW}:443/workflows/0f/triggers/manual/versions/08/run?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual&sig=x-_y",
        "https://3d.2f.environment.api.powerplatform.com/powerautomate/automations/direct/cu/01/workflows/9/run?sig=a%3D",
        "https://PROD-00.usgovtexas.LOGIC.azure.us/x",
        "https://a.logic.azure.cn?sig=x",
        f"{FLOW}/{'x' * 8000}",
        "HTTPS://prod-1.logic.azure.com/x",
        "https://tenant.azure-apihub.net/apim/logicflows/x",
    ],
)
def test_where_flows_wait(url: str) -> None:
    check_callback(url, PRODUCTION)
    origin, target = split(url)
    assert (origin + target).rstrip("/").removeprefix("https") == url.rstrip("/")[5:]


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("http://prod-12.westeurope.logic.azure.com/x", BadRequest),
        ("ftp://prod-12.westeurope.logic.azure.com/x", BadRequest),
        ("//prod-12.westeurope.logic.azure.com/x", BadRequest),
        ("", BadRequest),
        (f"{FLOW}@evil.example/x", BadRequest),
        (f"https://user:pass@{FLOW[8:]}/x", BadRequest),
        (f"{FLOW}\\@evil.example/x", BadRequest),
        (f"{FLOW}/x#fragment", BadRequest),
        (f"{FLOW}/x y", BadRequest),
        (f"{FLOW}/x\r\nHost: evil.example", BadRequest),
        (f"{FLOW}/\N{SNOWMAN}", BadRequest),
        (f"{FLOW}/{'x' * MAX_LENGTH}", BadRequest),
        (f"{FLOW}:8443/x", Forbidden),
        ("https://evil.example/.logic.azure.com", Forbidden),
        ("https://logic.azure.com.evil.example/x", Forbidden),
        ("https://evillogic.azure.com/x", Forbidden),
        ("https://logic.azure.com./x", Forbidden),
        ("https://.logic.azure.com/x", Forbidden),
        ("https://a..logic.azure.com/x", Forbidden),
        ("https://-.logic.azure.com/x", Forbidden),
        ("https://127.0.0.1/x", Forbidden),
        ("https://[::1]/x", Forbidden),
        ("https://169.254.169.254/metadata", Forbidden),
        ("https://2130706433/x", Forbidden),
        ("https://localhost/x", Forbidden),
        ("http://127.0.0.1:7071/x", BadRequest),
    ],
)
def test_where_no_flow_waits(url: str, kind: type[ConnectorError]) -> None:
    with pytest.raises(kind) as refusal:
        check_callback(url, PRODUCTION)
    assert not url or url not in refusal.value.message


def test_what_the_operator_allows() -> None:
    settings = Settings(allowed_callbacks=("*.hooks.example",), development_callbacks=("127.0.0.1:9000", "10.0.0.1:80"))
    check_callback("https://eu.hooks.example/x", settings)
    check_callback("http://127.0.0.1:9000/x?sig=1", settings)
    for url in ("http://127.0.0.1:9001/x", "http://10.0.0.1:80/x", "https://nothooks.example/x"):
        with pytest.raises(ConnectorError):
            check_callback(url, settings)


@given(st.text(max_size=300))
def test_every_other_text_is_refused(text: str) -> None:
    with pytest.raises(ConnectorError):
        check_callback(text, PRODUCTION)
