"""The one-machine way and the documents about deploying, as far as they can be checked without Docker."""

import re
import shlex

import yaml
from typer.testing import CliRunner

from tests.desk import ROOT
from workbench.cli.app import app

DOCKER = ROOT / "infra" / "docker"
COMPOSE = yaml.safe_load((DOCKER / "compose.yaml").read_text())
PAGES = ("deploy.md", "upgrade.md")


def test_images_copy_what_there_is() -> None:
    kept = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    for dockerfile in DOCKER.glob("*ockerfile"):
        lines = re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile.read_text(), re.MULTILINE)
        copied = [name for line in lines for name in line.split()]

        assert copied
        assert [name for name in copied if not (ROOT / name).exists()] == []
        assert [name for name in copied if name not in kept] == []


def test_the_image_starts_the_app_as_its_command_line_takes_it() -> None:
    command = re.search(r"^CMD \[(.+)\]$", (DOCKER / "Dockerfile").read_text().split("HEALTHCHECK")[1], re.MULTILINE)
    assert command
    _, _, _, name, *options = (part.strip('" ') for part in command[1].split(","))
    shown = CliRunner(env={"COLUMNS": "200"}).invoke(app, [name, "--help"])

    assert [option for option in options if option.startswith("--") and option not in shown.output] == []


def test_production_refuses_to_start_without_an_https_address_or_for_development() -> None:
    for environment, named in (
        ({"CONNECTOR_PUBLIC_URL": "http://x.example"}, "CONNECTOR_PUBLIC_URL"),
        (
            {"CONNECTOR_PUBLIC_URL": "https://x.example", "CONNECTOR_DEVELOPMENT_SITES": "127.0.0.1:1"},
            "CONNECTOR_DEVELOPMENT_SITES",
        ),
    ):
        refused = CliRunner(env=environment).invoke(app, ["serve", "--production", "--port", "1"])

        assert refused.exit_code == 1
        assert named in refused.output


def test_the_app_is_confined_and_only_the_proxy_is_open() -> None:
    machine, proxy = COMPOSE["services"]["app"], COMPOSE["services"]["proxy"]

    assert machine["read_only"] is True
    assert machine["cap_drop"] == ["ALL"]
    assert "ports" not in machine
    assert proxy["ports"][0] == "80:80"
    assert {volume.partition(":")[0] for volume in machine["volumes"]} >= {"data"} <= COMPOSE["volumes"].keys()


def test_the_pages_name_commands_that_there_are() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for page in PAGES:
        text = (ROOT / "docs" / page).read_text()
        for command in re.findall(r"python -m workbench ([a-z-]+)", text):
            assert CliRunner().invoke(app, [command, "--help"]).exit_code == 0, command
        for target in re.findall(r"(?:`|\$ )make ([a-z-]+)", text):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
        for name in re.findall(r"`((?:infra|\.github)/[\w./-]+)`", text):
            assert (ROOT / name).exists(), name
        for line in re.findall(r"^\$ (.+?)(?<!\\)$", text, re.MULTILINE):
            assert shlex.split(line.rstrip("\\")), line


def test_every_deployment_variable_of_azd_is_documented() -> None:
    used = set(re.findall(r"\$\{(DEPLOY_\w+)", (ROOT / "infra" / "main.parameters.json").read_text()))
    page = (ROOT / "docs" / "deploy.md").read_text()

    assert [name for name in sorted(used - {"DEPLOY_ENCODED_SETTINGS"}) if f"`{name}`" not in page] == []
