"""docs/settings.md: every setting, with what the code says of it."""

from dataclasses import fields

from connector.catalog import operations
from connector.settings import PREFIX, Settings
from tests.desk import ROOT
from workbench.generators.settings_docs import PAGE, render


def test_the_committed_page_is_what_the_code_says() -> None:
    made = render(operations(), "")[PAGE]

    assert (ROOT / "docs" / PAGE).read_bytes() == made, "a setting has changed: run `make export`"


def test_every_setting_has_its_row() -> None:
    page = render(operations(), "")[PAGE].decode()

    for spec in fields(Settings):
        (row,) = (
            line
            for line in page.splitlines()
            if line.startswith(f"| `{PREFIX}{spec.name.upper()}`") or _is_map(spec, line)
        )
        assert spec.metadata["about"] in row
        assert spec.repr or ", secret" in row


def _is_map(spec: object, line: str) -> bool:
    return spec.name == "endpoints" and "<NAME>" in line  # type: ignore[attr-defined]
