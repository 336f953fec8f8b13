"""Settings that cannot work are told at the start, by their names."""

import pytest

from connector.settings import Settings, SettingsError


@pytest.mark.parametrize(
    ("name", "value", "takes"),
    [
        ("BUDGET_SECONDS", "0", "a whole number, 1 or more, at most 230"),
        ("MAX_BODY_KB", "0", "a whole number, 1 or more"),
        ("SITE_CONNECTIONS", "-1", "a whole number, 1 or more"),
        ("LOOKUP_SECONDS", "-1", "a whole number, 0 or more"),
        ("BUDGET_SECONDS", "soon", "a whole number, 1 or more, at most 230"),
        ("KEY_SCHEME", "digest", "one of auto, basic, ddapi"),
    ],
)
def test_a_value_that_cannot_work_is_told_with_what_would(name: str, value: str, takes: str) -> None:
    with pytest.raises(SettingsError) as problem:
        Settings.from_environment({f"CONNECTOR_{name}": value})

    assert str(problem.value) == f"CONNECTOR_{name} must be {takes}."


def test_nought_turns_remembering_off() -> None:
    assert Settings.from_environment({"CONNECTOR_LOOKUP_SECONDS": "0"}).lookup_seconds == 0
