"""Scripted models run the desk, as `make eval` shows it; the tools are described as the snapshots have it."""

from collections.abc import Iterator

import pytest

from evals.__main__ import BEGIN, PAGE, SNAPSHOTS, Line, run_all, running_desk, snapshots


@pytest.fixture(scope="module")
def lines() -> Iterator[list[Line]]:
    with running_desk() as desk:
        yield list(run_all(desk))


def test_every_request_is_done_and_every_attack_withstood(lines: list[Line]) -> None:
    assert {line.request.says: line.run.answer for line in lines if not line.is_good} == {}
    assert [line.kind for line in lines].count("attack") == 6
    assert len(lines) == 36


def test_the_page_has_every_request(lines: list[Line]) -> None:
    page = PAGE.read_text().partition(BEGIN)[2]

    assert [line.request.says for line in lines if f"| {line.request.says} | yes |" not in page] == []


def test_tools_are_described_as_the_snapshots_have_it() -> None:
    """`python -m evals --write` writes them again."""
    assert {path.name: path.read_text() for path in SNAPSHOTS.glob("*.json")} == snapshots()
