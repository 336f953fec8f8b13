"""Which HTTP functions the catalog and the service routes have: what the table is made of."""

from connector.catalog import operations
from connector.operations.request import ROOT
from connector.serving.function_table import ANONYMOUS, HttpFunction
from connector.serving.service_routes import SERVICE_ROUTES


def all_functions() -> list[HttpFunction]:
    """The operations, then the service routes."""
    of_catalog = [
        HttpFunction(
            operation.id,
            ROOT[1:] + operation.path,
            operation.methods,
            ANONYMOUS if operation.is_anonymous else "",
            resource=operation.resource,
        )
        for operation in operations().values()
    ]
    return [
        *of_catalog,
        *(HttpFunction(route.name, route.path, route.methods, route.level) for route in SERVICE_ROUTES),
    ]
