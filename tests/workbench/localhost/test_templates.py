"""Templates bind path segments as the host's templates do."""

import pytest

from workbench.localhost.templates import TemplateError, parse


@pytest.mark.parametrize(
    ("template", "path", "values"),
    [
        ("a/{x}", ["a", "1"], {"x": "1"}),
        ("a/{x?}", ["a"], {}),
        ("a/{x=5}", ["a"], {"x": "5"}),
        ("a/{x:int=5}", ["a", "7"], {"x": "7"}),
        ("a/{x:int?}", ["a", "b"], None),
        ("{*rest}", [], {}),
        ("{*rest}", ["a", "b"], {"rest": "a/b"}),
        ("{**rest}", ["a", "b"], {"rest": "a/b"}),
        ("f/{name}.{ext}", ["f", "a.b.c"], {"name": "a.b", "ext": "c"}),
        ("f/{name}.{ext?}", ["f", "readme"], {"name": "readme"}),
        ("f/{name}.{ext?}", ["f", "readme.md"], {"name": "readme", "ext": "md"}),
        ("v{major:int}-{minor:int}", ["v1-2"], {"major": "1", "minor": "2"}),
        ("v{major:int}-{minor:int}", ["v1-x"], None),
        (r"{code:regex(^\d{{3}}/?$)}", ["123"], {"code": "123"}),
        (r"{code:regex(^\d{{3}}$)}", ["12"], None),
        ("{x:minlength(2):maxlength(3)}", ["abc"], {"x": "abc"}),
        ("{x:minlength(2):maxlength(3)}", ["abcd"], None),
    ],
)
def test_route_values(template: str, path: list[str], values: dict[str, str] | None) -> None:
    assert parse(template).bind(path) == values


@pytest.mark.parametrize(
    ("template", "least"), [("a/b", 2), ("a/{x?}", 1), ("a/{x=1}/{y?}", 1), ("a/{*r}", 1), ("", 0)]
)
def test_trailing_parameters_may_be_missing(template: str, least: int) -> None:
    assert parse(template).least == least


@pytest.mark.parametrize(
    "template",
    ["{a}/{A}", "{*rest}/x", "a//b", "{a", "a}", "{}", "{a}{b}", "x{*rest}", "{a?}-{b}", "{a b:}", "{a:int", "{{a}"],
)
def test_a_template_that_the_host_would_refuse_is_refused_in_a_sentence(template: str) -> None:
    with pytest.raises(ValueError, match=r"\."):
        parse(template)


def test_doubled_braces_are_text() -> None:
    assert parse("{{a}}").literals(1) == (0,)


def test_a_template_error_names_the_route() -> None:
    with pytest.raises(TemplateError, match=r"items/\{a"):
        parse("items/{a")
