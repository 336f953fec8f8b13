"""CPU milliseconds of a start, the interpreter's own left out: `{"import": …, "answered": …}`.

`import` is importing `function_app.py` and indexing its functions; `answered` goes on to the first GetTicket.
"""

import asyncio
import importlib
import inspect
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any


async def first_call(functions: Sequence[Any], upstream: str) -> None:
    """Call GetTicket once, as the worker does: with a request of its own kind."""
    import azure.functions as func

    (function,) = [one for one in functions if one.get_function_name() == "GetTicket"]
    request = func.HttpRequest(
        method="GET",
        url="https://localhost/api/tickets/10001",
        headers={"dd-host": upstream, "dd-api-key": "a-psa-key"},
        route_params={"ticketId": "10001"},
        params={},
        body=b"",
    )
    handle = function.get_user_function()
    context = SimpleNamespace(trace_context=SimpleNamespace(trace_parent=""))
    arguments = (request, context) if len(inspect.signature(handle).parameters) > 1 else (request,)
    answer = await handle(*arguments)
    assert answer.status_code == 200, answer.get_body()


def main() -> None:
    """Measure once: what is imported stays so."""
    sys.path.insert(0, str(Path.cwd()))
    began = time.process_time()
    functions = importlib.import_module("function_app").app.get_functions()
    imported = time.process_time()
    asyncio.run(first_call(functions, sys.argv[1]))
    print(json.dumps({"import": (imported - began) * 1e3, "answered": (time.process_time() - began) * 1e3}))


if __name__ == "__main__":
    main()
