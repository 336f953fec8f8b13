"""The table of HTTP functions that the app reads at its start, instead of importing what they do."""

from collections.abc import Mapping

from connector.operations.operation import Operation
from connector.serving.all_functions import all_functions
from connector.serving.function_table import TABLE, table_of


def render(operations: Mapping[str, Operation], host: str) -> Mapping[str, bytes]:
    """The operations and the service routes; the same for every host."""
    del operations, host
    return {TABLE.name: table_of(all_functions())}
