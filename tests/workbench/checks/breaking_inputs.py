"""One way to break each rule about parameters, schemas, values, dynamic extensions and triggers."""

from typing import Any

from tests.workbench.checks.breaking_document import (
    BOARDS,
    FIELDS,
    FIND,
    GET,
    HOOK,
    POLL,
    STATUSES,
    SUBSCRIBE,
    TEST,
    TICKET,
    TITLE,
    UNSUBSCRIBE,
    UPDATE,
)
from tests.workbench.checks.edits import Document, Edit, append, clone, drop, put, rename
from tests.workbench.checks.sample import text

TAGS = f"{FIND}/parameters/0"
KIND = f"{FIELDS}/parameters/0"
MODE = f"{UPDATE}/parameters/1"
BODY = f"{UPDATE}/parameters/2/schema"
BOARD, STATUS, ESTIMATE, EXTRA = (
    f"{BODY}/properties/{name}" for name in ("board", "status", "estimate", "additionalFields")
)
CALLBACK = f"{SUBSCRIBE}/parameters/0/schema/properties/callbackUrl"
BOARD_CHOICES = f"{BOARDS}/responses/200/schema/properties/results"


def parameter(name: str, location: str, **more: Any) -> dict[str, Any]:
    """A parameter with everything that makers need."""
    label = {"x-ms-summary": "Something", "description": "What else there is."}
    return {"name": name, "in": location, "type": "string", **label, **more}


