"""The ways in: make, PowerShell, containers. What cannot be run here is at least held to what they start."""

import json
import os
import pty
import re
import shlex
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import yaml

from tests.desk import ROOT

MAKEFILE = (ROOT / "Makefile").read_text()
SCRIPT = (ROOT / "make.ps1").read_text()


def dry_run(folder: Path, **environment: str) -> str:
    """What `make setup` would do in a folder."""
    (folder / "Makefile").write_text(MAKEFILE)
    for name in ("requirements.in", "requirements-host.in", "requirements-dev.txt"):
        (folder / name).touch()
        os.utime(folder / name, (1, 1))
    return subprocess.check_output(["make", "-n", "setup"], cwd=folder, text=True, env={**os.environ, **environment})


def environment_in(folder: Path, made_for: str) -> None:
    """A virtual environment that runs this interpreter and says whom it was made for."""
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (folder / ".venv" / "ready").write_text(made_for + "\n")


def test_an_environment_that_fits_is_kept(tmp_path: Path) -> None:
    environment_in(tmp_path, "")
    script = 'import os, sys; print("%d.%d" % sys.version_info[:2], os.path.realpath(sys.prefix))'
    own = subprocess.check_output([tmp_path / ".venv" / "bin" / "python", "-c", script], text=True)
    (tmp_path / ".venv" / "ready").write_text(own)

    assert "made again" not in dry_run(tmp_path)
    assert (tmp_path / ".venv" / "ready").exists()


@pytest.mark.parametrize("made_for", ["3.12 /elsewhere/.venv", "3.13 /elsewhere/.venv", ""])
def test_an_environment_of_another_python_or_folder_is_made_anew(tmp_path: Path, made_for: str) -> None:
    environment_in(tmp_path, made_for)

    assert "made again" in dry_run(tmp_path)
    assert not (tmp_path / ".venv").exists()


def test_packages_that_cannot_be_installed_are_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "workbench").mkdir()
    for name in ("Makefile", "requirements.in", "requirements-host.in", "requirements-dev.txt", "workbench/set_up.py"):
        (tmp_path / name).write_text((ROOT / name).read_text())
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_EXTRA_INDEX_URL": "", "PIP_CONFIG_FILE": os.devnull}
    told = subprocess.run(
        ["make", "setup", f"PYTHON={sys.executable}"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, **nowhere, "PIP_RETRIES": "0"},
    )  # fmt: skip

    assert told.returncode != 0
    assert "The Python packages cannot be installed" in told.stdout
    assert "Traceback" not in told.stdout + told.stderr


PIP = """#!/bin/sh
case "$*" in *broken*) echo 'ERROR: No matching distribution found for nothing'; exit 1;; esac
echo 'Collecting first>=1'
echo '  Downloading first-1.whl'
echo 'Collecting second'
echo 'Installing collected packages: first, second'
mkdir -p "$(dirname "$0")/../lib/python3/site-packages/first-1.dist-info"
sleep 0.5
echo 'Successfully installed'
"""


@pytest.mark.parametrize(
    ("files", "code", "said"),
    [
        ("some.txt", 0, "Installing 2 packages ...\nInstalled 2 packages in "),
        ("broken.txt", 1, "ERROR: No matching distribution found for nothing\nThe Python packages cannot be installed"),
    ],
)
@pytest.mark.parametrize("is_terminal", [False, True])
def test_setting_up_shows_how_far_it_is(tmp_path: Path, files: str, code: int, said: str, *, is_terminal: bool) -> None:
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(PIP)
    python.chmod(0o755)
    command = [sys.executable, "-P", str(ROOT / "workbench" / "set_up.py"), ".venv", files]
    end, inner = pty.openpty() if is_terminal else os.pipe()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "40"}
    with subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=inner, env=environment) as process:
        os.close(inner)
        shown = b""
        with suppress(OSError):  # how the other end of a terminal closes
            while part := os.read(end, 65_536):
                shown += part
    os.close(end)
    lines = shown.decode().replace("\r\n", "\n").replace("\r\x1b[K", "\n").split("\n")

    assert process.returncode == code
    assert said in "\n".join(line for line in lines if line and not line.startswith("["))
    assert any("1 of 2 packages" in line for line in lines) == (is_terminal and not code)
    assert max(len(line) for line in lines if line.startswith("[") or not line) < 40
    assert "Traceback" not in shown.decode()


