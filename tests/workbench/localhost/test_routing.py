"""The route table answers as if every route were tried in the order of function names."""

import re
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from workbench.localhost.routing import Route, RouteTable, decode, split

METHODS = (None, frozenset({"GET"}), frozenset({"POST"}), frozenset({"GET", "POST"}))
PARAMETERS = {"{%s}": "[^/]+", "{%s:int}": r"[+-]?\d+", "{%s:alpha}": "[a-zA-Z]+"}


@st.composite
def templates(draw: st.DrawFn) -> str:
    """Literals and parameters in front, at the end perhaps something that may be missing."""
    names = count()
    parts = draw(st.lists(st.sampled_from(["a", "B", "items", *PARAMETERS, "{%s}.{%s}"]), max_size=3))
    parts += draw(st.sampled_from([[], [], ["{%s?}"], ["{%s=d}"], ["{*%s}"], ["{%s=d}", "{%s?}"]]))
    return "/".join(part % tuple(f"p{next(names)}" for _ in range(part.count("%s"))) for part in parts)


routes = st.lists(
    st.builds(Route, st.text("abAB_", min_size=1, max_size=3), templates(), st.sampled_from(METHODS), st.just("")),
    unique_by=lambda route: route.name.upper(),
    max_size=8,
)
paths = st.lists(st.sampled_from(["a", "b", "Items", "7", "x.y", "zz", ""]), max_size=4).map(
    lambda parts: "/" + "/".join(parts)
)


def by_the_book(table: list[Route[str]], method: str, path: str) -> tuple[str, dict[str, str]] | None:
    """Every route in turn, each as one regular expression."""
    for route in sorted(table, key=lambda route: route.name.upper()):
        if route.methods is not None and method not in route.methods:
            continue
        found = re.fullmatch(expression(route.template), path.removesuffix("/"), re.IGNORECASE)
        if found:
            values = {name: text for name, text in found.groupdict().items() if text is not None}
            defaults = dict.fromkeys(re.findall(r"\{(\w+)=d\}", route.template), "d")
            return route.name, defaults | values
    return None


def expression(template: str) -> str:
    pattern = ""
    for part in filter(None, template.split("/")):
        if part.startswith("{*"):
            pattern += f"(?:/(?P<{part[2:-1]}>[^/]+(?:/.*)?))?"
        elif part.endswith(("?}", "=d}")):
            pattern += f"(?:/(?P<{re.split('[?=]', part[1:])[0]}>[^/]+))?"
        elif "." in part:
            first, second = re.findall(r"\w+", part)
            pattern += rf"/(?P<{first}>[^/]+)\.(?P<{second}>[^/]+)"
        elif part.startswith("{"):
            name, _, kind = part[1:-1].partition(":")
            pattern += f"/(?P<{name}>{PARAMETERS['{%s' + (':' + kind if kind else '') + '}']})"
        else:
            pattern += "/" + re.escape(part)
    return pattern


@given(routes, st.sampled_from(["GET", "POST", "PUT", "HEAD"]), paths)
def test_the_first_function_name_that_matches_wins(table: list[Route[str]], method: str, path: str) -> None:
    routed = RouteTable(table)
    refused = {refusal.name for refusal in routed.refused}
    found = routed.match(method, path.encode())
    expected = by_the_book([route for route in table if route.name not in refused], method, path)
    assert (found and (found[0].name, dict(found[1]))) == expected


def test_a_name_beats_a_more_specific_route() -> None:
    table = RouteTable([Route("List", "items/recent", None, 1), Route("Details", "items/{id}", None, 2)])
    assert named(table, "GET", "/items/recent") == "Details"


def test_a_failed_constraint_leaves_the_path_to_the_next_name() -> None:
    table = RouteTable([Route("List", "items/recent", None, 1), Route("Details", "items/{id:int}", None, 2)])
    assert named(table, "GET", "/items/recent") == "List"
    assert named(table, "GET", "/items/7") == "Details"


def test_names_are_ordered_without_regard_to_case() -> None:
    table = RouteTable([Route("b", "{x}", None, 1), Route("A_", "{y}", None, 2), Route("Ab", "{z}", None, 3)])
    assert named(table, "GET", "/q") == "Ab"


def test_methods_are_part_of_the_match() -> None:
    table = RouteTable([Route("G", "x", frozenset({"GET"}), 1), Route("P", "x", frozenset({"POST"}), 2)])
    assert named(table, "POST", "/x") == "P"
    assert named(table, "HEAD", "/x") is None


def test_case_and_one_trailing_slash_do_not_matter() -> None:
    table = RouteTable([Route("A", "Api/Items", None, 1)])
    assert named(table, "GET", "/api/ITEMS/") == "A"
    assert named(table, "GET", "/api/items//") is None


def test_what_the_host_refuses_is_listed_with_its_reason() -> None:
    table = RouteTable(
        [
            Route("A", "x", None, 1),
            Route("B", "X", frozenset({"GET"}), 2),
            Route("C", "admin/x", None, 3),
            Route("D", "{a:nonsense}", None, 4),
            Route("E", "{a", None, 5),
        ]
    )
    assert {refusal.name for refusal in table.refused} == {"B", "C", "D", "E"}
    assert "already served by 'A'" in table.refused[0].reason
    assert named(table, "GET", "/x") == "A"


@given(st.text(st.characters(exclude_characters="/%", exclude_categories=["Cs"]), max_size=10))
def test_a_path_is_decoded_once_and_an_encoded_slash_stays(text: str) -> None:
    from urllib.parse import quote

    assert decode(quote(f"/a/{text}").encode()) == f"/a/{text}"
    assert decode(b"/a%2fb%2Fc%20d") == "/a%2Fb%2Fc d"
    assert decode(b"/a%252Fb") == "/a%2Fb"


def test_segments() -> None:
    assert (split("/"), split("/a/b/"), split("/a//")) == ([], ["a", "b"], ["a", ""])


def named(table: RouteTable[int], method: str, path: str) -> str | None:
    found = table.match(method, path.encode())
    return found[0].name if found else None
