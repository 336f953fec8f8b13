"""What others' tools make of the OpenAPI and swagger files: parsers, a linter, importers whose requests are sent."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.desk import ROOT, Desk
from tests.npm_tools import OPENAPI, answer_of, run_node

DEFINITIONS = ROOT / "connector" / "definition"
FILES = sorted([*DEFINITIONS.glob("*/openapi*.json"), *DEFINITIONS.glob("*/*.swagger*.json")])
SPECTRAL = "node_modules/@stoplight/spectral-cli/dist/index.js"
IMPORTED = ("Get ticket", "Create ticket")
KINDS = ("copilot/openapi.json", "mcp/apiDefinition.swagger.json", "openapi/openapi.json",
         "power-platform/apiDefinition.swagger.json")  # fmt: skip
EACH_KIND = [DEFINITIONS / name for name in KINDS]
THE_REST = [path for path in FILES if path not in EACH_KIND]
pytestmark = OPENAPI


def test_swagger_parser_has_no_complaints() -> None:
    assert len(FILES) >= 8
    assert answer_of("openapi", "parse.mjs", *FILES) == {}


@pytest.mark.parametrize("files", [EACH_KIND, THE_REST], ids=["one of each kind", "the rest"])
def test_spectral_has_neither_errors_nor_warnings_about_our_files(files: list[Path], tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text('{"openapi": "3.0.3", "info": {"title": "Broken", "version": "1"}, "paths": {"/a": {"get": {}}}}')
    done = run_node("openapi", SPECTRAL, "lint", "--quiet", "-f", "json", "-r", "spectral.yaml", *files, broken)

    complaints = json.loads(done.stdout)
    assert [one for one in complaints if not one["source"].endswith(broken.name)] == []
    assert complaints, "spectral saw nothing wrong where something is"


def test_imported_requests_work_once_the_two_variables_are_set(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "openapi.json"
    file.write_bytes(desk.client.get(f"{desk.url}/api/openapi.json").content)
    imported = answer_of("openapi", "import.mjs", file, *IMPORTED)

    for name in IMPORTED:
        for request in imported[name]:
            assert request["url"].startswith(f"{desk.url}/api/tickets")
            headers = filled(request["headers"], desk)
            answer = desk.client.request(request["method"], request["url"], headers=headers, content=request["body"])
            assert answer.status_code == 200, answer.text
            assert answer.json()["title"]


def filled(headers: Mapping[str, str], desk: Desk) -> dict[str, str]:
    """As a person sets them: the two variables of the collection."""
    variables = {"{{siteHost}}": desk.simulator.site, "{{apiKey}}": desk.simulator.tokity_key}
    assert variables.keys() <= set(headers.values())
    return {name: variables.get(value, value) for name, value in headers.items()}
