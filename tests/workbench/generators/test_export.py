"""The export: what is committed is what the catalog generates, and only what changed is written."""

import json
import zlib
from pathlib import Path

import pytest

from connector.catalog import operations
from connector.operations.signature import signature_of
from tests.desk import ROOT
from workbench.generators import export as exporting
from workbench.generators.export import export, package, rendered, stale

COMMITTED = Path(__file__).resolve().parents[3] / "connector" / "definition"
DEFINITION = "power-platform/apiDefinition.swagger.json"
ICON = "power-platform/icon.png"


def test_the_committed_files_are_what_the_catalog_generates() -> None:
    assert stale(COMMITTED) == [], "the catalog has changed: run `make export` and commit connector/definition"


def test_an_export_is_up_to_date_and_writes_nothing_the_second_time(tmp_path: Path) -> None:
    assert set(export(tmp_path)) == set(rendered())

    assert stale(tmp_path) == []
    assert export(tmp_path) == []


def test_what_differs_is_missing_or_left_over_is_told_with_its_remedy(tmp_path: Path) -> None:
    export(tmp_path)
    (tmp_path / DEFINITION).write_bytes(b"{}\n")
    (tmp_path / ICON).unlink()
    (tmp_path / "power-platform" / "old.json").write_text("{}")

    assert stale(tmp_path) == [
        f"{DEFINITION} differs from the catalog; run `make export`",
        f"{ICON} differs from the catalog; run `make export`",
        "power-platform/old.json is made by no face; delete it",
    ]
    assert set(export(tmp_path)) == {DEFINITION, ICON}


def test_the_host_is_written_into_the_definition(tmp_path: Path) -> None:
    export(tmp_path, "desk.azurewebsites.net")

    document = json.loads((tmp_path / DEFINITION).read_text())
    assert (document["host"], document["basePath"]) == ("desk.azurewebsites.net", "/api")


@pytest.mark.parametrize(
    "host", ["", "localhost", "https://desk.example.com", "desk.example.com/api", "a b.example.com"]
)
def test_a_host_that_is_none_is_refused_before_anything_is_written(tmp_path: Path, host: str) -> None:
    with pytest.raises(ValueError, match="not a host name"):
        export(tmp_path, host)
    with pytest.raises(ValueError, match="not a host name"):
        package(tmp_path, host)

    assert list(tmp_path.iterdir()) == []


def test_an_icon_compressed_elsewhere_is_not_out_of_date(tmp_path: Path) -> None:
    export(tmp_path)
    png = (tmp_path / ICON).read_bytes()
    start = png.index(b"IDAT") + 4
    length = int.from_bytes(png[start - 8 : start - 4])
    data = zlib.compress(zlib.decompress(png[start : start + length]), 1)
    chunk = len(data).to_bytes(4) + b"IDAT" + data + zlib.crc32(b"IDAT" + data).to_bytes(4)
    (tmp_path / ICON).write_bytes(png[: start - 8] + chunk + png[start + length + 4 :])

    assert stale(tmp_path) == []


def test_an_icon_with_another_picture_is_out_of_date(tmp_path: Path) -> None:
    export(tmp_path)
    (tmp_path / ICON).write_bytes((tmp_path / ICON).read_bytes()[:100])

    assert len(stale(tmp_path)) == 1


def test_two_faces_cannot_write_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "FACES", (*exporting.FACES, *exporting.FACES))

    with pytest.raises(ValueError, match="two faces generate power-platform/"):
        rendered()


def test_packaging_says_what_is_left_to_do(tmp_path: Path) -> None:
    told = package(tmp_path, "desk.azurewebsites.net")

    assert "paconn create --api-def apiDefinition.swagger.json --api-prop apiProperties.json" in told
    assert (tmp_path / "power-platform" / "DeskDirectorAutomation.zip").is_file()


def test_the_page_about_inputs_names_what_every_update_can_empty() -> None:
    page = (ROOT / "docs" / "inputs.md").read_text()
    for operation in operations().values():
        for _, field in signature_of(operation).fields(operation):
            if field.name == "clear" and field.items:
                names = ", ".join(f"`{name}`" for name in field.items.enum)
                assert f"| {operation.title} | {names} |" in page
