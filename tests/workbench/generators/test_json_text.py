"""Generated JSON: nothing is lost, lines stay readable, the text is stable."""

import json

from hypothesis import given
from hypothesis import strategies as st

from workbench.generators.json_text import as_json

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=40,
)


@given(values)
def test_what_is_written_is_what_was_meant(value: object) -> None:
    assert json.loads(as_json(value)) == value


def test_what_fits_on_a_line_stays_on_it_and_the_order_is_kept() -> None:
    document = {"second": {"description": "Fits."}, "first": ["x" * 80, "y" * 80], "empty": {}}

    assert as_json(document).decode().splitlines() == [
        "{",
        ' "second": {"description": "Fits."},',
        ' "first": [',
        f'  "{"x" * 80}",',
        f'  "{"y" * 80}"',
        " ],",
        ' "empty": {}',
        "}",
    ]
