"""host.json, its overrides and local.settings.json."""

import json
import logging
from pathlib import Path

import pytest

from workbench.localhost.config import (
    HostConfig,
    HostError,
    QueueOptions,
    expand,
    is_disabled,
    load_local_settings,
    seconds,
)


def write(folder: Path, name: str, document: object) -> Path:
    (folder / name).write_text(json.dumps(document))
    return folder


def test_defaults_are_those_of_the_host(tmp_path: Path) -> None:
    config = HostConfig.load(write(tmp_path, "host.json", {"version": "2.0"}), {})
    assert (config.route_prefix, config.log_level, config.queues) == ("api", logging.INFO, QueueOptions())


def test_values_are_found_whatever_their_case(tmp_path: Path) -> None:
    document = {
        "version": "2.0",
        "Extensions": {
            "http": {"RoutePrefix": "v1/"},
            "queues": {"batchSize": 4, "visibilityTimeout": "00:00:30", "maxDequeueCount": 2},
        },
        "logging": {"logLevel": {"default": "Warning"}},
    }
    config = HostConfig.load(write(tmp_path, "host.json", document), {})
    assert (config.route_prefix, config.log_level) == ("v1", logging.WARNING)
    assert config.queues == QueueOptions(
        batch_size=4, new_batch_threshold=2, max_dequeue_count=2, visibility_timeout=30.0
    )


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    folder = write(tmp_path, "host.json", {"version": "2.0", "extensions": {"http": {"routePrefix": "v1"}}})
    overrides = {
        "AzureFunctionsJobHost__extensions__http__routePrefix": "",
        "azurefunctionsjobhost__Extensions__Queues__BatchSize": "3",
    }
    config = HostConfig.load(folder, overrides)
    assert (config.route_prefix, config.queues.batch_size) == ("", 3)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "host.json is missing"),
        ("{", "not valid JSON"),
        ("[]", "JSON object"),
        ("{}", '"version": "2.0"'),
        ('{"version": "2.0", "extensions": {"queues": {"batchSize": 33}}}', "batchSize"),
        ('{"version": "2.0", "extensions": {"queues": {"visibilityTimeout": "30"}}}', "time span"),
        ('{"version": "2.0", "logging": {"logLevel": {"default": "Loud"}}}', "loud"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_a_sentence(tmp_path: Path, text: str | None, sentence: str) -> None:
    if text is not None:
        (tmp_path / "host.json").write_text(text)
    with pytest.raises(HostError, match=sentence):
        HostConfig.load(tmp_path, {})


def test_local_settings_fill_in_what_is_not_set(tmp_path: Path) -> None:
    environment = {"SET": "already"}
    folder = write(tmp_path, "local.settings.json", {"IsEncrypted": False, "Values": {"SET": "other", "NEW": "value"}})
    load_local_settings(folder, environment)
    assert environment == {"SET": "already", "NEW": "value"}


@pytest.mark.parametrize("document", [{"IsEncrypted": True}, {"Values": {"PORT": 7071}}])
def test_local_settings_that_cannot_be_used_are_refused(tmp_path: Path, document: object) -> None:
    with pytest.raises(HostError, match=r"local\.settings\.json"):
        load_local_settings(write(tmp_path, "local.settings.json", document), {})


def test_no_local_settings_are_fine(tmp_path: Path) -> None:
    load_local_settings(tmp_path, {})


@pytest.mark.parametrize(
    ("text", "expected"), [("00:00:30", 30.0), ("01:02:03.5", 3723.5), ("1.02:00:00", 93600.0), ("24:00:00", 86400.0)]
)
def test_time_spans(text: str, expected: float) -> None:
    assert seconds(text) == expected


def test_app_settings_in_names() -> None:
    assert expand("a-%X%-b%Y%", {"X": "1", "Y": ""}) == "a-1-b"
    with pytest.raises(HostError, match="MISSING"):
        expand("%MISSING%", {})
    with pytest.raises(HostError, match="partner"):
        expand("50%", {})


def test_functions_can_be_switched_off() -> None:
    assert is_disabled("F", {"AzureWebJobs.F.Disabled": "True"})
    assert is_disabled("F", {"AzureWebJobs_F_Disabled": "1"})
    assert not is_disabled("F", {"AzureWebJobs.F.Disabled": "false", "AzureWebJobs.G.Disabled": "1"})
