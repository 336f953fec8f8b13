"""docs/polling.md names tests that exist, triggers that exist, and the numbers of the code."""

import re
from pathlib import Path

from connector.catalog import operations
from connector.operations.operation import Kind
from connector.relay.polling.cursor import MOST_MARKS
from connector.relay.polling.poll import MOST_ITEMS
from connector.relay.polling.states import LONGEST_ADDRESS
from connector.relay.polling.walk import MOST_READS, OLD_ENOUGH

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "docs" / "polling.md").read_text()


def test_every_test_that_is_named_exists() -> None:
    found = re.findall(r"`((?:polling/)?test_\w+\.py)::(\w+)`", TEXT)
    assert len(found) > 15
    for file, name in found:
        assert re.search(rf"\b{name}\b", (ROOT / "tests" / "relay" / file).read_text()), f"{file}::{name}"


def test_every_polling_trigger_is_described() -> None:
    titles = [operation.title for operation in operations().values() if operation.kind is Kind.POLLING_TRIGGER]
    assert [title for title in titles if f"| {title} |" not in TEXT] == []


def test_the_numbers_are_those_of_the_code() -> None:
    for number in (MOST_ITEMS, MOST_MARKS, LONGEST_ADDRESS, MOST_READS * 200, OLD_ENOUGH):
        assert f"{number:,}" in TEXT, number
