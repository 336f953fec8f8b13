"""Secrets at rest."""

import stat
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from connector.deskdirector.errors import Unavailable
from connector.setting_values import HOW_TO_MAKE_A_KEY
from connector.settings import Settings, SettingsError
from connector.storage.sealing import BrokenSealError, Sealer, open_sealer

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


@given(st.text())
def test_opens_what_it_sealed_and_shows_nothing_of_it(text: str) -> None:
    sealed = Sealer([NEW]).seal(text)
    assert Sealer([NEW]).open(sealed) == text
    assert len(text) < 8 or text not in sealed


def test_a_new_key_in_front_still_opens_what_the_old_one_sealed() -> None:
    sealed = Sealer([OLD]).seal("token")
    rotated = Sealer([NEW, OLD])
    assert rotated.open(sealed) == "token"
    assert not rotated.is_newest(sealed)
    assert rotated.is_newest(rotated.seal("token"))


def test_a_key_that_was_taken_away_is_asked_for_rather_than_the_secret_lost() -> None:
    sealed = Sealer([OLD]).seal("token")
    with pytest.raises(Unavailable) as problem:
        Sealer([NEW]).open(sealed)
    assert "CONNECTOR_SECRETS_KEY" in problem.value.message
    assert OLD not in problem.value.message


@pytest.mark.parametrize("damage", [lambda text: text[:-4], lambda text: text[:20] + "!" + text[21:], lambda _: ""])
def test_a_damaged_secret_is_told_from_one_without_a_key(damage: Callable[[str], str]) -> None:
    with pytest.raises(BrokenSealError):
        Sealer([NEW]).open(damage(Sealer([NEW]).seal("token")))


@pytest.mark.parametrize(
    "key", ["short", "", "é" * 44, OLD[:-1], OLD + "A"], ids=["short", "none", "accents", "cut", "long"]
)
def test_what_is_no_key_is_refused_with_the_way_to_make_one(key: str) -> None:
    with pytest.raises(SettingsError, match="urlsafe_b64encode") as problem:
        Sealer([key])
    assert len(key) < 10 or key not in str(problem.value)


def test_the_way_to_make_a_key_makes_one() -> None:
    made = subprocess.run(HOW_TO_MAKE_A_KEY, shell=True, capture_output=True, text=True, check=True).stdout
    assert Sealer([made.strip()])


def test_keys_are_listed_newest_first(tmp_path: Path) -> None:
    sealer = open_sealer(Settings(secrets_key=f" {NEW} , {OLD}"), {}, shared=True)
    assert sealer.is_newest(Sealer([NEW]).seal("x"))
    assert sealer.open(Sealer([OLD]).seal("x")) == "x"


@pytest.mark.parametrize(
    ("environment", "shared"),
    [({}, True), ({"WEBSITE_INSTANCE_ID": "i"}, False), ({"AZURE_FUNCTIONS_ENVIRONMENT": "Production"}, False)],
)
def test_in_azure_a_missing_key_is_a_start_up_error_that_helps(
    tmp_path: Path, environment: dict[str, str], shared: bool
) -> None:
    with pytest.raises(SettingsError, match="urlsafe_b64encode"):
        open_sealer(Settings(data_dir=str(tmp_path)), environment, shared=shared)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "environment", [{}, {"AZURE_FUNCTIONS_ENVIRONMENT": "Development", "WEBSITE_INSTANCE_ID": "i"}]
)
def test_on_one_machine_a_key_file_for_its_owner_is_made_and_used_again(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    here = Settings(data_dir=str(tmp_path / "data"))
    sealed = open_sealer(here, environment, shared=False).seal("token")
    (file,) = (tmp_path / "data").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert open_sealer(here, environment, shared=False).open(sealed) == "token"


def test_a_folder_that_cannot_be_used_is_a_503_rather_than_a_mistake_of_ours(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Unavailable, match="CONNECTOR_DATA_DIR"):
        open_sealer(Settings(data_dir=str(tmp_path / "file" / "data")), {}, shared=False)


def test_whoever_makes_the_key_file_at_the_same_time_gets_the_same_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        sealers = list(pool.map(lambda _: open_sealer(Settings(data_dir=str(tmp_path)), {}, shared=False), range(8)))
    sealed = sealers[0].seal("token")
    assert {sealer.open(sealed) for sealer in sealers} == {"token"}
    assert len(list(tmp_path.iterdir())) == 1
