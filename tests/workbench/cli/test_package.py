"""`package`: in the name of who publishes, with a bill of materials; nothing that is committed is rewritten."""

import json
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.desk import ROOT
from workbench.cli.app import app
from workbench.generators.identity import publisher, publisher_from, publisher_settings

ACME = {
    "PUBLISHER_NAME": "Acme MSP",
    "PUBLISHER_EMAIL": "help@acme.example",
    "PUBLISHER_WEBSITE": "https://acme.example",
    "PUBLISHER_PRIVACY_POLICY": "https://acme.example/privacy",
    "PUBLISHER_TERMS_OF_USE": "https://acme.example/terms",
}


def test_packages_are_in_the_publishers_name_and_nothing_committed_changes(tmp_path: Path) -> None:
    before = subprocess.check_output(["git", "status", "--porcelain"], cwd=ROOT)
    built = CliRunner(env=ACME).invoke(app, ["package", "--host", "acme.azurewebsites.net", "--folder", str(tmp_path)])
    texts = [path.read_text() for path in tmp_path.rglob("*.json")]

    assert built.exit_code == 0, built.output
    assert any("help@acme.example" in text for text in texts)
    assert [text for text in texts if publisher().name in text] == []
    assert "The publisher is a placeholder" not in built.output
    assert subprocess.check_output(["git", "status", "--porcelain"], cwd=ROOT) == before


def test_the_bill_of_materials_has_every_pinned_package_with_hashes(tmp_path: Path) -> None:
    CliRunner().invoke(app, ["package", "--folder", str(tmp_path)])
    bill = json.loads((tmp_path / "sbom.cdx.json").read_bytes())
    pinned = {line.partition("==")[0] for line in (ROOT / "requirements.lock").read_text().splitlines() if "==" in line}

    assert bill["bomFormat"] == "CycloneDX"
    assert {component["name"].lower() for component in bill["components"]} == pinned
    assert all(component["externalReferences"][0]["hashes"] for component in bill["components"])


@pytest.mark.parametrize(
    ("name", "value"), [("WEBSITE", "acme"), ("TERMS_OF_USE", "http://a.example"), ("EMAIL", "us")]
)
def test_publisher_details_that_a_store_would_refuse_are_named(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"PUBLISHER_{name} must be"):
        publisher_from({f"PUBLISHER_{name}": value})


def test_the_package_workflow_knows_every_publisher_setting() -> None:
    workflow = (ROOT / ".github" / "workflows" / "package.yml").read_text()

    assert [name for name in publisher_settings() if f"{name}: ${{{{ vars.{name} }}}}" not in workflow] == []
