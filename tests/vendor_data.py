"""The vendor's two published connector definitions, where they are at hand: they are not ours to copy."""

import json
from pathlib import Path
from typing import Any

import pytest

_HERE = Path(__file__).resolve()
DATA = next(
    (parent / "shared" / "data" for parent in _HERE.parents if (parent / "shared" / "data").is_dir()),
    _HERE.parents[2] / "shared" / "data",
)
CONNECTOR_FILE = DATA / "deskdirector-connector-1.9" / "apiDefinition.swagger.json"
TECH_FILE = DATA / "deskdirector-tech-connector-1.0" / "apiDefinition.swagger.json"
needs_vendor_data = pytest.mark.skipif(not CONNECTOR_FILE.exists(), reason="the vendor's definitions are not here")


def definition(file: Path) -> dict[str, Any]:
    """A definition as JSON."""
    parsed: dict[str, Any] = json.loads(file.read_text())
    return parsed
