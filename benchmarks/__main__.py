"""`python -m benchmarks [NAME …]`: each benchmark in a process of its own, all ratios in one table.

The exit code is 1 when a benchmark failed, took too long or missed a goal.
"""

import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.baseline import FOLDER, baseline
from benchmarks.harness import RESULTS, ROOT, Row, console, table_of
from benchmarks.missed import why

LONGEST_SECONDS = 300
"""What one benchmark may take on a busy machine."""


def machine() -> str:
    """The machine in a line: processor, cores, memory, system, Python."""
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{cpu}, {os.cpu_count()} cores, {gigabytes:.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} at the end"
    )


def succeeds(name: str, environment: dict[str, str]) -> bool:
    """Run one benchmark to its end, or until it has taken far too long."""
    began = time.monotonic()
    running = subprocess.Popen(
        [sys.executable, "-m", f"benchmarks.{name}"], cwd=ROOT, env=environment, start_new_session=True
    )
    try:
        done = running.wait(timeout=LONGEST_SECONDS) == 0
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)  # it has started servers, which must end too
        running.wait()
        done = False
    print(f"{name}: {time.monotonic() - began:.0f} s" + ("" if done else ", failed"), flush=True)
    return done


def main() -> int:
    """Run them all and print."""
    names = sys.argv[1:] or sorted(path.stem for path in (ROOT / "benchmarks").glob("bench_*.py"))
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "rows.jsonl"
        with baseline() as old:
            environment = {**os.environ, RESULTS: str(results), FOLDER: str(old or "")}
            failed = [name for name in names if not succeeds(name, environment)]
        rows = [Row(*json.loads(line)) for line in results.read_text().splitlines()] if results.exists() else []
    console.print(table_of("Every ratio", rows))
    console.print(machine())
    for row in rows:
        if row.is_missed:
            console.print(f"Missed: {row.name}: {why(row.name) or 'not explained; look into it.'}", markup=False)
    if failed:
        console.print(f"Failed: {', '.join(failed)}")
    return 1 if failed or any(row.is_missed for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
