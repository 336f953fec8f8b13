"""Backup and restore of one machine: nothing acknowledged is lost, nothing that is there is overwritten."""

import gzip
import hashlib
import io
import json
import sqlite3
import stat
import subprocess
import sys
import tarfile
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connector.storage.records import EventQuery, SubscriptionSecrets
from connector.storage.sealing import Sealer
from connector.storage.sqlite import SqliteStore
from connector.storage.sqlite.schema import STEPS
from tests.desk import ROOT
from tests.storage.conftest import KEY, routed, subscription
from workbench.cli.app import app
from workbench.cli.backup import BackupError, back_up, restore


def opened(data: Path) -> SqliteStore:
    return SqliteStore(data / "connector.db", Sealer([KEY]), 90)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder as the local host leaves it."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "secrets.key").write_text(KEY)
    (folder / "timers.json").write_text("{}")
    with closing(sqlite3.connect(folder / "queues.sqlite3")) as queues:
        queues.execute("PRAGMA journal_mode = WAL")
        queues.execute("CREATE TABLE messages (body BLOB)")
    return folder


async def all_events(store: SqliteStore) -> set[str]:
    return {event.id for event in (await store.outbox.events(EventQuery(take=100_000))).items}


async def test_what_is_acknowledged_while_the_app_runs_is_in_the_backup(data: Path, tmp_path: Path) -> None:
    store = opened(data)
    await store.subscriptions.add(subscription(secrets=SubscriptionSecrets("t0ken")))
    accepted = [routed("sub") for _ in range(20)]
    for event in accepted:
        await store.outbox.accept([event], time.time())
    assert (data / "connector.db-wal").stat().st_size > 0

    manifest = back_up(data, tmp_path / "backup.tar.gz")
    await store.close()
    restore(tmp_path / "backup.tar.gz", tmp_path / "elsewhere")

    again = opened(tmp_path / "elsewhere")
    assert await all_events(again) == {event.event.id for event in accepted}
    kept = await again.subscriptions.get("sub")
    assert kept
    assert kept.secrets.token == "t0ken"
    await again.close()
    assert set(manifest["files"]) == {"connector.db", "queues.sqlite3", "secrets.key", "timers.json"}
    assert manifest["files"]["connector.db"]["rows"]["events"] == 20
    assert stat.S_IMODE((tmp_path / "backup.tar.gz").stat().st_mode) == 0o600
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "elsewhere").iterdir()} == {0o600}


def test_a_backup_beside_a_writer_is_whole_and_stops_it_for_no_error(data: Path, tmp_path: Path) -> None:
    """Every event that the writer reported before the backup began is in it."""
    command = [sys.executable, "-m", "tests.storage.writers", "accept", str(data)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout
        reported = {writer.stdout.readline().strip() for _ in range(200)}
        back_up(data, tmp_path / "backup.tar.gz")
        later = {writer.stdout.readline().strip() for _ in range(50)}
        assert writer.poll() is None
        writer.kill()
    restore(tmp_path / "backup.tar.gz", tmp_path / "elsewhere")

    with closing(sqlite3.connect(tmp_path / "elsewhere" / "connector.db")) as connection:
        present = {name for (name,) in connection.execute("SELECT id FROM events")}
    assert reported <= present
    assert "" not in later


async def test_a_running_app_is_not_restored_over(data: Path, tmp_path: Path) -> None:
    store = opened(data)
    await store.subscriptions.add(subscription())
    back_up(data, tmp_path / "backup.tar.gz")

    with pytest.raises(BackupError, match="The app is running"):
        restore(tmp_path / "backup.tar.gz", data)
    assert await store.subscriptions.get("sub")
    await store.close()

    _, aside = restore(tmp_path / "backup.tar.gz", data)
    assert aside
    assert (aside / "connector.db").exists()
    assert not (data / "connector.db-wal").exists()


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9])
async def test_a_damaged_archive_changes_nothing(data: Path, tmp_path: Path, place: float) -> None:
    store = opened(data)
    await store.subscriptions.add(subscription())
    await store.close()
    archive = tmp_path / "backup.tar.gz"
    back_up(data, archive)
    before = {path.name: path.read_bytes() for path in data.iterdir()}
    content = bytearray(archive.read_bytes())
    content[int(len(content) * place)] ^= 0xFF
    archive.write_bytes(content)

    with pytest.raises(BackupError):
        restore(archive, data)
    assert {path.name: path.read_bytes() for path in data.iterdir()} == before


