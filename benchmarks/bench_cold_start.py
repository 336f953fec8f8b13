"""Cold start: importing `function_app.py`, beside the same app with everything imported and built at once.

The interpreter's own start is taken off; each number is CPU time, the best of several fresh processes. Everything is
compiled first, as it is in Azure: a package's files arrive with their bytecode.
"""

import compileall
import json
import subprocess
import sys

from benchmarks.harness import ROOT, show

ROUNDS = 7
LEAN = "import function_app"
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


def main() -> None:
    """Measure and print."""
    compileall.compile_dir(ROOT / "connector", quiet=1)
    lean, all_of_them = measure(LEAN)
    eager, _ = measure(EAGER)
    small, some = measure(LEAN, before=SMALL)
    forty = (lean - small) / max(1, all_of_them - some) * 40
    print(f"import: lean {lean:.0f} ms with {all_of_them} operations, {small:.0f} ms with {some}, eager {eager:.0f} ms")
    show("Cold start", [("import of the app / everything eager", lean / eager, "<=", 0.3)])
    show("Growth, in ms", [("40 more operations", forty, "<=", 120)])


if __name__ == "__main__":
    main()