CASES: dict[str, tuple[Edit, ...]] = {
    # parameters
    "PathParameterMustBeRequired": (put("/parameters/ticketId/required", False),),
    "PathParameterMissingEncoding": (drop("/parameters/ticketId/x-ms-url-encoding"),),
    "QueryParameterEncodingNotSupported": (put(f"{TAGS}/x-ms-url-encoding", "single"),),
    "ConnectionIdParameterNotAllowed": (put(f"{TAGS}/name", "connectionId"),),
    "ReservedParameterIsUsed": (append(f"{FIND}/parameters", parameter("Authorization", "header")),),
    "MisusedHeaderName": (append(f"{FIND}/parameters", parameter("Content-Type", "header")),),
    "ParameterNameNotPlain": (put(f"{TAGS}/name", "tags[]"),),
    "InvalidFormDataParameterName": (
        put(f"{UNSUBSCRIBE}/consumes", ["multipart/form-data"]),
        append(f"{UNSUBSCRIBE}/parameters", parameter("raison d'être", "formData")),
    ),
    "OperationParametersContainDuplicateParameter": (append(f"{FIND}/parameters", parameter("tags", "query")),),
    "OperationParametersContainMultipleBodyParameters": (
        append(f"{UPDATE}/parameters", {"name": "other", "in": "body", "schema": TICKET}),
    ),
    "BodyOrFormDataParameterInFetchOperationNotAllowed": (
        append(f"{FIND}/parameters", {"name": "body", "in": "body", "schema": TICKET}),
    ),
    "ParameterListContainsFormDataAndBody": (
        put("/consumes", ["application/json", "multipart/form-data"]),
        append(f"{UPDATE}/parameters", parameter("note", "formData")),
    ),
    "FileParameterMustBeInFormData": (put(f"{TAGS}/type", "file"),),
    "BodyParameterSchemaRequired": (append(f"{UNSUBSCRIBE}/parameters", {"name": "body", "in": "body"}),),
    "NonBodyParameterSchemaNotValid": (put(f"{TAGS}/schema", {"type": "string"}),),
    "BodyParameterPropertyNotValid": (put(f"{UPDATE}/parameters/2/type", "string"),),
    "DynamicExtensionDefinitionNotAllowedInParameter": (
        put(f"{UPDATE}/parameters/2/x-ms-dynamic-values", {"operationId": "ListBoards"}),
    ),
    "CollectionFormatValueNotSupported": (put(f"{TAGS}/collectionFormat", "semicolons"),),
    "AllowEmptyValueOnlyValidForQueryFormData": (put(f"{KIND}/allowEmptyValue", True),),
    # labels
    "ParameterSummaryRequired": (drop(f"{TAGS}/x-ms-summary"),),
    "ParameterDescriptionRequired": (drop(f"{TAGS}/description"),),
    "ParameterDescriptionSameAsSummary": (put(f"{TAGS}/description", "Tags."),),
    "PropertySummaryRequired": (drop(f"{TITLE}/x-ms-summary"),),
    "PropertyDescriptionRequired": (drop(f"{TITLE}/description"),),
    "SummaryNotTitleCase": (put(f"{TITLE}/x-ms-summary", "Short title"),),
    "SchemaTitleUsed": (put(f"{TITLE}/title", "Title"),),
    # references
    "SchemaReferenceNotValid": (put(f"{GET}/responses/200/schema", {"$ref": "#/parameters/ticketId"}),),
    "SchemaReferenceNotFound": (put(f"{GET}/responses/200/schema", {"$ref": "#/definitions/Nothing"}),),
    "SchemaRefLoopNotAllowed": (put("/definitions/Other", TICKET),),
    "RequiredLoopInSchemaNotAllowed": (
        put(
            "/definitions/Node",
            {"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#/definitions/Node"}}},
        ),
    ),
    "ResponseReferenceNotValid": (put(f"{TEST}/responses/400", TICKET),),
    "ResponseReferenceNotFound": (put(f"{TEST}/responses/400", {"$ref": "#/responses/Nothing"}),),
    "ParameterReferenceNotValid": (append(f"{FIND}/parameters", {"$ref": "#/shared/tags"}),),
    "ParameterReferenceNotFound": (append(f"{FIND}/parameters", {"$ref": "#/parameters/nothing"}),),
    "ParameterRefLoopNotAllowed": (put("/parameters/alias", {"$ref": "#/parameters/ticketId"}),),
    "AdditionalPropertyNotAllowedAdjacentToRef": (
        put(f"{GET}/responses/200/schema", {**TICKET, "description": "The ticket."}),
    ),
    # schemas
    "RequiredPropertyArrayEmpty": (put("/definitions/Ticket/required", []),),
    "RequiredPropertyNotOnObject": (put(f"{TITLE}/required", ["words"]),),
    "RequiredPropertyDefinitionMissing": (put("/definitions/Ticket/required", ["nothing"]),),
    "RequiredReadOnlyPropertyNotAllowedAsInput": (put(f"{BOARD}/readOnly", True),),
    "ArrayHasNoItems": (drop(f"{TAGS}/items"),),
    "SchemaTypeMissing": (drop(f"{TITLE}/type"),),
    "SchemaTypeFileNotValid": (put(f"{TITLE}/type", "file"),),
    "InvalidStringBinaryProperty": (put(f"{TITLE}/format", "binary"),),
    "PropertiesEmpty": (put(TITLE, text("Title", "What it is about.") | {"type": "object", "properties": {}}),),
    "ResponseSchemaOnlyDynamic": (drop(f"{HOOK}/x-ms-notification-content/schema/properties"),),
    "DiscriminatorMustBeARequiredStringProperty": (put("/definitions/Ticket/discriminator", "title"),),
    "InvalidCustomEditorExtensionDictionaryValue": (put(f"{TITLE}/x-ms-editor", "dictionary"),),
    # sizes
    "TotalOperationsCountExceedsMaxAllowed": tuple(
        clone("/connection", f"/connection/{number}", f"TestConnection{number}") for number in range(257)
    ),
    "BodySchemaCountExceedsMaxAllowed": (lambda document: widen(document, 1),),
    "OperationSchemaCountExceedsMaxAllowed": (lambda document: widen(document, 33),),
    "SchemaTooDeep": (lambda document: deepen(document, 30),),
    # values
    "UnrecognizedTypeFormat": (put(f"{TITLE}/format", "ipv4"),),
    "DefaultValueMustMatchType": (put(f"{TITLE}/default", 1),),
    "DefaultNotInEnum": (put(f"{MODE}/default", "silent"),),
    "EnumMustContainAtLeastOneElement": (put(f"{TITLE}/enum", []),),
    "InvalidEnumValue": (put(f"{TITLE}/enum", [1]),),
    "InvalidEnumValuesExtensionValue": (put(f"{MODE}/x-ms-enum-values/1/value", "silent"),),
    "MissingEnumValuesDisplayName": (drop(f"{MODE}/x-ms-enum-values/1/displayName"),),
    "DuplicateEnumValuesInExtension": (append(f"{MODE}/x-ms-enum-values", {"value": "loud", "displayName": "Loud"}),),
    "MultipleOfMustBeGreaterThanZero": (put(f"{ESTIMATE}/multipleOf", 0),),
    "LimitMustBeGreaterThanOrEqualToZero": (put(f"{TITLE}/maxLength", -1),),
    "ExclusiveLimitRequiresLimit": (drop(f"{ESTIMATE}/maximum"), put(f"{ESTIMATE}/exclusiveMaximum", True)),
    "PatternShouldBeValidRegularExpression": (put(f"{TITLE}/pattern", "("),),
    "MinimumShouldBeLessThanOrEqualToMaximum": (put(f"{ESTIMATE}/minimum", 200),),
    # visibility
    "VisibleOperationMissing": tuple(
        put(f"{operation}/x-ms-visibility", "internal") for operation in (GET, UPDATE, FIND, SUBSCRIBE, POLL)
    ),
    "InternalRequiredMissingDefault": (drop(f"{MODE}/default"),),
    "InternalPropertyWithDefaultOptional": (put(f"{MODE}/required", False),),
    # dynamic extensions
    "OperationIdNotFound": (put("/x-ms-capabilities/testConnection/operationId", "Nothing"),),
    "DynamicExtensionIncomplete": (
        drop(f"{BOARD}/x-ms-dynamic-values/value-title"),
        drop(f"{BOARD}/x-ms-dynamic-list/itemTitlePath"),
    ),
    "DynamicListExtensionMissing": (drop(f"{BOARD}/x-ms-dynamic-list"),),
    "DynamicValuesExtensionMissing": (drop(f"{BOARD}/x-ms-dynamic-values"),),
    "DynamicPropertiesExtensionMissing": (drop(f"{EXTRA}/x-ms-dynamic-properties"),),
    "DynamicSchemaExtensionMissing": (drop(f"{EXTRA}/x-ms-dynamic-schema"),),
    "DynamicExtensionsDisagree": (put(f"{BOARD}/x-ms-dynamic-list/itemTitlePath", "id"),),
    "DynamicPropertiesItemValuePathMismatch": (
        put(f"{EXTRA}/x-ms-dynamic-properties/itemValuePath", "schema/properties"),
    ),
    "InvokedOperationShouldProduceArray": (put(f"{BOARD_CHOICES}/type", "object"),),
    "InvokedOperationShouldProduceProperty": (
        put(f"{BOARD}/x-ms-dynamic-values/value-path", "key"),
        put(f"{BOARD}/x-ms-dynamic-list/itemValuePath", "key"),
    ),
    "DynamicValueTypeMismatch": (put(f"{BOARD}/type", "integer"), put(f"{STATUSES}/parameters/0/type", "integer")),
    "OperationMissingRequiredProperty": (
        drop(f"{STATUS}/x-ms-dynamic-values/parameters/board"),
        drop(f"{STATUS}/x-ms-dynamic-list/parameters/board"),
    ),
    "OperationParameterNameNotFound": (
        rename(f"{STATUS}/x-ms-dynamic-values/parameters", "order", "sort"),
        rename(f"{STATUS}/x-ms-dynamic-list/parameters", "order", "sort"),
    ),
    "OperationParameterRequiredMismatch": (drop(f"{BODY}/required"),),
    "OperationParameterTypeMismatch": (put(f"{STATUSES}/parameters/0/type", "integer"),),
    "OperationParameterStaticTypeMismatch": (
        put(f"{STATUS}/x-ms-dynamic-values/parameters/order", 1),
        put(f"{STATUS}/x-ms-dynamic-list/parameters/order", {"value": 1}),
    ),
    "SourcePropertyInternal": (put(f"{BOARD}/x-ms-visibility", "internal"), put(f"{BOARD}/default", "1")),
    "SelectedItemValuePathNotAllowedInThisPosition": (
        put(
            f"{ESTIMATE}/x-ms-dynamic-tree",
            {"open": {"operationId": "ListBoards", "parameters": {"board": {"selectedItemValuePath": "id"}}}},
        ),
    ),
    # triggers
    "TriggerSummaryMustStartWithWhen": (put(f"{SUBSCRIBE}/summary", "Ticket created"),),
    "TriggerDescriptionMustSayWhen": (put(f"{SUBSCRIBE}/description", "Starts when a ticket is created."),),
    "TriggerHintMissing": (drop(f"{SUBSCRIBE}/x-ms-trigger-hint"),),
    "TriggerKindMissing": (drop(f"{SUBSCRIBE}/x-ms-trigger"),),
    "TriggerOutputNotSplittable": (drop(f"{POLL}/responses/200/schema/properties/nextLink/x-ms-visibility"),),
    "PollingTriggerMustBeFetch": (rename("/paths/~1polling~1tickets", "get", "post"),),
    "PollingTriggerMetadataMissing": (drop(f"{POLL}/x-ms-trigger-metadata"),),
    "WebhookOperationsMissingNotificationUrlProperty": (
        drop(f"{CALLBACK}/x-ms-notification-url"),
        put(f"{CALLBACK}/default", "https://example.com"),
    ),
    "OperationMustHaveNotificationContentExtension": (
        put(f"{BODY}/required", ["board", "hook"]),
        put(
            f"{BODY}/properties/hook",
            text("Hook", "Where to.", **{"x-ms-visibility": "internal", "x-ms-notification-url": True}),
        ),
    ),
    "NotificationUrlNotAllowedInThisPosition": (put(f"{TITLE}/x-ms-notification-url", True),),
    "NotificationUrlNotString": (put(f"{CALLBACK}/type", "integer"),),
    "NotificationUrlNotInternal": (drop(f"{CALLBACK}/x-ms-visibility"),),
    "NotificationUrlNotRequired": (drop(f"{SUBSCRIBE}/parameters/0/required"),),
    "WebhookPathHasOtherOperations": (clone("/connection", "/subscriptions", "ListSubscriptions"),),
    "WebhookUnsubscribeMissing": (drop("/paths/~1subscriptions~1{subscriptionId}"),),
    "NotificationExtensionNotSupportedInWebhookOperation": (
        put(f"{SUBSCRIBE}/x-ms-notification", {"operationId": "WhenTicketChanges"}),
    ),
    "NotificationExtensionSupportedForTriggerOnly": (
        put(f"{FIND}/x-ms-notification", {"operationId": "WhenTicketChanges"}),
    ),
    "NotificationOperationMustBeWebhook": (put(f"{POLL}/x-ms-notification", {"operationId": "FindTickets"}),),
    "ParamtersWithSameNameMustHaveSameTypeAndVisibility": (
        put(f"{POLL}/x-ms-notification", {"operationId": "WhenTicketChanges"}),
        put(f"{POLL}/parameters", [parameter("board", "query")]),
        append(f"{SUBSCRIBE}/parameters", parameter("board", "query", type="integer")),
    ),
}

ALSO: dict[str, set[str]] = {
    "OperationSchemaCountExceedsMaxAllowed": {"BodySchemaCountExceedsMaxAllowed"},
}


def widen(document: Document, times: int) -> None:
    """Give the update's body `times` properties of 500 properties each, and 20 more."""
    fields = {f"field{number}": text("Field", "One of many.") for number in range(500)}
    document["definitions"]["Wide"] = {"type": "object", "properties": fields}
    body = document["paths"]["/tickets/{ticketId}"]["patch"]["parameters"][2]["schema"]
    body["properties"] |= {f"wide{number}": {"$ref": "#/definitions/Wide"} for number in range(times)}
    body["properties"] |= {f"more{number}": text("More", "One of some.") for number in range(20)}


def deepen(document: Document, levels: int) -> None:
    """Nest objects in the ticket's title."""
    node = document["definitions"]["Ticket"]["properties"]["title"]
    for _ in range(levels):
        node["type"] = "object"
        node["properties"] = {"inner": text("Inner", "Inside.")}
        node = node["properties"]["inner"]