def archive_of(files: Mapping[str, bytes]) -> bytes:
    """Somebody's archive, readable by all."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o644
            archive.addfile(member, io.BytesIO(content))
    return written.getvalue()


def with_manifest(database: bytes) -> bytes:
    """An archive of this file as the store, whose manifest is right."""
    described: dict[str, Any] = {"sha256": hashlib.sha256(database).hexdigest()}
    if database.startswith(b"SQLite"):
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.deserialize(database)
            (described["schema"],) = connection.execute("PRAGMA user_version").fetchone()
            names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            rows = {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in sorted(names)}
            described["rows"] = rows
    made = {"version": "1", "madeAt": "now", "files": {"connector.db": described}}
    return archive_of({"manifest.json": json.dumps(made).encode(), "connector.db": database})


def database(*statements: str) -> bytes:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)
        return connection.serialize()


OURS = ("CREATE TABLE events (id)", "CREATE TABLE subscriptions (id)")
MANIFESTS = (
    *("[]", "{}", "null", "[" * 100_000, '{"files": {}}', '{"files": []}', '{"files": ["manifest.json"]}'),
    *(
        '{"files": [1]}',
        '{"files": {"manifest.json": null}}',
        '{"files": {"../x": {}}}',
        '{"files": {"/etc/hosts": {}}}',
    ),
    *('{"files": {"a\\u0000b": {}}}', '{"files": {"connector.db": 7}, "madeAt": "", "version": ""}'),
)
FOREIGN: Mapping[str, bytes] = {
    **{
        f"manifest {text[:40]}": archive_of({"manifest.json": text.encode(), "connector.db": b""}) for text in MANIFESTS
    },
    "another database": with_manifest(database("CREATE TABLE recipes (id)")),
    "no database": with_manifest(b"hello"),
    "an empty file": with_manifest(b""),
    "a newer version": with_manifest(database(*OURS, f"PRAGMA user_version = {len(STEPS) + 1}")),
    "no archive in it": gzip.compress(b"hello"),
    "nothing": b"",
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_foreign_archive_is_refused_in_a_sentence_and_changes_nothing(data: Path, tmp_path: Path, kind: str) -> None:
    (tmp_path / "foreign").write_bytes(FOREIGN[kind])
    before = {path.name: path.read_bytes() for path in data.iterdir()}

    refused = CliRunner().invoke(app, ["restore", str(tmp_path / "foreign"), "--data", str(data)])

    assert refused.exit_code == 2
    assert refused.output.strip().endswith(".")
    assert {path.name: path.read_bytes() for path in data.iterdir()} == before


async def test_an_archive_that_breaks_off_anywhere_is_refused_or_whole(data: Path, tmp_path: Path) -> None:
    """The last bytes are a checksum: what stands before them may be all that is needed."""
    store = opened(data)
    await store.subscriptions.add(subscription())
    await store.close()
    back_up(data, tmp_path / "whole.tar.gz")
    content = (tmp_path / "whole.tar.gz").read_bytes()
    for length in (*range(0, len(content), len(content) // 40), *range(len(content) - 12, len(content))):
        (tmp_path / "part").write_bytes(content[:length])
        try:
            restore(tmp_path / "part", tmp_path / str(length))
        except BackupError:
            assert list((tmp_path / str(length)).iterdir()) == []
        else:
            assert {path.name for path in (tmp_path / str(length)).iterdir()} >= {"connector.db", "secrets.key"}


def test_what_is_restored_is_read_by_its_owner_only(data: Path, tmp_path: Path) -> None:
    (tmp_path / "open").write_bytes(with_manifest(database(*OURS)))
    restore(tmp_path / "open", tmp_path / "elsewhere")
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "elsewhere").iterdir()} == {0o600}


def test_what_cannot_be_backed_up_or_restored_is_said_in_a_sentence(tmp_path: Path) -> None:
    runner = CliRunner()
    empty = runner.invoke(app, ["backup", str(tmp_path / "b.tar.gz"), "--data", str(tmp_path)])
    (tmp_path / "letter").write_text("no archive")
    no_archive = runner.invoke(app, ["restore", str(tmp_path / "letter"), "--data", str(tmp_path / "data")])

    assert (empty.exit_code, no_archive.exit_code) == (2, 2)
    assert "CONNECTOR_DATA_DIR" in empty.output
    assert "is not a backup" in no_archive.output


async def test_the_commands_make_and_restore_a_backup(data: Path, tmp_path: Path) -> None:
    store = opened(data)
    await store.subscriptions.add(subscription())
    await store.close()
    runner, archive = CliRunner(), tmp_path / "b.tar.gz"

    made = runner.invoke(app, ["backup", str(archive), "--data", str(data)])
    twice = runner.invoke(app, ["backup", str(archive), "--data", str(data)])
    put = runner.invoke(app, ["restore", str(archive), "--data", str(data)])

    assert (made.exit_code, twice.exit_code, put.exit_code) == (0, 2, 0)
    assert "connector.db" in made.output
    assert "before-restore-" in put.output
