"""Rules about triggers: webhooks with their notification URL, polling, hints and the shape of what starts a flow."""

import re

from workbench.checks.json_reading import mapping, text
from workbench.checks.power_platform.definition import Definition
from workbench.checks.power_platform.operation import Operation
from workbench.checks.power_platform.rulebook import Faults, rule
from workbench.checks.shapes import Field

_WHEN = re.compile(r"When (a|an|one|any|some|the|several)\b", re.IGNORECASE)
_TRIGGERS_WHEN = "this operation triggers when "


@rule("TriggerSummaryMustStartWithWhen", severity="warning")
def summary(definition: Definition) -> Faults:
    """Call a trigger "When a …": "When a ticket is created"."""
    for operation in definition.operations:
        if operation.is_trigger and operation.summary and not _WHEN.match(operation.summary):
            yield f"{operation.pointer}/summary", f"'{operation.summary}' does not begin with 'When a'."


@rule("TriggerDescriptionMustSayWhen", severity="warning")
def description(definition: Definition) -> Faults:
    """Begin the description with "This operation triggers when …"."""
    for operation in definition.operations:
        description = operation.description.lower()
        if operation.is_trigger and description and not description.startswith(_TRIGGERS_WHEN):
            yield f"{operation.pointer}/description", f"The description of '{operation.label}' begins otherwise."


@rule("TriggerHintMissing", severity="warning")
def hint(definition: Definition) -> Faults:
    """Add x-ms-trigger-hint: "To see it work now, …"."""
    for operation in definition.operations:
        if operation.is_trigger and not text(operation.node.get("x-ms-trigger-hint")):
            yield operation.pointer, f"The trigger '{operation.label}' does not say how to make it fire."


@rule("TriggerKindMissing")
def kind(definition: Definition) -> Faults:
    """Add "x-ms-trigger": "single" (or "batch"); without it the webhook is an action."""
    for operation in _subscriptions(definition):
        if not operation.is_trigger:
            yield operation.pointer, f"The webhook '{operation.label}' has no x-ms-trigger."


@rule("TriggerOutputNotSplittable")
def batch(definition: Definition) -> Faults:
    """Answer an array, or an object whose only visible property is one; mark the others (nextLink) internal."""
    for operation in definition.operations:
        output = operation.output_fields
        if operation.node.get("x-ms-trigger") == "batch" and output and not _leads_to_array(output, output[0]):
            yield operation.output[0], f"The output of '{operation.label}' does not lead to one list."


@rule("PollingTriggerMustBeFetch", severity="warning")
def polling_method(definition: Definition) -> Faults:
    """Poll with GET; the state travels in the Location header."""
    for operation in definition.operations:
        if operation.is_trigger and not operation.is_webhook and operation.method != "get":
            yield operation.pointer, f"The polling trigger '{operation.label}' is a {operation.method.upper()}."


@rule("PollingTriggerMetadataMissing", severity="warning")
def polling_metadata(definition: Definition) -> Faults:
    """Add "x-ms-trigger-metadata": {"kind": "query", "mode": "polling"}."""
    for operation in definition.operations:
        polls = mapping(operation.node.get("x-ms-trigger-metadata")).get("mode") == "polling"
        if operation.is_trigger and not operation.is_webhook and not polls:
            yield operation.pointer, f"The trigger '{operation.label}' does not say that it polls."


@rule("WebhookOperationsMissingNotificationUrlProperty")
def url_missing(definition: Definition) -> Faults:
    """Mark the body property that takes the callback URL with "x-ms-notification-url": true."""
    for operation in _subscriptions(definition):
        if not _notification_urls(operation):
            yield operation.pointer, f"The webhook '{operation.label}' has no notification URL property."


@rule("OperationMustHaveNotificationContentExtension")
def content_missing(definition: Definition) -> Faults:
    """Describe what is posted with x-ms-notification-content, beside the operation."""
    for operation in definition.operations:
        if _notification_urls(operation) and not operation.is_webhook:
            yield operation.pointer, f"'{operation.label}' takes a notification URL but has no notification content."


@rule("NotificationUrlNotAllowedInThisPosition")
def url_in_output(definition: Definition) -> Faults:
    """Mark a property of the input body only."""
    for operation in definition.operations:
        for field in operation.output_fields:
            if field.node.get("x-ms-notification-url") is True:
                yield field.pointer, f"The output of '{operation.label}' has a notification URL."


@rule("NotificationUrlNotString")
def url_type(definition: Definition) -> Faults:
    """Give the notification URL the type string."""
    for operation in definition.operations:
        for field in _notification_urls(operation):
            if field.type != "string":
                yield field.pointer, f"The notification URL of '{operation.label}' is {field.type or 'untyped'}."


