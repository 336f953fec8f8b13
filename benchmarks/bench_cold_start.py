"""Cold start: importing `function_app.py`, beside version 1.0.0 and beside everything at once.

The interpreter's own start is taken off; each number is CPU time, the best of several fresh processes. Everything is
compiled first, as it is in Azure: a package's files arrive with their bytecode.
"""

import compileall
import json
import os
import subprocess
import sys

from benchmarks.baseline import baseline, probe
from benchmarks.harness import ROOT, free_port, process, show

ROUNDS = 5
LEAN = "import function_app"
WHOLE = "import function_app; from connector.catalog import operations; operations()"
EAGER = """
import aiohttp, httpx, mcp, rich.console, typer, cryptography.fernet, sqlite3
import azure.data.tables.aio, azure.storage.queue.aio, azure.storage.blob.aio, azure.identity.aio
import function_app
from connector.catalog import operations
from connector.operations.signature import signature_of
for operation in operations().values():
    signature = signature_of(operation)
    for model in (signature.parameters, signature.output, signature.body and signature.body[1]):
        if model is not None:
            model.model_rebuild()
"""
SMALL = """
import connector.catalog as catalog
from connector.operations.operation import registry
from importlib import import_module
kept = []
for resource in catalog.resources():
    kept.append(resource)
    import_module(f"connector.catalog.{resource}")
    if len(registry()) >= 20:
        break
catalog.resources = lambda: tuple(kept)
"""
COUNT = "from connector.catalog import operations; count = len(operations())"


def measure(script: str, before: str = "") -> tuple[float, int]:
    """Milliseconds to run `before` and `script` in a fresh process, and how many operations there are then."""
    code = (
        f"import json, time; start = time.process_time()\n{before}\n{script}\n"
        f"took = time.process_time() - start\n{COUNT}\nprint(json.dumps([took * 1000, count]))"
    )
    runs = [
        json.loads(subprocess.check_output([sys.executable, "-c", code], cwd=ROOT).splitlines()[-1])
        for _ in range(ROUNDS)
    ]
    return min(run[0] for run in runs), runs[0][1]


def beside_version_one() -> tuple[float | None, float | None]:
    """Import, and import with the first GetTicket, as shares of version 1.0.0."""
    port = free_port()
    site = f"127.0.0.1:{port}"
    os.environ |= {"CONNECTOR_DEVELOPMENT_SITES": site}
    with baseline() as old, process("benchmarks/upstream.py", str(port), port=port):
        if old is None:
            return None, None
        compileall.compile_dir(old / "connector", quiet=1)
        pairs = [(probe("starting", ROOT, site), probe("starting", old, site)) for _ in range(ROUNDS)]
    ours, theirs = ({name: min(one[name] for one in runs) for name in runs[0]} for runs in zip(*pairs, strict=True))
    print(f"CPU ms of a start, now and in 1.0.0: {ours}, {theirs}")
    return ours["import"] / theirs["import"], ours["answered"] / theirs["answered"]


def main() -> None:
    """Measure and print."""
    compileall.compile_dir(ROOT / "connector", quiet=1)
    imported, answered = beside_version_one()
    lean, _ = measure(LEAN)
    eager, _ = measure(EAGER)
    whole, all_of_them = measure(WHOLE)
    small, some = measure(WHOLE, before=SMALL)
    forty = (whole - small) / max(1, all_of_them - some) * 40
    print(f"import: {lean:.0f} ms; with all {all_of_them} operations {whole:.0f} ms, with {some} {small:.0f} ms; "
          f"everything eager {eager:.0f} ms")  # fmt: skip
    show(
        "Cold start",
        [
            ("import of the app / 1.0.0", imported, "<=", 0.55),
            ("import and first GetTicket / 1.0.0", answered, "<=", 0.85),
            ("import of the app / everything eager", lean / eager, "<=", 0.3),
            ("40 more operations where all are needed, in ms", forty, "<=", 120),
        ],
    )


if __name__ == "__main__":
    main()
