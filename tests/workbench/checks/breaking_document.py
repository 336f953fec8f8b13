"""One way to break each rule about the document, its paths and its operations."""

from tests.workbench.checks.edits import Document, Edit, append, clone, drop, put, rename
from tests.workbench.checks.sample import DESCRIPTION

GET = "/paths/~1tickets~1{ticketId}/get"
UPDATE = "/paths/~1tickets~1{ticketId}/patch"
FIND = "/paths/~1find~1tickets/get"
BOARDS = "/paths/~1lookups~1boards/get"
STATUSES = "/paths/~1lookups~1statuses/get"
FIELDS = "/paths/~1schemas~1{kind}~1fields/get"
HOOK = "/paths/~1subscriptions"
SUBSCRIBE = f"{HOOK}/post"
UNSUBSCRIBE = "/paths/~1subscriptions~1{subscriptionId}/delete"
POLL = "/paths/~1polling~1tickets/get"
TEST = "/paths/~1connection/get"
TITLE = "/definitions/Ticket/properties/title"
TICKET = {"$ref": "#/definitions/Ticket"}
METADATA = "/x-ms-connector-metadata"
FAMILY = "x-ms-api-annotation/family"

# rule -> the edits that break it
CASES: dict[str, tuple[Edit, ...]] = {
    # the document
    "SpecificationVersionIncorrect": (put("/swagger", "3.0"),),
    "HostNameNotValid": (put("/host", "https://desk.example.com"),),
    "HostMustBeProduction": (put("/host", "staging.example.com"),),
    "BasePathNotValid": (put("/basePath", "api"),),
    "SchemesArrayEmpty": (put("/schemes", []),),
    "SchemeNotValid": (put("/schemes", ["https", "http"]),),
    "MimeTypeNotValid": (put(f"{FIND}/produces", ["application/xml"]),),
    "TagRedefined": (append("/tags", {"name": "Tickets"}),),
    "SecurityRequirementMustBeDefined": (put("/security", [{"basic": []}]),),
    "SecurityRequirementMustHaveEmptyValue": (put("/security", [{"apiKey": ["read"]}]),),
    "OAuthSecurityRequirementValueMustBeScopeName": (
        put(
            "/securityDefinitions/oauth",
            {
                "type": "oauth2",
                "flow": "implicit",
                "scopes": {"read": "Read."},
                "authorizationUrl": "https://login.example.com",
            },
        ),
        put("/security", [{"oauth": ["write"]}]),
    ),
    "SecuritySchemePropertyRequired": (drop("/securityDefinitions/apiKey/in"),),
    "SecuritySchemePropertyNotValid": (put("/securityDefinitions/apiKey/flow", "implicit"),),
    # the shape of the JSON
    "JsonTypeIncorrect": (put(f"{FIND}/tags", "Tickets"),),
    "JsonValueNotInEnum": (put(f"{FIND}/x-ms-visibility", "none"),),
    "AdditionalPropertyNotAllowed": (put(f"{FIND}/nickname", "finder"),),
    "SwaggerKeywordNotSupported": (put(f"{TITLE}/nullable", True),),
    "ExtensionNotRecognized": (put(f"{FIND}/x-private", True),),
    "RequiredPropertyMissing": (drop("/info/contact/url"),),
    "RequiredValueEmpty": (put(f"{TITLE}/description", ""),),
    "ArrayDuplicateValue": (put(f"{UPDATE}/parameters/2/schema/required", ["board", "board"]),),
    # who it is
    "ValueContainsRestrictedWords": (put("/info/title", "Sample Connector"),),
    "DescriptionMentionsApi": (put("/info/description", f"{DESCRIPTION} It wraps an API."),),
    "ValueMustBeInEnglish": (put(f"{FIND}/description", "Find tickets, même en français."),),
    "ValueMustEndWithAlphanumeric": (put(f"{FIND}/summary", "Find tickets!"),),
    "FieldLengthExceeded": (put(f"{TITLE}/x-ms-summary", "Title " * 20),),
    "FieldLengthNotInRange": (put("/info/description", "Too short."),),
    "DescriptionSameAsTitle": (
        put("/info/title", "Sample Desk with Service Desks"),
        put("/info/description", "Sample desk with service desks"),
    ),
    "ContactEmailNotValid": (put("/info/contact/email", "support"),),
    "UrlNotValid": (put("/info/contact/url", "support.example.com"),),
    "ConnectorMetadataPropertiesMissing": (drop(f"{METADATA}/0"),),
    "ConnectorMetadataPropertyNotAllowed": (append(METADATA, {"propertyName": "Colour", "propertyValue": "Blue"}),),
    "InvalidConnectorCategory": (put(f"{METADATA}/2/propertyValue", "Gardening"),),
    "TooManyConnectorCategories": (put(f"{METADATA}/2/propertyValue", "IT Operations;Productivity;Security"),),
    # paths
    "OperationPathMustStartWithSlash": (rename("/paths", "/find/tickets", "find/tickets"),),
    "OperationPathMayNotContainQueryOrFragment": (rename("/paths", "/find/tickets", "/find/tickets?all"),),
    "OperationPathContainsUnsupportedCharacters": (rename("/paths", "/find/tickets", "/find/tickets*"),),
    "OperationPathVariablesContainDefaults": (
        rename("/paths", "/schemas/{kind}/fields", "/schemas/{kind=ticket}/fields"),
    ),
    "OperationPathTemplateNotValid": (rename("/paths", "/find/tickets", "/find/tickets}"),),
    "PathItemRefNotSuppored": (put("/paths/~1find~1tickets/$ref", "#/shared/paths/find"),),
    "PathRedefined": (clone("/lookups/boards", "/Find/tickets", "ListMore"),),
    "DuplicateOperationPath": (
        clone("/schemas/{kind}/fields", "/schemas/{type}/fields", "GetOtherFields"),
        put("/paths/~1schemas~1{type}~1fields/get/parameters/0/name", "type"),
    ),
    "PartialDuplicateOperationPath": (clone("/lookups/boards", "/schemas/tickets/fields", "ListMore"),),
    "OperationMissingPathParameter": (rename("/paths", "/find/tickets", "/find/{what}/tickets"),),
    "PathParameterNotDefinedInTemplate": (rename("/paths", "/schemas/{kind}/fields", "/schemas/fields"),),
    # ids, summaries, descriptions
    "OperationIdRequired": (drop(f"{FIND}/operationId"),),
    "OperationIdNotUnique": (put(f"{FIND}/operationId", "GetTicket"),),
    "OperationIdSanitized": (put(f"{FIND}/operationId", "Find-Tickets"),),
    "OperationIdNotPascalCase": (put(f"{FIND}/operationId", "find_tickets"),),
    "OperationIdTooLong": (put(f"{FIND}/operationId", "Find" + "Tickets" * 10),),
    "OperationSummaryRequired": (drop(f"{FIND}/summary"),),
    "OperationSummaryTooLong": (put(f"{FIND}/summary", "Find tickets" + " and tickets" * 8),),
    "RestrictedCharactersInSummary": (put(f"{FIND}/summary", "Find tickets/notes"),),
    "SummaryNotAlphanumeric": (put(f"{FIND}/summary", "Find a tenant's tickets"),),
    "SummaryNotSentenceCase": (put(f"{FIND}/summary", "Find Tickets"),),
    "ActionSummaryMustStartWithVerb": (put(f"{FIND}/summary", "Tickets found"),),
    "OperationDescriptionRequired": (drop(f"{FIND}/description"),),
    "OperationDescriptionSameAsSummary": (put(f"{FIND}/description", "Find tickets."),),
    "OperationDescriptionNotSentence": (put(f"{FIND}/description", "By words and filters"),),
    # what operations take and answer
    "ConsumesMissing": (drop("/consumes"),),
    "MimeTypeNotCompatibleWithRequestContentSchemaType": (put(f"{UPDATE}/consumes", ["multipart/form-data"]),),
    "SchemaDefinitionSetIncorrectly": (drop(f"{GET}/responses/200/schema"),),
    "EmptyResponseSchema": (put(f"{TEST}/responses/200/schema", {}),),
    "InvalidNextLinkNameValue": (put(f"{FIND}/x-ms-pageable/nextLinkName", "next"),),
    "PageableNextLinkNotInResponse": (drop(f"{FIND}/responses/200/schema/properties/nextLink"),),
    "AgenticOperationNotValid": (put(f"{FIND}/x-ms-agentic-protocol", "mcp-streamable-1.0"),),
    "ResponseExampleMustBeProducedByOperation": (put(f"{GET}/responses/200/examples", {"text/csv": "1"}),),
    "TestConnectionMissing": (drop("/x-ms-capabilities"),),
    "TestConnectionOperationNotValid": (put("/x-ms-capabilities/testConnection/operationId", "UpdateTicket"),),
    # responses
    "OperationMustHaveResponse": (put(f"{TEST}/responses", {}),),
    "OperationShouldHaveSuccessfulResponse": (drop(f"{TEST}/responses/200"),),
    "ResponseMustBeDefaultOrHttpStatusCode": (rename(f"{TEST}/responses", "400", "4xx"),),
    "OperationHasManyResponsesWithSchema": (put(f"{GET}/responses/202", {"description": "Later.", "schema": TICKET}),),
    "DefaultResponseHasSchema": (put(f"{GET}/responses/default/schema", TICKET),),
    "ErrorResponseHasSchema": (put(f"{GET}/responses/400/schema", TICKET),),
    "ErrorResponsesMissing": (drop(f"{FIND}/responses/400"),),
    "DefaultResponseMissing": (drop(f"{FIND}/responses/default"),),
    # what models are told
    "ModelNameMissing": (drop(f"{FIND}/x-ms-name-for-model"),),
    "ModelNameNotSnakeCase": (put(f"{FIND}/x-ms-name-for-model", "findTickets"),),
    "ModelNameNotUnique": (put(f"{FIND}/x-ms-name-for-model", "get_ticket"),),
    "ModelDescriptionMissing": (drop(f"{FIND}/x-ms-description-for-model"),),
    "UserConfirmationMissing": (drop(f"{FIND}/x-ms-require-user-confirmation"),),
    "UserConfirmationMismatch": (put(f"{FIND}/x-ms-require-user-confirmation", True),),
    # versions
    "ApiAnnotationMissing": (drop(f"{FIND}/x-ms-api-annotation"),),
    "OperationRevisionEmpty": (drop(f"{FIND}/x-ms-api-annotation/revision"),),
    "OperationIdShouldEndWithRevision": (put(f"{FIND}/x-ms-api-annotation/revision", 2),),
    "OperationFamilyHasDuplicateRevisions": (
        put(f"{FIND}/{FAMILY}", "GetTicket"),
        put(f"{FIND}/x-ms-api-annotation/status", "Preview"),
    ),
    "OperationFamilyHasManyEmptyRevisions": (
        put(f"{FIND}/x-ms-api-annotation", {"family": "GetTicket"}),
        drop(f"{GET}/x-ms-api-annotation/revision"),
    ),
    "OperationFamilyHasManyActiveOperations": (
        put(f"{FIND}/operationId", "GetTicket_V2"),
        put(f"{FIND}/x-ms-api-annotation", {"family": "GetTicket", "revision": 2}),
        put(f"{UPDATE}/operationId", "GetTicket_V3"),
        put(f"{UPDATE}/x-ms-api-annotation", {"family": "GetTicket", "revision": 3}),
    ),
    "OperationFamilyHasManyActiveProductionOperations": (
        put(f"{FIND}/operationId", "GetTicket_V2"),
        put(f"{FIND}/x-ms-api-annotation", {"family": "GetTicket", "revision": 2, "status": "Production"}),
    ),
    "OperationStatusAheadOfConnector": (put("/info/x-ms-api-annotation/status", "Preview"),),
    "ApiAnnotationExtensionReplacementInfoForNonDeprecatedOperations": (
        put(f"{FIND}/x-ms-api-annotation/replacement", {"api": "sample", "operationId": "GetTicket"}),
    ),
    "ApiAnnotationExtensionReplacementInfoMissingApiProperty": (
        lambda document: deprecate(document, {"operationId": "GetTicket"}),
    ),
    "ApiAnnotationExtensionReplacementInfoMissingOperationIdProperty": (
        lambda document: deprecate(document, {"api": "sample"}),
    ),
    "DeprecatedOperationNotMarked": (put(f"{FIND}/deprecated", True),),
    "DeprecatedMarkWithoutDeprecation": (put(f"{FIND}/summary", "Find tickets (deprecated)"),),
}

# rule -> what cannot but break with it
ALSO: dict[str, set[str]] = {
    "OperationFamilyHasManyEmptyRevisions": {"OperationRevisionEmpty"},
}


def deprecate(document: Document, replacement: dict[str, str]) -> None:
    """Retire the find operation properly, but for its replacement."""
    find = document["paths"]["/find/tickets"]["get"]
    find["deprecated"] = True
    find["summary"] += " (deprecated)"
    find["description"] = "Find tickets page by page (deprecated)."
    find["x-ms-api-annotation"]["replacement"] = replacement