@rule("NotificationUrlNotInternal")
def url_visible(definition: Definition) -> Faults:
    """Mark the notification URL (or what is around it) internal; the platform fills it in."""
    for operation in definition.operations:
        for field in _notification_urls(operation):
            if not field.internal:
                yield field.pointer, f"Makers see the notification URL of '{operation.label}'."


@rule("NotificationUrlNotRequired")
def url_optional(definition: Definition) -> Faults:
    """Require the notification URL and everything around it, the body included."""
    for operation in definition.operations:
        for field in _notification_urls(operation):
            if not field.required:
                yield field.pointer, f"The notification URL of '{operation.label}' is not required all the way up."


@rule("WebhookPathHasOtherOperations")
def shared_path(definition: Definition) -> Faults:
    """Move the other operations to another path; the designer gives every one of them the webhook's output."""
    for operation in definition.operations:
        if operation.is_webhook and operation not in _subscriptions(definition):
            yield operation.pointer, f"'{operation.label}' shares its path with a webhook."


@rule("WebhookUnsubscribeMissing", severity="warning")
def unsubscribe(definition: Definition) -> Faults:
    """Declare the internal DELETE operation to which the Location header of a subscription leads."""
    deletes = any(operation.method == "delete" and operation.internal for operation in definition.operations)
    for operation in _subscriptions(definition):
        if not deletes:
            yield operation.pointer, f"Nothing ends a subscription of '{operation.label}'."


@rule("NotificationExtensionNotSupportedInWebhookOperation")
def notification_in_webhook(definition: Definition) -> Faults:
    """Remove x-ms-notification; it belongs to the polling trigger of a poll-and-notify pair."""
    for operation in definition.operations:
        if operation.is_webhook and "x-ms-notification" in operation.node:
            yield f"{operation.pointer}/x-ms-notification", f"'{operation.label}' is a webhook itself."


@rule("NotificationExtensionSupportedForTriggerOnly")
def notification_without_trigger(definition: Definition) -> Faults:
    """Remove x-ms-notification, or make the operation a trigger."""
    for operation in definition.operations:
        if "x-ms-notification" in operation.node and not operation.is_trigger:
            yield f"{operation.pointer}/x-ms-notification", f"'{operation.label}' is not a trigger."


@rule("NotificationOperationMustBeWebhook")
def notification_target(definition: Definition) -> Faults:
    """Name a webhook operation in x-ms-notification."""
    for operation in definition.operations:
        target = _subscription_of(definition, operation)
        if target and not target.is_webhook:
            yield f"{operation.pointer}/x-ms-notification", f"'{target.label}' is not a webhook."


@rule("ParamtersWithSameNameMustHaveSameTypeAndVisibility")  # Microsoft's spelling
def fetch_and_subscribe(definition: Definition) -> Faults:
    """Give parameters of one name the same type and visibility in the fetch and the subscribe operation."""
    for operation in definition.operations:
        target = _subscription_of(definition, operation)
        theirs = {parameter.name: parameter.node for parameter in target.inputs} if target else {}
        for parameter in operation.inputs:
            other = theirs.get(parameter.name, parameter.node)
            if any(parameter.node.get(key) != other.get(key) for key in ("type", "x-ms-visibility")):
                yield parameter.pointer, f"'{parameter.name}' differs between fetch and subscribe."


def _subscriptions(definition: Definition) -> list[Operation]:
    """The webhook operations that take a notification URL; where none of a path does, all of that path."""
    takers = {operation.path for operation in definition.operations if _notification_urls(operation)}
    webhooks = [operation for operation in definition.operations if operation.is_webhook]
    return [webhook for webhook in webhooks if _notification_urls(webhook) or webhook.path not in takers]


def _notification_urls(operation: Operation) -> list[Field]:
    return [field for field in operation.body_fields if field.node.get("x-ms-notification-url") is True]


def _subscription_of(definition: Definition, operation: Operation) -> Operation | None:
    """The operation that the x-ms-notification of a polling trigger names."""
    return definition.by_id.get(text(mapping(operation.node.get("x-ms-notification")).get("operationId")))


def _leads_to_array(output: tuple[Field, ...], field: Field) -> bool:
    """Whether the designer can split: an array, or an object with exactly one visible property that leads to one."""
    depth = len(field.path)
    children = [child for child in output if child.path[:depth] == field.path and len(child.path) == depth + 1]
    visible = [child for child in children if not child.internal]
    return field.type == "array" or (len(visible) == 1 and _leads_to_array(output, visible[0]))
