"""A host process: how it starts, fails to start, and stops."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.workbench.localhost.conftest import WEB
from workbench.localhost import LocalHost, serve

ROOT = Path(__file__).resolve().parents[3]
MINIMAL = """
import os
import azure.functions as func
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
@app.route("setting")
async def setting(req: func.HttpRequest) -> str:
    return os.environ["FROM_FILE"] + str("CONTAINER_NAME" in os.environ) + os.getcwd()
"""


def app(folder: Path, code: str) -> Path:
    (folder / "host.json").write_text('{"version": "2.0"}')
    (folder / "function_app.py").write_text(code)
    return folder


def test_local_settings_and_overrides_reach_the_app(tmp_path: Path) -> None:
    app(tmp_path, MINIMAL)
    (tmp_path / "local.settings.json").write_text(json.dumps({"Values": {"FROM_FILE": "here "}}))
    settings = {"AzureFunctionsJobHost__extensions__http__routePrefix": "", "CONTAINER_NAME": "a-container"}
    with LocalHost(tmp_path, settings) as host:
        assert httpx.get(host.url + "/setting").text == f"here False{tmp_path}"


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("import nothing_like_this", "nothing_like_this"),
        ("x = 1", "Could not find top level function app"),
        (MINIMAL.replace("req:", "request:"), "setting"),
    ],
)
def test_an_app_that_cannot_be_loaded_says_why(tmp_path: Path, code: str, sentence: str) -> None:
    with pytest.raises(RuntimeError, match=sentence), LocalHost(app(tmp_path, code)):
        pytest.fail("it started")


def test_a_folder_without_an_app_says_so(tmp_path: Path) -> None:
    (tmp_path / "host.json").write_text('{"version": "2.0"}')
    with pytest.raises(RuntimeError, match=r"no function_app\.py"), LocalHost(tmp_path):
        pytest.fail("it started")


def test_functions_with_foreign_bindings_are_named_and_the_others_served(tmp_path: Path) -> None:
    code = MINIMAL.replace('os.environ["FROM_FILE"]', '""') + (
        '@app.blob_trigger("blob", path="x", connection="AzureWebJobsStorage")\n'
        "async def on_blob(blob: func.InputStream) -> None: pass\n"
        '@app.route("SETTING")\n'
        "async def twice(req: func.HttpRequest) -> str: return ''\n"
    )
    with LocalHost(app(tmp_path, code)) as host:
        assert httpx.get(host.url + "/api/setting").status_code == 200
        assert "on_blob is not served: this host has no blobTrigger binding." in host.log
        assert "twice is not served." in host.log


async def test_it_works_as_an_async_context_and_keeps_its_port_over_a_crash() -> None:
    async with LocalHost(WEB) as host, httpx.AsyncClient(base_url=host.url) as client:
        assert (await client.get("/api/ping")).text == "pong"
        before = host.pid
        host.kill()
        with pytest.raises(httpx.TransportError):
            await client.get("/api/ping")
        host.start()
        assert host.pid != before
        assert (await client.get("/api/ping")).text == "pong"


def test_stopping_lets_a_running_call_end(tmp_path: Path) -> None:
    with LocalHost(WEB) as host, ThreadPoolExecutor() as pool:
        slow = pool.submit(httpx.get, host.url + "/api/logs?then=wait")
        while "a record" not in host.log:
            time.sleep(0.01)
        host.stop()
        assert slow.result().text == "logged"
        assert "Traceback" not in host.log
    with pytest.raises(RuntimeError, match="not running"):
        host.stop()


def test_the_command_names_what_is_wrong(tmp_path: Path) -> None:
    shutil.copy(WEB / "function_app.py", tmp_path)
    command = [sys.executable, "-m", "workbench.localhost", str(tmp_path), "--port", "0"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert (ended.returncode, ended.stderr.strip()) == (1, f"host.json is missing in {tmp_path}.")


@pytest.mark.parametrize(
    ("name", "value"), [("SECRETS_KEY", "password"), ("DATA_DIR", "/dev/null"), ("DEFAULT_SITE", "a.example.com")]
)
def test_a_wrong_setting_is_one_sentence_and_nothing_else(name: str, value: str) -> None:
    command = [sys.executable, "-m", "workbench.localhost", str(ROOT), "--port", "0"]
    environment = {**os.environ, f"CONNECTOR_{name}": value}
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, env=environment)
    assert ended.returncode == 1
    assert re.fullmatch(rf"CONNECTOR_{name} must be [^\n]+\n", ended.stderr)


def test_serve_calls_back_when_it_answers_and_returns_on_ctrl_c() -> None:
    code = f"""
from pathlib import Path
from workbench.localhost import serve
serve(Path({str(WEB)!r}), port=0, ready=lambda: print("ready", flush=True))
print("returned")
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == "returned\n"
    assert process.returncode == 0


def test_a_port_that_is_taken_is_an_error_at_once() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(OSError, match="in use"):
            serve(WEB, port=other.getsockname()[1])
