"""Each constraint against what ASP.NET Core takes and refuses."""

import pytest

from workbench.localhost.constraints import ConstraintError, constraint


@pytest.mark.parametrize(
    ("written", "taken", "refused"),
    [
        (
            "int",
            ["0", "-7", "+7", "2147483647", " 12 ", "0" * 5000 + "7"],
            ["", "1" * 5000, "1.5", "2147483648", "1e3", "٣", "abc"],
        ),
        ("long", ["2147483648", "-9223372036854775808"], ["9223372036854775808", "x"]),
        ("bool", ["true", "False", "TRUE"], ["1", "yes", ""]),
        ("alpha", ["abc", "ABC", ""], ["a1", "a b", "é"]),
        (
            "guid",
            ["11111111-2222-3333-4444-555555555555", "{11111111-2222-3333-4444-55555555555A}", "1" * 32],
            ["11111111-2222", "{11111111-2222-3333-4444-555555555555)", "g" * 32],
        ),
        ("decimal", ["1", "1.5", "-1,000.25", ".5", "1-"], ["1e5", "", "-", "8" + "0" * 28, "1" * 5000]),
        ("double", ["1", "1.5e10", "-.5", "NaN", "Infinity"], ["", "1.5f", "e5"]),
        ("float", ["1", "1.5e10"], ["x"]),
        ("datetime", ["2026-11-24", "2026-11-24T10:00:00Z", "11/24/2026 10:00"], ["yesterday", "2026-13-01", ""]),
        ("minlength(2)", ["ab", "abc"], ["a", ""]),
        ("maxlength(2)", ["ab", ""], ["abc"]),
        ("length(2)", ["ab"], ["a", "abc"]),
        ("length(2,3)", ["ab", "abc"], ["a", "abcd"]),
        ("min(5)", ["5", "6"], ["4", "x", ""]),
        ("max(5)", ["5", "-6"], ["6", "x"]),
        ("range(5, 7)", ["5", "7"], ["4", "8", "x"]),
        (r"regex(^\d{3}-\d{2}$)", ["123-45"], ["123-4", "a123-45"]),
        ("regex(b+)", ["abc", "ABC"], ["ac"]),
        ("required", ["x"], [""]),
        ("INT", ["1"], ["x"]),
    ],
)
def test_a_constraint_takes_and_refuses_what_asp_net_does(written: str, taken: list[str], refused: list[str]) -> None:
    holds = constraint(written)
    assert [text for text in taken if not holds(text)] == []
    assert [text for text in refused if holds(text)] == []


@pytest.mark.parametrize("written", ["ticket", "min", "int(5)", "range(5)", "length(a)", "regex([)", ""])
def test_an_unknown_constraint_or_wrong_arguments_are_named(written: str) -> None:
    with pytest.raises(ConstraintError, match="not one that Azure Functions knows"):
        constraint(written)
