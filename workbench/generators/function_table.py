"""The table of HTTP functions that the app reads at its start, instead of importing what they do."""

from collections.abc import Mapping

from connector.operations.operation import Operation
from connector.operations.request import ROOT
from connector.serving.function_table import ANONYMOUS, TABLE, HttpFunction, table_of
from connector.serving.service_routes import SERVICE_ROUTES


def render(operations: Mapping[str, Operation], host: str) -> Mapping[str, bytes]:
    """The operations and the service routes; the same for every host."""
    del host
    of_catalog = [
        HttpFunction(
            one.id, ROOT[1:] + one.path, one.methods, ANONYMOUS if one.is_anonymous else "", resource=one.resource
        )
        for one in operations.values()
    ]
    others = [HttpFunction(one.name, one.path, one.methods, one.level) for one in SERVICE_ROUTES]
    return {TABLE.name: table_of([*of_catalog, *others])}
