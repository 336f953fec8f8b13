"""Nobody moves to a connector that does less: the vendor's operations all have a counterpart."""

import json

import pytest

from connector.catalog import operations
from connector.operations.operation import Kind
from tests.desk import ROOT
from workbench.generators.parity import ELSEWHERE, SAME, counterpart, parity_page

DATA = ROOT.parent / "shared" / "data"
DEFINITIONS = [
    DATA / "deskdirector-connector-1.9" / "apiDefinition.swagger.json",
    DATA / "deskdirector-tech-connector-1.0" / "apiDefinition.swagger.json",
]


@pytest.mark.parametrize("vendor_id", sorted({*SAME, *ELSEWHERE}))
def test_every_counterpart_exists(vendor_id: str) -> None:
    found = counterpart(vendor_id, operations())

    assert found is not None
    assert set(found[0]) <= set(operations())


@pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: path.parent.name)
def test_the_vendors_definition_holds_nothing_that_we_lack(path: object) -> None:
    if not path.exists():  # type: ignore[attr-defined]
        pytest.skip("the vendor's definition is not here")
    document = json.loads(path.read_bytes())  # type: ignore[attr-defined]
    found = {
        operation["operationId"]: operation.get("x-ms-visibility")
        for item in document["paths"].values()
        for method, operation in item.items()
        if method in ("get", "post", "put", "patch", "delete")
    }

    assert [one for one in found if counterpart(one, operations()) is None] == []
    visible = {one for one, visibility in found.items() if visibility != "internal"}
    assert {one for one in visible if counterpart(one, operations()) is None} == set()


def test_what_makers_see_goes_by_the_same_id() -> None:
    kinds = {operations()[one].kind for one in SAME if one in operations()}

    assert {Kind.ACTION, Kind.LOOKUP, Kind.WEBHOOK_TRIGGER} <= kinds
    assert set(SAME) <= set(operations())


def test_the_page_is_what_the_catalog_says() -> None:
    committed = (ROOT / "docs" / "parity.md").read_bytes()

    assert committed == parity_page(operations()), "run `make export`"
