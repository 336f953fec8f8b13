"""The command line, as a person types it."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import httpx
import pytest
import typer
from typer.testing import CliRunner

from tests.desk import ROOT
from workbench.cli.app import app
from workbench.simulator.mutations import MUTATIONS

runner = CliRunner(env={"COLUMNS": "120", "TERM": "dumb", "NO_COLOR": "1"})


def all_commands(group: typer.Typer, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for command in group.registered_commands:
        name = command.name or (command.callback.__name__ if command.callback else "")
        yield (*path, name.replace("_", "-"))
    for nested in group.registered_groups:
        if nested.typer_instance:
            yield from all_commands(nested.typer_instance, (*path, nested.name or ""))


@pytest.mark.parametrize("command", list(all_commands(app)), ids=" ".join)
def test_every_command_explains_itself(command: tuple[str, ...]) -> None:
    shown = runner.invoke(app, [*command, "--help"])

    assert shown.exit_code == 0
    sentences = re.search(r"Usage: .*?\n\s*\n (.+?)\n\s*\n", shown.output, re.DOTALL)
    assert sentences, shown.output
    assert sentences[1].strip().endswith(".")


def test_commands_without_arguments_show_what_there_is() -> None:
    shown = runner.invoke(app, [])

    assert all(word in shown.output for word in ("serve", "simulate", "demo", "export", "check", "dead-letters"))


def test_every_mutation_of_the_simulator_is_listed_with_its_meaning() -> None:
    shown = runner.invoke(app, ["simulate", "--list"])

    assert shown.exit_code == 0
    for name, mutation in MUTATIONS.items():
        assert re.search(rf"^{name} +{re.escape(mutation.meaning)}$", shown.output, re.MULTILINE)


@pytest.mark.parametrize("option", [["--profile", "imagined"], ["--mutate", "imagined"]])
def test_a_kind_of_site_that_does_not_exist_is_refused(option: list[str]) -> None:
    shown = runner.invoke(app, ["simulate", *option])

    assert shown.exit_code == 2
    assert "imagined" in shown.output


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_serve_brings_both_up_and_takes_both_down(tmp_path: Path) -> None:
    port, simulator_port = free_port(), free_port()
    command = [sys.executable, "-m", "workbench", "serve"]
    output = tmp_path / "output.txt"
    with output.open("w") as file:
        serving = subprocess.Popen(
            [*command, "--port", str(port), "--simulator-port", str(simulator_port)], cwd=ROOT, stdout=file, stderr=file
        )
        try:
            deadline = time.monotonic() + 300
            while "Try it" not in output.read_text() and time.monotonic() < deadline:
                time.sleep(0.1)
            printed = output.read_text()
            key = re.search(r"^Tokity key +(\S+)$", printed, re.MULTILINE)
            assert key, printed
            headers = {"dd-host": f"127.0.0.1:{simulator_port}", "dd-api-key": key[1]}
            answer = httpx.get(f"http://127.0.0.1:{port}/api/connection/test", headers=headers, trust_env=False)
            curls = re.findall(r"^  (curl .+)$", printed, re.MULTILINE)
            pasted = [subprocess.check_output(["bash", "-c", line], timeout=300) for line in curls]
        finally:
            serving.send_signal(signal.SIGINT)
            code = serving.wait(timeout=300)

    assert answer.status_code == 200
    tested, listed, made = (json.loads(one) for one in pasted)
    assert ("site" in tested, "results" in listed, "id" in made) == (True, True, True)
    assert code == 0
    for taken in (port, simulator_port):
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", taken)) != 0


def test_a_taken_port_is_told_in_a_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        shown = runner.invoke(app, ["serve", "--port", str(port), "--simulator-port", str(free_port())])

    assert shown.exit_code == 1
    assert f"Port {port} is taken" in shown.output


def test_the_committed_definitions_have_nothing_to_mend() -> None:
    shown = runner.invoke(app, ["check"])

    assert (shown.exit_code, shown.output.strip()) == (0, "No findings.")


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything that an export writes."""
    folder = tmp_path_factory.mktemp("exported")
    runner.invoke(app, ["export", "--folder", str(folder)])
    return folder


