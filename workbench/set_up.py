"""Makes the virtual environment and installs packages, for `make` and `make.ps1`.

In a terminal it shows how far it is, elsewhere plain lines. It is run as a file, with the standard library only:
nothing is installed yet.
"""

import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

LOOK_SECONDS = 0.2
BAR = 20
CLEAR = "\r\x1b[K"
OPTIONS = ("--disable-pip-version-check", "--no-input", "--retries", "2", "--progress-bar", "off")
UNREACHABLE = "The Python packages cannot be installed: is the package index that pip uses reachable?"


class Screen:
    """One line that is drawn over and over in a terminal; elsewhere only what is said for good."""

    def __init__(self) -> None:
        self._is_live = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        self._began = time.monotonic()
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="replace")

    @property
    def seconds(self) -> int:
        """Since the beginning."""
        return round(time.monotonic() - self._began)

    def say(self, text: str) -> None:
        """A line that stays."""
        self._write(f"{CLEAR if self._is_live else ''}{text}\n")

    def show(self, text: str, done: int = 0, of: int = 0) -> None:
        """How far it is; without a total, that something moves."""
        if not self._is_live:
            return
        at = BAR * done // of if of else int(time.monotonic() * 5) % BAR
        bar = "".join("#" if (number < at if of else number == at) else "-" for number in range(BAR))
        line = f"[{bar}] {text} ({self.seconds} s)"
        self._write(CLEAR + line[: shutil.get_terminal_size().columns - 1])

    def _write(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()


def main(folder: Path, requirements: Iterable[str]) -> int:
    """Make the environment in `folder` unless it is there, and install what the files list; the exit code."""
    screen = Screen()
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        screen.say("Making a Python environment ...")
        for _ in _lines_of([sys.executable, "-m", "venv", str(folder)], folder.with_suffix(".log")):
            screen.show("Making a Python environment")
        folder.with_suffix(".log").unlink(missing_ok=True)
    screen.say("Looking for Python packages (with their installation a minute or so) ...")
    files = [part for name in requirements for part in ("-r", name)]
    log = folder / "install.log"
    try:
        _install(screen, [str(python), "-m", "pip", "install", *OPTIONS, *files], folder, log)
    except subprocess.CalledProcessError:
        last = [line for line in log.read_text(errors="replace").splitlines() if line.startswith("ERROR")]
        screen.say("\n".join([*last[-1:], f"{UNREACHABLE} All of it is in {log}."]))
        return 1
    return 0


def _install(screen: Screen, command: list[str], folder: Path, log: Path) -> None:
    """Run pip; it names each package as it finds it, and says nothing while it puts them into place."""
    found, total, name, before = 0, 0, "", _installed(folder)
    for line in _lines_of(command, log):
        words = line.split()
        if words[:1] == ["Collecting"]:
            found, name = found + 1, words[1]
        elif line.startswith("Installing collected packages:"):
            total = line.count(",") + 1
            screen.say(f"Installing {total} packages ...")
        if total:
            done = min(total, max(0, _installed(folder) - before))
            screen.show(f"{done} of {total} packages", done, total)
        else:
            screen.show(f"{found} packages found {name}".rstrip())
    screen.say(f"Installed {total} packages in {screen.seconds} s." if total else "All packages are there.")


def _installed(folder: Path) -> int:
    where = "Lib/site-packages" if os.name == "nt" else "lib/*/site-packages"
    return sum(1 for _ in folder.glob(f"{where}/*.dist-info"))


def _lines_of(command: list[str], log: Path) -> Iterator[str]:
    """What the program says, line by line as it comes, and "" while it says nothing; all of it goes to a file too.

    Raises `CalledProcessError` when it fails.
    """
    lines: queue.Queue[str | None] = queue.Queue()
    with subprocess.Popen(  # noqa: S603  our own interpreter
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:

        def read() -> None:
            with log.open("w", encoding="utf-8") as file:
                for line in process.stdout or ():
                    file.write(line)
                    lines.put(line.rstrip())
            lines.put(None)

        threading.Thread(target=read, daemon=True).start()
        while True:
            try:
                line = lines.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                line = ""
            if line is None:
                break
            yield line
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command[0])


if __name__ == "__main__":
    try:
        sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
    except KeyboardInterrupt:
        sys.exit("\nStopped; the next time it goes on.")
    except (OSError, subprocess.CalledProcessError) as problem:
        sys.exit(f"The Python environment cannot be made: {problem}")
