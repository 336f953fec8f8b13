"""`backup` and `restore`: a consistent copy of what one machine keeps in its data folder.

A plain copy of `connector.db` is empty or torn: what is new stands in the write-ahead log beside it. `VACUUM INTO`
writes one whole file while the app runs; a writer waits for some ten milliseconds. A stepped copy would start again at
every write and never finish on a busy store.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connector.storage import FILE_NAME
from connector.storage.sqlite.schema import STEPS
from workbench.generators.identity import version

MANIFEST = "manifest.json"
SIDE_FILES = ("-wal", "-shm", "-journal")
_HEADER = b"SQLite format 3\0"
_BUSY_SECONDS = 20.0


class BackupError(ValueError):
    """A backup that cannot be made or used; the sentence says what to do."""


def named_by_time(folder: Path) -> Path:
    """A name for a new archive, in UTC."""
    return folder / f"connector-backup-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.tar.gz"


def back_up(data: Path, target: Path) -> dict[str, Any]:
    """Write everything of the data folder into one new archive, readable by its owner only; returns the manifest.

    Queues come before the store: an event on its way from one to the other is then in at least one copy, and the
    second arrival of an event is recognised. Raises `BackupError`.
    """
    if target.exists():
        raise BackupError(f"{target} exists; name a new file.")
    sources = sorted(
        (path for path in data.glob("*") if path.is_file() and not path.name.endswith(SIDE_FILES)),
        key=lambda path: (path.name == FILE_NAME, path.name),
    )
    if not any(path.name == FILE_NAME for path in sources):
        raise BackupError(f"There is no {FILE_NAME} in {data}; name the data folder of the app (CONNECTOR_DATA_DIR).")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        copies = [_copy(source, Path(scratch) / source.name) for source in sources]
        made = {
            "version": version(),
            "madeAt": datetime.now(UTC).isoformat(timespec="seconds"),
            "files": {copy.name: _described(copy) for copy in copies},
        }
        (Path(scratch) / MANIFEST).write_text(json.dumps(made, indent=2))
        unfinished = Path(scratch) / "archive"
        with _private(unfinished) as file, tarfile.open(fileobj=file, mode="w:gz") as archive:
            for name in (MANIFEST, *made["files"]):
                archive.add(Path(scratch) / name, name)
        unfinished.rename(target)
    return made


def restore(archive: Path, data: Path) -> tuple[dict[str, Any], Path | None]:
    """Put a backup into the data folder of a stopped app.

    Returns the manifest and the folder that what was there has been moved to, if anything was. Nothing is touched
    before the whole archive has been checked. Raises `BackupError`.
    """
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=data, prefix=".restoring-") as scratch:
        folder = Path(scratch)
        manifest = _unpacked(archive, folder)
        for name, expected in manifest["files"].items():
            _check(folder / name, expected, archive)
        present = [path for path in data.iterdir() if path.is_file()]
        for path in present:
            _refuse_open(path)
        aside = _aside(data, present)
        for name in manifest["files"]:
            (folder / name).rename(data / name)
    return manifest, aside


def _copy(source: Path, target: Path) -> Path:
    """A copy of a file as it is at one moment."""
    with _private(target):
        pass
    if not _is_database(source):
        shutil.copyfile(source, target)
        return target
    target.unlink()
    with closing(
        sqlite3.connect(f"{source.absolute().as_uri()}?mode=rw", timeout=_BUSY_SECONDS, uri=True)
    ) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))
    target.chmod(0o600)
    return target


def _described(path: Path) -> dict[str, Any]:
    """What the manifest says of a file: its hash and, of a database, its schema version and rows; raises if damaged."""
    digest = {"sha256": _digest(path)}
    if not _is_database(path):
        return digest
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            (health,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            if health != "ok":
                raise BackupError(f"{path.name} is damaged ({health}); the copy was not kept.")
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            rows = {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}  # noqa: S608
            (schema,) = connection.execute("PRAGMA user_version").fetchone()
    except sqlite3.DatabaseError as problem:
        raise BackupError(f"{path.name} is damaged ({problem}); the copy was not kept.") from None
    return {**digest, "schema": schema, "rows": dict(sorted(rows.items()))}


def _unpacked(archive: Path, folder: Path) -> dict[str, Any]:
    """Unpack the plain files of the archive; the manifest, which names them."""
    try:
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter=_plain)  # noqa: S202  it lets through plain files only
        manifest: Any = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, EOFError, tarfile.TarError, zlib.error, ValueError, RecursionError) as problem:
        raise BackupError(f"{archive} is not a backup of this app, or not whole ({type(problem).__name__}).") from None
    files = manifest.get("files") if isinstance(manifest, dict) else None
    if not isinstance(files, dict) or FILE_NAME not in files or not {"madeAt", "version"} <= manifest.keys():
        raise BackupError(f"{archive} is not a backup of this app: its {MANIFEST} lacks what one has.")
    if any(Path(name).name != name or not (folder / name).is_file() for name in files):
        raise BackupError(f"{archive} is not whole: a file that its manifest names is missing.")
    return dict(manifest)


def _plain(member: tarfile.TarInfo, folder: str) -> tarfile.TarInfo | None:
    """A file below no folder, which only its owner may read from now on; anything else is left out."""
    safe = tarfile.data_filter(member, folder)
    return safe.replace(mode=0o600) if safe.isreg() and Path(safe.name).name == safe.name else None


def _check(path: Path, expected: Any, archive: Path) -> None:
    """Raise when a file is not what was backed up, or is a store that this version does not read."""
    if not isinstance(expected, dict) or expected.get("sha256") != _digest(path):
        raise BackupError(f"{path.name} in {archive} is damaged; use another backup.")
    described = _described(path)
    if described != expected:
        raise BackupError(f"{path.name} in {archive} is damaged; use another backup.")
    if path.name != FILE_NAME:
        return
    if not {"events", "subscriptions"} <= described.get("rows", {}).keys():
        raise BackupError(f"{FILE_NAME} in {archive} is no store of this app.")
    if described["schema"] > len(STEPS):
        raise BackupError(f"{archive} was made by a newer version of the app; install that version first.")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _refuse_open(path: Path) -> None:
    """Raise when a process has this database open."""
    if not _is_database(path):
        return
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as problem:
            if "locked" in str(problem):
                raise BackupError(f"The app is running: {path.name} is open. Stop it, then restore.") from None


def _aside(data: Path, present: list[Path]) -> Path | None:
    """Move what is there into a folder of its own: a stale log beside a restored file would damage it."""
    remaining = [path for path in present if path.exists()]
    if not remaining:
        return None
    folder = data / f"before-restore-{datetime.now(UTC):%Y%m%dT%H%M%S.%f}"
    folder.mkdir(mode=0o700)
    for path in remaining:
        path.rename(folder / path.name)
    return folder


def _is_database(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_HEADER)) == _HEADER


@contextmanager
def _private(path: Path) -> Iterator[Any]:
    """A new file that only its owner reads."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        yield file
