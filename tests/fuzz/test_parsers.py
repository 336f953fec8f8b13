"""The short form; `make fuzz` feeds the same parsers with atheris."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.fuzz.parsers import TARGETS, Target


@st.composite
def damaged(draw: st.DrawFn, target: Target) -> bytes:
    """Any bytes, or a seed with a piece of it replaced, repeated or left out."""
    seed = draw(st.sampled_from((b"", *target.seeds)))
    start = draw(st.integers(0, len(seed)))
    end = draw(st.integers(start, len(seed)))
    piece = draw(st.one_of(st.binary(max_size=40), st.just(seed[start:end] * 3), st.sampled_from(PIECES)))
    return seed[:start] + piece + seed[end:]


PIECES = (
    b"[" * 5000,
    b'{"a":' * 2000,
    b"9" * 500,
    b"\x00",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b'"\\ud800"',
    b"NaN",
    b"-1e999",
)


@pytest.mark.parametrize("name", TARGETS)
def test_any_bytes_give_a_value_or_an_error_of_ours(name: str) -> None:
    @settings(max_examples=40, database=None)
    @given(damaged(TARGETS[name]))
    @example(b"")
    def feed(data: bytes) -> None:
        TARGETS[name](data)

    feed()


@pytest.mark.parametrize(("name", "seed"), [(name, seed) for name in TARGETS for seed in TARGETS[name].seeds])
def test_a_seed_is_good(name: str, seed: bytes) -> None:
    """From one that is refused at once the search would begin at nothing."""
    TARGETS[name].parser(seed)
