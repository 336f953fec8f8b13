"""`python -m benchmarks`: each benchmark in a process of its own, all ratios as one table, the machine's facts.

The exit code is 1 when a benchmark failed or a goal was missed.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from benchmarks.harness import RESULTS, ROOT, Row, table_of


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


def main() -> int:
    """Run them all and print."""
    names = sys.argv[1:] or sorted(path.stem for path in (ROOT / "benchmarks").glob("bench_*.py"))
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "rows.jsonl"
        environment = {**os.environ, RESULTS: str(results)}
        failed = [
            name
            for name in names
            if subprocess.run(
                [sys.executable, "-m", f"benchmarks.{name}"], cwd=ROOT, env=environment, check=False
            ).returncode
        ]
        rows = [Row(*json.loads(line)) for line in results.read_text().splitlines()] if results.exists() else []
    console = Console(highlight=False, width=max(Console().width, 120))
    console.print(table_of("Every ratio", rows))
    console.print(machine())
    if failed:
        console.print(f"Failed: {', '.join(failed)}")
    return 1 if failed or not all(row.is_met for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