NOT_ON_WINDOWS = {
    # Hosts of their own, whose sockets Windows cannot hand on.
    "test", "test-dates", "unit", "eval", "bench", "growth", "plot", "canary", "proofs", "sweeps", "load", "blocking",
    "fuzz", "torture", "console-test", "screenshots",
    # Packages of Debian, tools of npm, and what needs both.
    "browser", "faketime", "tools", "docs", "lock",
}  # fmt: skip


def made_targets() -> dict[str, tuple[str, list[str]]]:
    """The targets of the Makefile: what each needs, and its commands."""
    found = re.findall(r"^([a-z-]+):(?!=) ?([^#\n]*)(?:##[^\n]*)?\n((?:\t[^\n]+\n)*)", MAKEFILE, re.MULTILINE)
    return {name: (needs, re.findall(r"\$\(BIN\)/(.+?)(?= && |\n)", recipe)) for name, needs, recipe in found}


def windows_targets() -> dict[str, tuple[str, list[str]]]:
    """The same of the PowerShell script."""
    cases = re.split(r'^  "([a-z]+)" \{', SCRIPT[SCRIPT.index("switch ($Target)") :], flags=re.MULTILINE)
    return {
        name: (
            (re.search(r"Install-Packages[^;}\n]*", body) or [""])[0].strip(),
            re.findall(r"Invoke-Step \$Python -m (.+?)(?= \}|\n)", body),
        )
        for name, body in zip(cases[1::2], cases[2::2], strict=True)
    }


def told(command: str) -> str:
    """A command in words that both shells share."""
    words = re.sub(r"\$\(if.*|@site", "[site]", command.replace("python -m ", ""))
    for ours, theirs in (("$(PORT)", "$Port"), ("$(SIM_PORT)", "$SimPort"), ("$(HOST)", "$AppHost")):
        words = words.replace(ours, theirs)
    return " ".join(words.split())


def test_the_powershell_script_has_the_targets_of_make_but_those_that_windows_cannot_run() -> None:
    windows, elsewhere = windows_targets(), made_targets()
    listed = re.search(r'"Targets: (.+?)"', SCRIPT)

    assert listed
    assert set(listed[1].split()) == windows.keys() - {"help"}
    assert elsewhere.keys() - windows.keys() == NOT_ON_WINDOWS
    assert windows.keys() - elsewhere.keys() == set()


@pytest.mark.parametrize("target", sorted(windows_targets()))
def test_a_target_of_the_powershell_script_does_what_make_does(target: str) -> None:
    (installs, runs), (needs, made) = windows_targets()[target], made_targets()[target]
    needed = {"$(VENV)/ready": "Install-Packages $Ready $ToRun", "setup": "Install-Packages"}

    assert [told(command) for command in runs] == [told(command) for command in made]
    assert installs == needed.get(needs.strip(), "Install-Packages" if target == "setup" else "")


@pytest.mark.parametrize("name", ["PORT", "SIM_PORT", "HOST"])
def test_the_powershell_script_has_the_defaults_of_make(name: str) -> None:
    default = re.search(rf"^{name} \?= (.+)$", MAKEFILE, re.MULTILINE)

    assert default
    assert f'if ($Env:{name}) {{ $Env:{name} }} else {{ "{default[1]}" }}' in SCRIPT


def test_the_containers_to_try_it_are_open_to_this_machine_only() -> None:
    services = yaml.safe_load((ROOT / "infra" / "docker" / "try.yaml").read_text())["services"]
    command = services["app"]["command"]
    shown = subprocess.check_output([sys.executable, *command[1:4], "--help"], cwd=ROOT, text=True)

    assert [option for option in command if option.startswith("--") and option not in shown] == []
    assert all(port.startswith("127.0.0.1:") for service in services.values() for port in service.get("ports", ()))
    port = command[command.index("--port") + 1]
    assert services["door"]["command"][1] == f"TCP:127.0.0.1:{port}"


def test_the_development_container_sets_up_with_targets_that_there_are() -> None:
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    program, *targets = shlex.split(container["postCreateCommand"])

    assert program == "make"
    assert [name for name in targets if not re.search(rf"^{name}:", MAKEFILE, re.MULTILINE)] == []
    assert container["image"].split(":")[1].startswith((ROOT / ".python-version").read_text().strip()[:4])
