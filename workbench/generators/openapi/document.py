"""Operations of the catalog -> an OpenAPI 3.0.3 document."""

import inspect
import sys
from collections.abc import Iterable

from connector.operations.operation import Operation
from connector.operations.signature import signature_of
from workbench.generators import identity
from workbench.generators.definitions import Definitions, JsonObject
from workbench.generators.describing import paths_of
from workbench.generators.error_codes import ERROR_CODES
from workbench.generators.failures import FAILURES, failures_of
from workbench.generators.openapi.dialect import JSON, SITE_HEADER, SITE_PARAMETER, OpenApiDialect

VERSION = "3.0.3"
_PEOPLE = """\
{about}

**Connection.** Every call carries the site host in the header `dd-host` and a DeskDirector API key in `dd-api-key`, in
whatever form the portal shows it.

**Names instead of ids.** Boards, statuses, people and the like are given by name, e-mail address or id. A name that
does not exist or matches several things is an error that lists the candidates.

**Pages.** A find returns `results` and, while `hasMore` is true, a `continuation` that gets the next page.

**Errors.** Every error is the same object, with one sentence that says what to do. Where a repeat helps, `Retry-After`
says when.
"""
_SITE: JsonObject = {
    "name": SITE_HEADER,
    "in": "header",
    "required": False,
    "description": "The site host, e.g. support.deskdirector.com; the app's own site, if it has one, when left out. "
    "Importers such as Postman and Bruno fill it from the variable `siteHost`.",
    "schema": {"type": "string"},
    "example": "{{siteHost}}",
}
_RETRY_AFTER: JsonObject = {"description": "Seconds to wait before a repeat.", "schema": {"type": "integer"}}


def document(
    operations: Iterable[Operation], host: str, dialect: OpenApiDialect, *, title: str = identity.TITLE, about: str = ""
) -> JsonObject:
    """The whole document for an app that runs under `host`, everything in the order of the catalog."""
    operations = tuple(operations)
    definitions = Definitions("#/components/schemas/")
    paths = paths_of(operations, dialect, definitions)
    about = about or identity.DESCRIPTION
    return {
        "openapi": VERSION,
        "info": {
            "title": title,
            "description": about if dialect.for_models else _PEOPLE.format(about=about),
            "version": identity.version(),
            "contact": {
                "name": identity.publisher().name,
                "url": f"https://{host}/api/docs",
                "email": identity.publisher().email,
            },
        },
        "servers": [{"url": f"https://{host}/api{'/copilot' if dialect.for_models else ''}"}],
        "security": list(dialect.security),
        "tags": _tags(operations),
        "paths": paths,
        "components": _components(operations, dialect, definitions),
    }


def _components(operations: Iterable[Operation], dialect: OpenApiDialect, definitions: Definitions) -> JsonObject:
    components: JsonObject = {"securitySchemes": dict(dialect.schemes), "schemas": definitions.document()}
    if not dialect.for_models and any(signature_of(operation).dd for operation in operations):
        components["parameters"] = {SITE_PARAMETER: _SITE}
    statuses = sorted({status for operation in operations for status in failures_of(operation)})
    components["responses"] = {FAILURES[status].name: _failure(status) for status in statuses}
    components["schemas"]["Error"] = _error({} if dialect.for_models else {"enum": sorted(ERROR_CODES)})
    return components


def _tags(operations: Iterable[Operation]) -> list[JsonObject]:
    """Each group with what the file of its first operation says of itself."""
    first: dict[str, Operation] = {}
    for operation in operations:
        first.setdefault(operation.group, operation)
    return [{"name": group, "description": _about_file(operation)} for group, operation in first.items()]


def _about_file(operation: Operation) -> str:
    module = sys.modules[operation.handler.__module__]
    return " ".join((inspect.getdoc(module) or "").partition("\n\n")[0].split())


def _failure(status: int) -> JsonObject:
    failure = FAILURES[status]
    example = {
        "statusCode": status,
        "message": failure.meaning,
        "error": {"code": failure.code, "message": failure.meaning, "details": []},
        "requestId": "5b0c6f4c8d1e4b7f9a3d2c1b0e9f8a7d",
    }
    content = {JSON: {"schema": {"$ref": "#/components/schemas/Error"}, "example": example}}
    headers = {"headers": {"Retry-After": _RETRY_AFTER}} if failure.can_be_repeated else {}
    return {"description": failure.meaning, **headers, "content": content}


def _error(known: JsonObject) -> JsonObject:
    """The error object; `known` says which codes there are."""

    def text(about: str) -> JsonObject:
        return {"type": "string", "description": about}

    detail = {
        "type": "object",
        "description": "The same for programs.",
        "required": ["code", "message", "details"],
        "properties": {
            "code": {**text("A word that stays the same, e.g. TicketNotFound."), **known},
            "message": text("The sentence again."),
            "details": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Candidates or fields, one each.",
            },
        },
    }
    return {
        "type": "object",
        "required": ["statusCode", "message", "error", "requestId"],
        "properties": {
            "statusCode": {"type": "integer", "description": "The status again, for who sees the body alone."},
            "message": text("One sentence that says what to do."),
            "error": detail,
            "requestId": text("The id to give when asking for help."),
        },
    }
