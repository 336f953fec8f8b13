"""docs/scale.md says what its script computes."""

from benchmarks.scale import PAGE, numbers, page
from tests.desk import ROOT


def test_the_numbers_of_the_page_are_those_of_the_script() -> None:
    text = PAGE.read_text()
    assert page(text) == text, "run: python -m benchmarks.scale --write"


def test_the_layout_carries_what_the_page_says() -> None:
    of = numbers()
    assert of["account"] <= 20_000
    assert of["partition"] <= 2_000 / 4
    assert of["queue_many"] <= 2_000 / 2


def test_what_the_page_tells_to_set_exists() -> None:
    text = PAGE.read_text()
    assert "DEPLOY_MAXIMUM_INSTANCES" in text
    assert "DEPLOY_MAXIMUM_INSTANCES" in (ROOT / "infra" / "main.parameters.json").read_text()