def test_a_broken_definition_is_told_with_the_remedy(exported: Path, tmp_path: Path) -> None:
    copytree(exported, tmp_path, dirs_exist_ok=True)
    swagger = tmp_path / "power-platform" / "apiDefinition.swagger.json"
    swagger.write_text(swagger.read_text().replace('"title": "DeskDirector', '"title": "API DeskDirector'))

    shown = runner.invoke(app, ["check", str(tmp_path), "--json"])

    found = json.loads(shown.output)
    assert shown.exit_code == 1
    assert "ValueContainsRestrictedWords" in json.dumps(found)


@pytest.mark.parametrize(
    "path",
    [
        "power-platform/apiProperties.multi-auth.json",
        "mcp/apiDefinition.swagger.json",
        "mcp/icon.png",
        "openapi/openapi.json",
        "openapi/openapi.foundry.json",
        "copilot/manifest.json",
    ],
)
def test_a_missing_file_is_told_whichever_face_it_is_of(path: str, exported: Path, tmp_path: Path) -> None:
    copytree(exported, tmp_path, dirs_exist_ok=True)
    (tmp_path / path).unlink()

    shown = runner.invoke(app, ["check", str(tmp_path), "--json"])

    assert shown.exit_code == 1
    assert path in [finding["file"] for finding in json.loads(shown.output)["findings"]]


def test_a_file_for_people_that_is_no_json_is_told(exported: Path, tmp_path: Path) -> None:
    copytree(exported, tmp_path, dirs_exist_ok=True)
    (tmp_path / "openapi" / "openapi.json").write_text("{")

    shown = runner.invoke(app, ["check", str(tmp_path)])

    assert (shown.exit_code, "openapi/openapi.json" in shown.output) == (1, True)


def test_a_folder_that_is_none_is_told_in_a_sentence(tmp_path: Path) -> None:
    shown = runner.invoke(app, ["check", str(tmp_path / "nowhere")])

    assert (shown.exit_code, shown.output.startswith("There is no folder")) == (2, True)


def test_a_removed_operation_breaks_flows(exported: Path, tmp_path: Path) -> None:
    copytree(exported, tmp_path, dirs_exist_ok=True)
    swagger = tmp_path / "power-platform" / "apiDefinition.swagger.json"
    document = json.loads(swagger.read_text())
    del document["paths"]["/tickets/{ticketId}"]["get"]
    newer = tmp_path / "newer.json"
    newer.write_text(json.dumps(document))

    broken = runner.invoke(app, ["diff", str(swagger), str(newer)])
    same = runner.invoke(app, ["diff", str(swagger), str(swagger)])

    assert broken.exit_code == 1
    assert "GetTicket" in broken.output or "/tickets/{ticketId}" in broken.output
    assert (same.exit_code, same.output.strip()) == (0, "0 change(s), 0 of them breaking.")


def test_a_host_that_is_none_is_refused() -> None:
    shown = runner.invoke(app, ["export", "--host", "https://app/x"])

    assert shown.exit_code == 2
    assert "not a host name" in shown.output


@pytest.mark.parametrize("command", ["export", "package"])
def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(command: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    shown = runner.invoke(app, [command, "--folder", str(tmp_path / "file")])

    assert shown.exit_code == 2
    assert "Traceback" not in shown.output
    assert str(tmp_path) in shown.output.replace("\n", "")


def test_the_readmes_example_is_what_serve_prints_and_works() -> None:
    readme = (ROOT / "README.md").read_text()
    serve = (ROOT / "workbench" / "cli" / "serve.py").read_text()
    body = re.search(r"-d '({\"title\".+?})'", readme)

    assert body
    assert body[1] in serve


def test_package_refuses_a_zip_that_the_validator_would_refuse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert runner.invoke(app, ["package", "--folder", str(tmp_path)]).exit_code == 0
    (built,) = (tmp_path / "power-platform").glob("*.zip")

    def damaged(folder: Path, host: str) -> str:
        with zipfile.ZipFile(folder / "power-platform" / built.name, "a") as archive:
            archive.writestr("notes.txt", host)
        return ""

    monkeypatch.setattr("workbench.cli.export.package", damaged)
    refused = runner.invoke(app, ["package", "--folder", str(tmp_path)])

    assert refused.exit_code == 1
    assert "notes.txt" in refused.output
