"""`python -m tests.dates [--short]`: the tests on days and in zones where clocks do something unusual.

Time goes on from each moment as usual, and monotonic clocks are left alone. Tests that need npm's tools or Chromium are
left out: they look at no clock. The short form is one moment and the tests that depend on the clock most.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PRELOAD = Path(__file__).parent / "preload"
MISSING = "faketime is needed to test other days: install Debian's package faketime."
CLOCKED = ("tests/relay/test_delivery.py", "tests/relay/test_polling_triggers.py", "tests/storage/test_sqlite.py",
           "tests/catalog/test_time_entries.py", "tests/deskdirector/test_user_keys.py",
           "tests/workbench/localhost/test_timers.py", "tests/workbench/localhost/test_ncrontab.py")  # fmt: skip
LEFT_OUT = ("tests/serving/test_reference_page.py", "tests/serving/console")


class Moment(NamedTuple):
    """Where the clock starts."""

    name: str
    zone: str
    start: str


MOMENTS = (
    Moment("the last minute of a February", "UTC", "2027-02-28 23:59:00 UTC"),
    Moment("the first minutes of a day", "UTC", "2026-12-01 00:00:20 UTC"),
    Moment("a leap day", "UTC", "2028-02-29 12:00:00 UTC"),
    Moment("London goes an hour ahead", "Europe/London", "2027-03-28 00:59:00 UTC"),
    Moment("Auckland goes an hour back", "Pacific/Auckland", "2027-04-03 13:59:00 UTC"),
    Moment("past the 32-bit clock", "UTC", "2038-01-20 00:00:00 UTC"),
)


def run(moment: Moment, paths: tuple[str, ...]) -> int:
    """The exit code of pytest, started at that moment."""
    path = os.pathsep.join(filter(None, (str(PRELOAD), os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "TZ": moment.zone, "PYTHONPATH": path}
    ignored = [f"--ignore={name}" for name in LEFT_OUT]
    command = ["faketime", "--exclude-monotonic", moment.start, sys.executable, "-m", "pytest", "-n", "auto", "--dist",
               "worksteal", "-m", "not npm", "-p", "no:cacheprovider", *ignored, *paths]  # fmt: skip
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def main() -> int:
    """0 when the tests pass at every moment."""
    if shutil.which("faketime") is None:
        sys.stderr.write(f"{MISSING}\n")
        return 1
    is_short = "--short" in sys.argv
    failed = []
    for moment in MOMENTS[:1] if is_short else MOMENTS:
        sys.stdout.write(f"{moment.name}: {moment.start}, {moment.zone}\n")
        sys.stdout.flush()
        if run(moment, CLOCKED if is_short else ("tests",)):
            failed.append(moment.name)
    sys.stdout.write(f"Failed: {'; '.join(failed)}\n" if failed else "Every moment passed.\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
