"""Which HTTP functions the catalog and the service routes have: what the table is made of."""

from connector.catalog import operations
from connector.operations.request import ROOT
from connector.serving.function_table import ANONYMOUS, HttpFunction
from connector.serving.service_routes import SERVICE_ROUTES


def all_functions() -> list[HttpFunction]:
    """The operations, then the service routes."""
    of_catalog = [
        HttpFunction(
            one.id, ROOT[1:] + one.path, one.methods, ANONYMOUS if one.is_anonymous else "", resource=one.resource
        )
        for one in operations().values()
    ]
    return [*of_catalog, *(HttpFunction(one.name, one.path, one.methods, one.level) for one in SERVICE_ROUTES)]
