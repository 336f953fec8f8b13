"""Rules about versions: families of operations, their revisions, and how one of them is retired."""

from collections import Counter

from workbench.checks.json_reading import mapping, text
from workbench.checks.power_platform.definition import Definition
from workbench.checks.power_platform.operation import Operation
from workbench.checks.power_platform.rulebook import Faults, rule

MAX_ACTIVE = 2


@rule("ApiAnnotationMissing", severity="warning")
def annotated(definition: Definition) -> Faults:
    """Add x-ms-api-annotation with family and revision, so that a second version can join the first."""
    for operation in definition.operations:
        if not (operation.internal or operation.is_agentic) and not operation.annotation.get("family"):
            yield operation.pointer, f"'{operation.label}' belongs to no family of versions."


@rule("OperationRevisionEmpty", severity="warning")
def revision_missing(definition: Definition) -> Faults:
    """Add a revision, beginning with 1."""
    for operation in definition.operations:
        if operation.annotation.get("family") and "revision" not in operation.annotation:
            yield f"{operation.pointer}/x-ms-api-annotation", f"'{operation.label}' has a family but no revision."


@rule("OperationIdShouldEndWithRevision")
def revision_suffix(definition: Definition) -> Faults:
    """End the id of revision n with "_Vn", from the second revision on."""
    for operation in definition.operations:
        revision = operation.annotation.get("revision")
        if isinstance(revision, int) and revision > 1 and not operation.id.endswith(f"_V{revision}"):
            yield f"{operation.pointer}/operationId", f"'{operation.label}' is revision {revision}."


@rule("OperationFamilyHasDuplicateRevisions")
def revision_twice(definition: Definition) -> Faults:
    """Give each operation of a family a revision of its own."""
    for family, members in _families(definition).items():
        revisions = Counter(member.annotation["revision"] for member in members if _revision(member) is not None)
        for revision in (revision for revision, count in revisions.items() if count > 1):
            yield "/paths", f"The family '{family}' has several operations of revision {revision}."


@rule("OperationFamilyHasManyEmptyRevisions")
def many_without_revision(definition: Definition) -> Faults:
    """Number the revisions; only one operation of a family may have none."""
    for family, members in _families(definition).items():
        if sum("revision" not in member.annotation for member in members) > 1:
            yield "/paths", f"The family '{family}' has several operations without a revision."


@rule("OperationFamilyHasManyActiveOperations")
def many_active(definition: Definition) -> Faults:
    """Deprecate the older ones; a family has at most two operations that are not deprecated."""
    for family, members in _families(definition).items():
        if sum(not member.deprecated for member in members) > MAX_ACTIVE:
            yield "/paths", f"The family '{family}' has more than {MAX_ACTIVE} active operations."


@rule("OperationFamilyHasManyActiveProductionOperations", severity="warning")
def many_in_production(definition: Definition) -> Faults:
    """Deprecate the earlier revision once its successor is in Production."""
    for family, members in _families(definition).items():
        active = [
            member for member in members if not member.deprecated and member.annotation.get("status") == "Production"
        ]
        if len(active) > 1:
            yield "/paths", f"The family '{family}' has {len(active)} active operations in Production."


@rule("OperationStatusAheadOfConnector")
def ahead(definition: Definition) -> Faults:
    """Leave the operation in Preview as long as the connector is."""
    connector = mapping(definition.info.get("x-ms-api-annotation")).get("status")
    for operation in definition.operations:
        if connector == "Preview" and operation.annotation.get("status") == "Production":
            yield f"{operation.pointer}/x-ms-api-annotation", f"'{operation.label}' is ahead of the connector."


@rule("ApiAnnotationExtensionReplacementInfoForNonDeprecatedOperations")
def replacement_too_early(definition: Definition) -> Faults:
    """Mark the operation "deprecated": true, or remove the replacement."""
    for operation in definition.operations:
        if "replacement" in operation.annotation and not operation.deprecated:
            yield f"{operation.pointer}/x-ms-api-annotation", f"'{operation.label}' has a replacement but is active."


@rule("ApiAnnotationExtensionReplacementInfoMissingApiProperty")
def replacement_api(definition: Definition) -> Faults:
    """Name the connector of the replacement under 'api'."""
    yield from _replacements_without(definition, "api")


@rule("ApiAnnotationExtensionReplacementInfoMissingOperationIdProperty")
def replacement_operation(definition: Definition) -> Faults:
    """Name the operation that replaces it under 'operationId'."""
    yield from _replacements_without(definition, "operationId")


@rule("DeprecatedOperationNotMarked")
def marked(definition: Definition) -> Faults:
    """Append "(deprecated)" to summary and description, which makers read."""
    for operation in definition.operations:
        for key, prose in (("summary", operation.summary), ("description", operation.description)):
            if operation.deprecated and "(deprecated)" not in prose.lower():
                yield operation.pointer, f"The {key} of '{operation.label}' does not say that it is deprecated."


@rule("DeprecatedMarkWithoutDeprecation")
def marked_only(definition: Definition) -> Faults:
    """Set "deprecated": true, or remove "(deprecated)" from the text."""
    for operation in definition.operations:
        if not operation.deprecated and "(deprecated)" in f"{operation.summary} {operation.description}".lower():
            yield operation.pointer, f"'{operation.label}' only says that it is deprecated."


def _families(definition: Definition) -> dict[str, list[Operation]]:
    families: dict[str, list[Operation]] = {}
    for operation in definition.operations:
        if family := text(operation.annotation.get("family")):
            families.setdefault(family, []).append(operation)
    return families


def _revision(operation: Operation) -> int | None:
    revision = operation.annotation.get("revision")
    return revision if isinstance(revision, int) else None


def _replacements_without(definition: Definition, key: str) -> Faults:
    for operation in definition.operations:
        if "replacement" in operation.annotation and not mapping(operation.annotation["replacement"]).get(key):
            at = f"{operation.pointer}/x-ms-api-annotation/replacement"
            yield at, f"The replacement of '{operation.label}' has no '{key}'."
